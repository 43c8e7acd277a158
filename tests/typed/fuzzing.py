"""
Lines as nobody would write them, and whether what was read stands in them.
"""

import random
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from bot.rules.items import BloodPressure, Choice, Date, Number, Several
from bot.rules.versions import LATEST
from bot.typed.answers import option_of
from bot.typed.found import Found
from bot.typed.letters import fold
from bot.typed.sheets import read_list
from bot.typed.tables import table

_ORDERLY, _NOISE = 0.7, 0.3
TODAY = date(2026, 5, 10)
_NAMES = [name for names in table("names").values() for name in names] + table("beside")["names"]
_UNITS = [unit for units in table("units")["written"].values() for unit in units]
_MARKS = (
    "oui non yes no F H s\u0153ur Dupont environ ~ < <= > >= \u2264 entre et to - \u2013 sur / * H L \u2191 (N<40)",
    "[10-20] 12/10 3/5/26 hier lundi 2026-03 ; : = , . .. ... ( ) + ? % x10^9/L \uff15\uff18 \u0665\u0668",
    "5\u00b2 \u00bd \u2212 165/112 16/9 120/40 1,250 12h30 pos neg",
)
_PHRASES = "\t|\u00a0|\u200b|\n|1 250|90 min|not measurable|VIH neg|HTLV en attente|il y a 3 semaines|66 % 2,1 L"
_WORDS = [
    *table("answers")["awaited"],
    *table("answers")["none"],
    *(name for names in table("answers")["sources"].values() for name in names),
    *(mark for marks in _MARKS for mark in marks.split()),
    *_PHRASES.split("|"),
]


def lines(seed: int, count: int) -> Iterator[str]:
    """
    So many lines, always the same for a seed.
    """
    chance = random.Random(seed)  # noqa: S311  no secret
    for _ in range(count):
        pieces = (_value if chance.random() < _ORDERLY else _piece for _ in range(chance.randint(1, 5)))
        yield "".join(piece(chance) + chance.choice((" ", " ", " ", "", ", ", "\n")) for piece in pieces)


def _value(chance: random.Random) -> str:
    """
    A name and what may be its value.
    """
    item = chance.choice((*LATEST.recipient.items, *LATEST.donor.items))
    name = chance.choice((item.key, *table("names").get(item.key, ())))
    number = f"{chance.randint(0, 200)}{chance.choice(('', '', ',5', '.25', '/40', '-300'))}"
    unit = chance.choice((item.unit, *item.units)) if isinstance(item, Number) and chance.random() < _ORDERLY else ""
    value = number if isinstance(item, Number | BloodPressure) else chance.choice(_WORDS)
    return (
        f"{name}{chance.choice((' ', ': ', ' = '))}{value} {unit} {_piece(chance) if chance.random() < _NOISE else ''}"
    )


def _piece(chance: random.Random) -> str:
    match chance.randrange(8):
        case 0 | 1 | 2:
            name = chance.choice(_NAMES)
            return name.upper() if chance.random() < 0.2 else name
        case 3 | 4:
            number = f"{chance.choice((chance.randint(0, 30), chance.randint(0, 400), chance.randint(0, 10**6)))}"
            return number + (f"{chance.choice('.,')}{chance.randint(0, 99)}" if chance.random() < 0.4 else "")
        case 5:
            return chance.choice(_UNITS)
        case 6:
            return chance.choice(_WORDS)
        case _:
            return chr(chance.choice((chance.randrange(32, 127), chance.randrange(160, 0x3000))))


def check(line: str) -> int:
    """
    Read a line for both kinds of case, see that each value stands in its text, and say how many there are.
    """
    number = 0
    for population in (LATEST.recipient, LATEST.donor):
        sheet = read_list(line, population, today=TODAY)
        for found in (*sheet.found, *(choice for unsure in sheet.unsure for choice in unsure.choices)):
            number += 1
            if found.entry.raw is not None:
                assert found.item.read(found.entry.raw) == found.entry.value, line
                assert _holds(found), (line, found)
    return number


def _holds(found: Found) -> bool:
    text = unicodedata.normalize("NFKC", found.text)
    raw, item = found.entry.raw, found.item
    digits = "".join(filter(str.isdigit, text))
    match item:
        case BloodPressure():
            ends = [int(end) for end in str(raw).split("/")]
            return all(
                str(end) in digits or f"{Decimal(end) / 10:f}".replace(".", "").rstrip("0") in digits for end in ends
            )
        case Number(unit="h") if isinstance(raw, Decimal) and str(raw).replace(".", "") not in digits:
            return bool(re.search(r"min|mn|h|j|d", fold(text)))
        case Number():
            numbers = re.findall(r"\d+(?:\.\d+)?", str(raw).partition(" ")[0])
            return raw == "not measurable" or all(one.replace(".", "").lstrip("0") in digits for one in numbers)
        case Date():
            return any(map(str.isalnum, text))
        case Several():
            said = {option_of(item, word) for word in re.split(r"[^\w/-]+", text)}
            return not raw or bool(said - {None}) or len(text.split()) > 1
        case Choice():
            return bool(text.strip())
    return bool(text.strip())
