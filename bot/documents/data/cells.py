"""
Answers as cells of a table: one column an item, numbers as numbers, days as days.

What is no plain value stands as text: "awaited" where a result is not available yet, and an imprecise number, a month
or an unsettled classification as it was entered.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from bot.rules import file_form
from bot.rules.frozen import Frozen
from bot.rules.items import BloodPressure, Bool, Date, Item, Number, Several
from bot.rules.values import MonthEnd, Pressure, Quantity

Cell: TypeAlias = str | bool | int | Decimal | date | datetime | None

AWAITED, NONE = "awaited", "none"
BETWEEN = ", "
"""Between the options chosen."""

SYSTOLIC, DIASTOLIC = "systolic", "diastolic"


class CellPlace(Frozen):
    """
    A column of an item: `part` is the unit where the item has a column for each, or a side of a blood pressure.
    """

    item: Item
    part: str = ""

    @property
    def unit(self) -> str:
        """
        The unit of the numbers in it.
        """
        if isinstance(self.item, BloodPressure):
            return "mmHg"
        return self.part or (self.item.unit if isinstance(self.item, Number) else "")

    @property
    def name(self) -> str:
        """
        The heading: the item's key, and the unit.
        """
        side = f"_{self.part}" if isinstance(self.item, BloodPressure) else ""
        return f"{self.item.key}{side} ({self.unit})" if self.unit else f"{self.item.key}{side}"


def places(item: Item) -> list[CellPlace]:
    """
    The columns of an item: one, but for each unit where the protocol states a limit in each, and the two pressures.
    """
    match item:
        case BloodPressure():
            return [CellPlace(item, SYSTOLIC), CellPlace(item, DIASTOLIC)]
        case Number(as_entered=True):
            return [CellPlace(item, unit) for unit in (item.unit, *item.units)]
    return [CellPlace(item)]


def cells(item: Item, raw: object) -> list[Cell]:
    """
    An answer in file form, as the cells of its places.
    """
    columns = places(item)
    if raw is None:
        return [AWAITED] * len(columns)
    value = item.read(raw)
    match value:
        case Pressure():
            return [value.systolic, value.diastolic]
        case Quantity(Decimal() as number, unit):
            return [number if place.unit == unit else None for place in columns]
    return [_cell(item, raw, value), *[None] * (len(columns) - 1)]


def _cell(item: Item, raw: object, value: object) -> Cell:
    match item, value:
        case Several(), _ if isinstance(raw, list):
            return BETWEEN.join(raw) or NONE
        case Date(), date() if not isinstance(value, MonthEnd):
            return value
        case ((Number() | Bool()), (bool() | Decimal())):
            return value
    return raw if isinstance(raw, str) else file_form.dumps(raw)
