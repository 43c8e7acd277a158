"""
An answer as it may be typed, for each item: what a refusal shows. The parser takes every one.
"""

from datetime import date
from decimal import Decimal

from bot.rules.items import BloodPressure, Bool, Choice, Date, Item, Number, Several
from bot.texts import Words

_PRESSURE = "165/112"
_MOST = Decimal(500)
"""Thousands are written with a comma in English, which could be a decimal sign."""
_DAY = date(2025, 5, 3)


def example(item: Item, words: Words, problem: str = "") -> str:
    """
    An answer in a language; where options were left out ("part"), one for each option.
    """
    match item:
        case Bool():
            return words.plain("value.yes")
        case Choice(options=options):
            return words.plain(f"option.{item.key}.{options[0]}")
        case Several(options=options) if problem == "part":
            names = (words.plain(f"option.{item.key}.{option}") for option in options)
            return " + ".join(f"{name}: neg" for name in names)
        case Several():
            return words.plain("value.none")
        case Date():
            return words.day(_DAY)
        case BloodPressure():
            return _PRESSURE
        case Number():
            low, high = item.soft or item.hard
            return words.quantity(min((low + high) // 2, _MOST), item.unit)
    raise TypeError(f"no example for a {type(item).__name__}")
