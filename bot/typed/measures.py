"""
Values with a number in them, as file forms: numbers with units, values over their upper limit, times, blood pressures.
"""

import re
from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal
from typing import Literal, TypeAlias

from bot.rules.frozen import Frozen
from bot.rules.items import BloodPressure, Number, Problem
from bot.typed.answers import is_said
from bot.typed.letters import fold
from bot.typed.numbers import NUMBER, Separator, TwoReadingsError, amount_at, decimal_of
from bot.typed.units import folded_unit, foreign, refused_units, spellings

Doubt: TypeAlias = Literal["unit", "cmhg", "approximate"]

OVER_UPPER = "x ULN"
HOURS = "h"


class NotRead(ValueError):  # noqa: N818  what is not read is no error of the program
    """
    Text that is no such value.
    """

    def __init__(self, problem: Problem | Literal["ambiguous_number", "upper_limit"]) -> None:
        super().__init__(problem)
        self.problem = problem


class Measured(Frozen):
    """
    A value in file form, and what about it is to be confirmed.
    """

    raw: object
    doubt: Doubt | None = None
    was_converted: bool = False


def read(item: Number | BloodPressure, text: str, mark: Separator | None = None) -> Measured:
    """
    The value that a text writes, with the `mark` before three digits taken for what it says. Raises NotRead.
    """
    folded = fold(text)
    try:
        return _pressure(folded) if isinstance(item, BloodPressure) else _number(item, folded, text, mark)
    except TwoReadingsError:
        raise NotRead("ambiguous_number") from None


SLIPS: dict[str, tuple[Callable[[Decimal], bool], str]] = {
    "haemoglobin": (lambda number: 30 <= number <= 250, "g/L"),  # noqa: PLR2004  a row of the table
    "neutrophils": (lambda number: number > 200, "/mm3"),  # noqa: PLR2004  a row of the table
    "platelets": (lambda number: number > 3000, "/mm3"),  # noqa: PLR2004  a row of the table
    "cd4": (lambda number: 0 < number < 5, "G/L"),  # noqa: PLR2004  a row of the table
}
"""By item: which numbers without a unit are slips, and the unit that was meant."""

_OVER = re.compile(
    rf"(?P<value>{NUMBER}) ?(?P<unit>[^\d ]\S*)? ?(?:/|sur|pour) ?(?P<upper>{NUMBER}) ?(?P<same>\S+)?", re.ASCII
)


def _number(item: Number, text: str, typed: str, mark: Separator | None) -> Measured:
    if is_said(typed, "not_measurable"):
        return Measured("not measurable")
    if item.unit == OVER_UPPER and (over := _over_upper(item, text, mark)):
        return over
    if item.unit == HOURS and (hours := _hours(text)):
        return hours
    amount = amount_at(text, mark)
    if amount is None:
        raise NotRead("type")
    unit = spellings(item).get(folded_unit(amount.rest)) if amount.rest else item.unit
    if unit is None:
        known = refused_units(item).get(folded_unit(amount.rest))
        if item.unit == OVER_UPPER and folded_unit(amount.rest) in foreign(item):
            raise NotRead("upper_limit")
        is_more = folded_unit(re.split("[,;]", amount.rest, maxsplit=1)[0]) in spellings(item)
        raise NotRead(known or ("unit" if is_like_a_unit(amount.rest) and not is_more else "type"))
    was_converted = unit != item.unit
    doubt: Doubt | None = "approximate" if amount.is_about else None
    is_slip, meant = SLIPS.get(item.key, (None, ""))
    if is_slip and not amount.rest and amount.is_exact and meant in spellings(item).values() and is_slip(amount.number):
        return Measured(f"{amount.written()} {meant}", "unit")
    written: object = amount.number if amount.is_exact and not was_converted else amount.written()
    return Measured(f"{written} {unit}" if was_converted else written, doubt, was_converted)


def _over_upper(item: Number, text: str, mark: Separator | None) -> Measured | None:
    """
    A value over the upper limit of normal, in one unit: 120/40, 120 U/L / 40.
    """
    match = _OVER.fullmatch(text)
    if match is None:
        return None
    units = {folded_unit(unit) for unit in (match["unit"], match["same"]) if unit}
    if len(units) > 1 or not units <= foreign(item):
        return None
    return Measured(f"{decimal_of(match['value'], mark):f}/{decimal_of(match['upper'], mark):f}")


_SPELLED_HOURS = r"h|hrs?|hours?|heures?"
_SPELLED_MINUTES = r"min|mins|minutes?|mn"
_TIME = re.compile(
    rf"(?:(?P<days>\d{{1,3}}) ?(?:j|jours?|d|days?))? ?(?:(?P<hours>\d{{1,4}}) ?(?:{_SPELLED_HOURS}))? ?"
    rf"(?:(?P<minutes>\d{{1,4}}) ?(?:{_SPELLED_MINUTES})?)?",
    re.ASCII,
)
_FINEST_HOUR = Decimal("0.0001")


def _hours(text: str) -> Measured | None:
    """
    A time in days, hours and minutes, in hours; None for hours alone, which are a number like any other.
    """
    match = _TIME.fullmatch(text)
    if match is None or not (match["days"] or match["minutes"]):
        return None
    days, hours, minutes = (int(match[part] or 0) for part in ("days", "hours", "minutes"))
    if text[-1:].isdigit() and not (match["hours"] and len(match["minutes"]) == len("30") and minutes < 60):  # noqa: PLR2004
        return None
    exact = Decimal(days * 24 + hours) + Decimal(minutes) / 60
    return Measured(exact.quantize(_FINEST_HOUR, ROUND_DOWN).normalize() + 0, was_converted=True)


_OVER_PRESSURE = r" ?[/\\] ?| ?[-\u2013] ?| (?:over|sur) | "
_PRESSURE = re.compile(rf"(\d{{1,4}})(?:{_OVER_PRESSURE})(\d{{1,4}})(?![\d.,])", re.ASCII)
_CENTIMETRES = re.compile(rf"(\d{{1,2}}(?:[.,]\d)?)(?:{_OVER_PRESSURE})(\d{{1,2}}(?:[.,]\d)?)(?![\d.,])(.*)", re.ASCII)
_MOST_CENTIMETRES = 30


def _pressure(text: str) -> Measured:
    """
    Systolic over diastolic in mmHg; or in cmHg, as French wards say it, which is confirmed.
    """
    if (match := _CENTIMETRES.fullmatch(text)) and folded_unit(match[3]) in {"", "cmhg", "cm", "cmdehg"}:
        systolic, diastolic = (Decimal(part.replace(",", ".")) for part in match.groups()[:2])
        if diastolic < systolic <= _MOST_CENTIMETRES:
            return Measured(f"{systolic * 10:f}/{diastolic * 10:f}".replace(".0", ""), "cmhg")
    match = _PRESSURE.match(text)
    if match is None:
        raise NotRead("type")
    rest = text[match.end() :].strip()
    if rest and folded_unit(rest) not in {"mmhg", "mm[hg]"}:
        raise NotRead("unit" if is_like_a_unit(rest) else "type")
    return Measured(f"{int(match[1])}/{int(match[2])}")


_STARTS_LIKE_A_UNIT = re.compile(r"(?!e\d)(?:[^\W_]|[%/\u00d7])", re.IGNORECASE)
_DIGITS_OF_A_UNIT = re.compile(
    r"(?:[x\u00d7] ?)?10[\^*]\d{1,2}|(?<=[a-z])\^?\d|(?<=[a-z]/)\d+(?:[.,]\d+)?|\{[^}]*\}", re.IGNORECASE
)


def is_like_a_unit(rest: str) -> bool:
    """
    Whether what follows a number has the form of a unit.
    """
    name = _DIGITS_OF_A_UNIT.sub("", rest)
    has_name = any(character.isalpha() or character in "%/" for character in name)
    return bool(_STARTS_LIKE_A_UNIT.match(rest)) and has_name and not any(map(str.isdigit, name))
