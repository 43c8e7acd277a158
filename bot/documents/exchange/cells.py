"""
Answers as cells: the plain values, each under a name of its own, that forms of other programs hold.

    Bool            KEY, bool
    Choice          KEY, str
    Several         KEY___OPTION, bool, one for each option
    Number          KEY, Decimal in the default unit; KEY_UNIT where the unit entered decides the limit. Of a bound also
                    KEY_comparator, one of COMPARATORS; of a range that and its upper end, the name of the number and
                    _to. A result over its upper limit is the quotient
    BloodPressure   KEY_sys and KEY_dia, Decimal, mmHg
    Date            KEY, date

What an answer says beyond its cells (another unit, an imprecise number, the parts of a score, "not available yet") is
kept as entered beside them, so that nothing is lost on the way there and back. Where both are read and differ, somebody
has changed the cells there, and they count.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TypeAlias

from bot.documents.stated import COMPARATOR, TO, Stated, stated
from bot.rules import file_form
from bot.rules.frozen import Frozen
from bot.rules.items import BloodPressure, Date, Item, Number, Several
from bot.rules.protocol import Population

FieldValue: TypeAlias = bool | str | Decimal | date

SYSTOLIC, DIASTOLIC = "_sys", "_dia"
_HUNDREDTH = Decimal("0.01")


class Field(Frozen):
    """
    A cell's place in a form: its name, the item, and for a number its unit and ends; for a tick its option. `part` is
    what of a number it holds, where that is not the number itself.
    """

    name: str
    item: Item
    unit: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    option: str = ""
    part: str = ""

    @property
    def is_whole(self) -> bool:
        """
        Whether it holds whole numbers only.
        """
        return isinstance(self.item, BloodPressure) or (isinstance(self.item, Number) and self.item.whole)


def part_of(field: Field) -> str:
    """
    What of an answer a cell holds, where there are several that are no ticks.
    """
    if isinstance(field.item, BloodPressure):
        return "systolic" if field.name.endswith(SYSTOLIC) else "diastolic"
    return field.part


def fields_of(item: Item) -> tuple[Field, ...]:
    """
    The cells of an item.
    """
    match item:
        case Several(options=options):
            return tuple(Field(f"{item.key}___{option}", item, option=option) for option in options)
        case BloodPressure(hard_systolic=systolic, hard_diastolic=diastolic):
            ends = {SYSTOLIC: systolic, DIASTOLIC: diastolic}
            return tuple(
                Field(item.key + side, item, "mmHg", Decimal(low), Decimal(high)) for side, (low, high) in ends.items()
            )
        case Number():
            numbers = numbers_of(item)
            tops = (Field(f"{one.name}_{TO}", item, one.unit, one.low, one.high, part=TO) for one in numbers)
            return (*numbers, Field(f"{item.key}_{COMPARATOR}", item, part=COMPARATOR), *tops)
    return (Field(item.key, item),)


def numbers_of(item: Number) -> tuple[Field, ...]:
    """
    The cells of a number itself: one, or one for each unit.
    """
    if item.as_entered:
        return tuple(_in_unit(item, unit) for unit in (item.unit, *item.units))
    return (Field(item.key, item, item.unit, *item.hard),)


def _in_unit(item: Number, unit: str) -> Field:
    name = f"{item.key}_{re.sub('[^a-z0-9]+', '_', unit.lower())}"
    low, high = item.hard
    if unit != item.unit:
        low = (low / item.units[unit]).quantize(_HUNDREDTH, ROUND_CEILING)
        high = (high / item.units[unit]).quantize(_HUNDREDTH, ROUND_FLOOR)
    return Field(name, item, unit, low, high)


def cells_of(item: Item, raw: object) -> dict[str, FieldValue]:
    """
    The cells of an answer in file form; none where it says nothing plain.
    """
    value = None if raw is None else item.read(raw)
    names = [field.name for field in fields_of(item)]
    match item:
        case Several(options=options) if isinstance(raw, list):
            known = {option: option in raw for option in options if f"?{option}" not in raw}
            return {f"{item.key}___{option}": ticked for option, ticked in known.items()}
        case BloodPressure() if value is not None:
            systolic, diastolic = str(raw).split("/")
            return dict(zip(names, (Decimal(systolic.strip()), Decimal(diastolic.strip())), strict=True))
        case Number() if value is not None:
            return _stated(item, stated(item, raw))
        case Date() if not (isinstance(raw, str) and isinstance(value, date) and raw == value.isoformat()):
            return {}
    return {item.key: value} if isinstance(value, bool | str | Decimal | date) else {}


def _stated(item: Number, told: Stated) -> dict[str, FieldValue]:
    number = next(field.name for field in numbers_of(item) if field.unit == told.unit)
    cells = {number: told.number, f"{item.key}_{COMPARATOR}": told.comparator or None, f"{number}_{TO}": told.to}
    return {name: cell for name, cell in cells.items() if cell is not None}


def _number(item: Number, cells: Mapping[str, FieldValue]) -> object:
    """
    What the cells of a number say: a range where there is an upper end, a bound where there is a sign.
    """
    for field in numbers_of(item):
        if (number := cells.get(field.name)) is not None:
            unit = "" if field.unit == item.unit else f" {field.unit}"
            if (top := cells.get(f"{field.name}_{TO}")) is not None:
                return f"{number:f}-{top:f}{unit}"
            if (comparator := cells.get(f"{item.key}_{COMPARATOR}")) is not None:
                return f"{comparator}{number:f}{unit}"
            return f"{number:f}{unit}" if unit else number
    return None


def raw_of(item: Item, cells: Mapping[str, FieldValue]) -> object:
    """
    The answer in file form that cells say plainly; None where they do not.
    """
    if isinstance(item, Number):
        return _number(item, cells)
    found = [(field, cells[field.name]) for field in fields_of(item) if field.name in cells]
    if not found or (isinstance(item, Several | BloodPressure) and len(found) != len(fields_of(item))):
        return None
    value = found[0][1]
    match item:
        case Several():
            return [field.option for field, ticked in found if ticked]
        case BloodPressure():
            return "/".join(f"{number:f}" for _, number in found)
        case Date() if isinstance(value, date):
            return value.isoformat()
    return value


def is_plain(item: Item, raw: object) -> bool:
    """
    Whether the cells of an answer say all that it does.
    """
    return raw is not None and file_form.dumps(raw_of(item, cells_of(item, raw))) == file_form.dumps(raw)


def read(population: Population, cells: Mapping[str, FieldValue], entered: Mapping[str, object]) -> dict[str, object]:
    """
    The answers that cells say, together with those entered. Raises BadValueError for what is entered and no answer.
    """
    answers: dict[str, object] = {}
    for item in population.items:
        own = {field.name: cells[field.name] for field in fields_of(item) if field.name in cells}
        if item.key in entered and cells_of(item, entered[item.key]) == own:
            answers[item.key] = entered[item.key]
        elif (raw := raw_of(item, own)) is not None:
            answers[item.key] = raw
    return answers
