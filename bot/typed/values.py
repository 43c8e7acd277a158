"""
What a coordinator types in the chat, in English or French, turned into an answer in file form.

Nothing is guessed: text that can be read in two ways is refused or handed back as a slip for the person to confirm, and
a unit is taken only where the item declares it. What was typed never stands in an error.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

from bot.rules.items import (
    BadValueError,
    BloodPressure,
    Bool,
    Choice,
    Date,
    Item,
    Number,
    Problem,
    Raw,
    Several,
    Value,
)
from bot.rules.protocol import Kind
from bot.typed.days import read_day
from bot.typed.letters import fold
from bot.typed.personal import Personal, personal

LONGEST = 200

Refusal: TypeAlias = Problem | Literal["ambiguous_number", "personal"]


@dataclass(frozen=True)
class Entry:
    """
    An answer as understood. `raw` is its file form: what Item.read takes, with the unit under its declared name.

    `is_unusual`: outside the usual range, to be confirmed. `was_converted`: in another unit than the default, to be
    echoed as understood.
    """

    raw: Raw
    value: Value
    is_unusual: bool = False
    was_converted: bool = False


@dataclass(frozen=True)
class Slip:
    """
    A number that most likely lacks its unit: what was probably meant, to be confirmed, in file form and as a value.
    """

    raw: str
    value: Value


class EntryRefusedError(ValueError):
    """
    Text that the item does not take.

    `problem` is one of BadValueError's, "ambiguous_number" (1,250 is 1250 or 1.25), or "personal", with `personal`
    naming the kind. `str()` names the item and the problem, never the text.
    """

    def __init__(self, item: Item, problem: Refusal, *, personal: Personal | None = None) -> None:
        super().__init__(f"{item.key}: {problem}" + (f" ({personal})" if personal else ""))
        self.item = item
        self.problem: Refusal = problem
        self.personal = personal


def parse(item: Item, text: str, *, today: date) -> Entry | Slip:
    """
    The answer that was typed. English and French are read alike, whatever the person's language.

    Raises EntryRefusedError. Personal data is looked for only in text that is no value.
    """
    if len(text) > LONGEST:
        raise EntryRefusedError(item, "type")
    try:
        return _read(item, _plain(item, text), today)
    except BadValueError as bad:
        refusal = EntryRefusedError(item, bad.problem)
    except EntryRefusedError as refused:
        refusal = refused
    if not _names_the_item(item, text) and (kind := personal(text)):
        refusal = EntryRefusedError(item, "personal", personal=kind)
    raise refusal


_SUPERSCRIPTS = str.maketrans({"\u00b2": "^2", "\u00b3": "^3", "\u2076": "^6", "\u2079": "^9"})


def _plain(item: Item, text: str) -> str:
    text = text.translate(_SUPERSCRIPTS)
    for character in text:
        if not character.isascii() and any(map(str.isnumeric, unicodedata.normalize("NFKC", character))):
            raise EntryRefusedError(item, "type")
    return unicodedata.normalize("NFKC", text).strip().removesuffix(".").rstrip()


def _names_the_item(item: Item, text: str) -> bool:
    options = item.options if isinstance(item, Choice | Several) else ()
    known = {word for name in (item.key, *options) for word in name.split("_")}
    return known.issuperset(fold(text).replace("_", " ").split())


def _read(item: Item, text: str, today: date) -> Entry | Slip:
    match item:
        case Number():
            return _number(item, text)
        case BloodPressure():
            return _pressure(item, text)
        case Date():
            return _day(item, text, today)
        case Bool():
            return _bool(item, text)
        case Several():
            return _several(item, text)
        case Choice():
            return Entry(text, item.read(text))
        case _:
            raise EntryRefusedError(item, "type")


YES = frozenset({"yes", "y", "oui", "o"})
NO = frozenset({"no", "n", "non"})
_KINDS = {
    "recipient": Kind.RECIPIENT,
    "receveur": Kind.RECIPIENT,
    "receveuse": Kind.RECIPIENT,
    "donor": Kind.DONOR,
    "donneur": Kind.DONOR,
    "donneuse": Kind.DONOR,
}
NONE = frozenset({"none", "aucun", "aucune"})


def kind_in(text: str) -> Kind | None:
    """
    The kind of case that a text names, in either language and as far as it was typed.
    """
    word = fold(text)
    return next((kind for name, kind in _KINDS.items() if word and name.startswith(word)), None)


def is_yes(text: str) -> bool:
    """
    Whether a text says yes, in either language.
    """
    return fold(text) in YES


def _bool(item: Bool, text: str) -> Entry:
    word = fold(text)
    if word not in YES | NO:
        raise EntryRefusedError(item, "type")
    return Entry(word in YES, word in YES)


def _several(item: Several, text: str) -> Entry:
    if fold(text) not in NONE:
        raise EntryRefusedError(item, "option")
    return Entry([], item.read([]))


def _day(item: Date, text: str, today: date) -> Entry:
    day = read_day(text, today=today)
    if day is None:
        raise EntryRefusedError(item, "type")
    value = item.read(day.isoformat())
    item.check_past(value, today)
    return Entry(day.isoformat(), value)


_PRESSURE = re.compile(r"(\d{1,4}) *(?:/|over|sur) *(\d{1,4})(?!\d)", re.ASCII | re.IGNORECASE)


def _pressure(item: BloodPressure, text: str) -> Entry:
    match = _PRESSURE.match(text)
    if match is None:
        raise EntryRefusedError(item, "type")
    rest = text[match.end() :].strip()
    if rest and _folded_unit(rest) != "mmhg":
        raise EntryRefusedError(item, "unit" if _is_like_a_unit(rest) else "type")
    raw = f"{match[1]}/{match[2]}"
    value = item.read(raw)
    return Entry(raw, value, is_unusual=item.is_unusual(value))


_NUMBER = re.compile(
    r"(?P<whole>[1-9]\d{0,2}(?: \d{3}){1,4}(?!\d)|\d{1,15}(?!\d))(?:[.,](?P<decimals>\d{1,15})(?!\d))?", re.ASCII
)
_THOUSANDS_OR_DECIMALS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}", re.ASCII)

SLIPS: dict[str, tuple[Callable[[Decimal], bool], str]] = {
    "haemoglobin": (lambda number: 30 <= number <= 250, "g/L"),  # noqa: PLR2004  a row of the table
    "platelets": (lambda number: number > 3000, "/mm3"),  # noqa: PLR2004  a row of the table
    "cd4": (lambda number: 0 < number < 5, "G/L"),  # noqa: PLR2004  a row of the table
}
"""By item: which numbers without a unit are slips, and the unit that was meant."""


def _number(item: Number, text: str) -> Entry | Slip:
    match = _NUMBER.match(text)
    if match is None:
        raise EntryRefusedError(item, "type")
    rest = text[match.end() :].strip()
    unit = spellings(item).get(_folded_unit(rest)) if rest else item.unit
    if unit is None:
        raise EntryRefusedError(item, "unit" if _is_like_a_unit(rest) else "type")
    if _THOUSANDS_OR_DECIMALS.fullmatch(match[0]):
        raise EntryRefusedError(item, "ambiguous_number")
    number = Decimal(f"{match['whole'].replace(' ', '')}.{match['decimals'] or ''}")
    is_slip, meant = SLIPS.get(item.key, (None, ""))
    if is_slip and not rest and is_slip(number):
        raw = f"{number:f} {meant}"
        return Slip(raw, item.read(raw))
    was_converted = unit != item.unit
    written: Raw = f"{number:f} {unit}" if was_converted else number
    value = item.read(written)
    return Entry(written, value, is_unusual=item.is_unusual(value), was_converted=was_converted)


ALSO_WRITTEN = {
    "y": ("yr", "yrs", "year", "years", "years old", "an", "ans"),
    "h": ("hr", "hrs", "hour", "hours", "heure", "heures"),
    "points": ("point", "pt", "pts"),
    "%": ("percent", "per cent", "pour cent"),
    "% predicted": ("% pred", "% of predicted", "% théorique", "% th", "% de la théorique", "% de la valeur théorique"),
    "x ULN": ("ULN", "times ULN", "x LSN", "LSN", "fois la LSN", "x N", "N", "fois la normale"),
    "mL/min/m2": ("mL/mn/m2",),
    "10^9/L": ("x 10^9/L",),
    "10^6/L": ("x 10^6/L",),
    "G/L": ("Giga/L", "Giga/litre"),
    "/mm3": ("per mm3", "par mm3", "cells/mm3", "cellules/mm3"),
    "cells/uL": ("/uL", "per uL", "par uL", "cell/uL", "cellules/uL"),
}
"""By declared spelling: other ways to write the same unit. Equal units of another name are for the item to declare."""


def spellings(item: Number) -> dict[str, str]:
    """
    The declared unit for every spelling that is accepted, spellings without case, accents and spaces.
    """
    declared = {item.unit: item.unit, **dict.fromkeys(item.aliases, item.unit), **{unit: unit for unit in item.units}}
    return {
        _folded_unit(spelling): unit
        for name, unit in declared.items()
        for spelling in (name, *ALSO_WRITTEN.get(name, ()))
    }


def _folded_unit(text: str) -> str:
    folded = fold(text).replace(" ", "")
    return folded.replace("\u03bc", "u").replace("\u00d7", "x").replace("m^", "m")


_STARTS_LIKE_A_UNIT = re.compile(r"(?!e\d)(?:[^\W_]|[%/\u00d7])", re.IGNORECASE)
_DIGITS_OF_A_UNIT = re.compile(r"(?:[x\u00d7] ?)?10\^\d{1,2}|(?<=[a-z])\^?\d|(?<=[a-z]/)\d+(?:[.,]\d+)?", re.IGNORECASE)


def _is_like_a_unit(rest: str) -> bool:
    name = _DIGITS_OF_A_UNIT.sub("", rest)
    has_name = any(character.isalpha() or character in "%/" for character in name)
    return bool(_STARTS_LIKE_A_UNIT.match(rest)) and has_name and not any(map(str.isdigit, name))
