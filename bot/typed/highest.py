"""
Items that stand for the highest of several results: which of these a name names, and the highest of those given.
"""

import re
from decimal import Decimal
from fractions import Fraction

from bot.rules.items import Item
from bot.rules.values import Ratio
from bot.typed.letters import fold
from bot.typed.tables import table
from bot.typed.values import Entry, Slip

_WORD = re.compile(r"[a-z]+")


def part_named(item: Item, name: str) -> str:
    """
    The one result that a name names, of an item that stands for the highest of several; empty for any other name.
    """
    parts: dict[str, list[str]] = table("answers")["highest"].get(item.key, {})
    said = set(_WORD.findall(fold(name)))
    named = [part for part, names in parts.items() if said.intersection(names)]
    return named[0] if len(named) == 1 else ""


def alone(entry: Entry | Slip) -> Entry | Slip:
    """
    A result that was given without the others, to be confirmed as the highest.
    """
    if isinstance(entry, Slip) or entry.raw is None:
        return entry
    return Slip(entry.raw, entry.value, "highest")


def size(entry: Entry | Slip) -> Fraction | None:
    """
    How high a result is; None where it is not one number that needs no confirmation.
    """
    match entry:
        case Entry(value=Decimal() as number):
            return Fraction(number)
        case Entry(value=Ratio(value, upper)):
            return Fraction(value) / Fraction(upper)
    return None
