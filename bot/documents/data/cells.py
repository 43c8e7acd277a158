"""
Answers as cells of a table: one column an item, numbers as numbers, days as days.

A number has a column more for the sign by which it is a bound, and for the upper end of a range; one that may be given
over its upper limit of normal has two for both. What is no plain value stands as text: "awaited" where a result is not
available yet, "not measurable", and a month or an unsettled classification as it was entered.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from bot.documents.stated import COMPARATOR, NUMBER, RESULT, TO, UPPER, Stated, stated
from bot.rules import file_form
from bot.rules.frozen import Frozen
from bot.rules.items import BloodPressure, Bool, Date, Item, Number, Several
from bot.rules.values import MonthEnd, Pressure

Cell: TypeAlias = str | bool | int | Decimal | date | datetime | None

AWAITED, NONE = "awaited", "none"
BETWEEN = ", "
"""Between the options chosen."""

SYSTOLIC, DIASTOLIC = "systolic", "diastolic"
_WHOLE = frozenset({"", NUMBER, SYSTOLIC, DIASTOLIC})
"""The parts that are of every answer."""


class CellPlace(Frozen):
    """
    A column of an item. `part` is what of it stands there: a side of a blood pressure, or a part of a number; `unit`
    that of the numbers in it.
    """

    item: Item
    part: str = ""
    unit: str = ""

    @property
    def said(self) -> str:
        """
        The part, where it is no whole answer.
        """
        return "" if self.part == NUMBER else self.part

    @property
    def name(self) -> str:
        """
        The heading: the item's key, and the unit.
        """
        part = f"_{self.said}" if self.said else ""
        return f"{self.item.key}{part} ({self.unit})" if self.unit else f"{self.item.key}{part}"


def places(item: Item) -> list[CellPlace]:
    """
    The columns of an item: one, but the two pressures, and of a number its parts; some of them for each unit where the
    protocol states a limit in each.
    """
    match item:
        case BloodPressure():
            return [CellPlace(item, side, "mmHg") for side in (SYSTOLIC, DIASTOLIC)]
        case Number():
            units = (item.unit, *item.units) if item.as_entered else (item.unit,)
            over = [CellPlace(item, part) for part in (RESULT, UPPER)] if item.over_upper else []
            numbers, ends = ([CellPlace(item, part, unit) for unit in units] for part in (NUMBER, TO))
            return [*numbers, CellPlace(item, COMPARATOR), *ends, *over]
    return [CellPlace(item)]


def cells(item: Item, raw: object) -> list[Cell]:
    """
    An answer in file form, as the cells of its places.
    """
    return list(by_place(item, raw).values())


def by_place(item: Item, raw: object) -> dict[CellPlace, Cell]:
    """
    The same, each with its place.
    """
    found = places(item)
    if raw is None:
        return {place: AWAITED if place.part in _WHOLE else None for place in found}
    value = item.read(raw)
    if isinstance(value, Pressure):
        return dict(zip(found, (value.systolic, value.diastolic), strict=True))
    if isinstance(item, Number) and (told := stated(item, raw)).number is not None:
        return {place: _part(place, told) for place in found}
    return {place: None if at else _cell(item, raw, value) for at, place in enumerate(found)}


def _part(place: CellPlace, told: Stated) -> Cell:
    if place.unit not in {"", told.unit}:
        return None
    part: Cell = getattr(told, place.part)
    return None if part == "" else part


def _cell(item: Item, raw: object, value: object) -> Cell:
    match item, value:
        case Several(), _ if isinstance(raw, list):
            return BETWEEN.join(raw) or NONE
        case Date(), date() if not isinstance(value, MonthEnd):
            return value
        case Bool(), bool():
            return value
    return raw if isinstance(raw, str) else file_form.dumps(raw)
