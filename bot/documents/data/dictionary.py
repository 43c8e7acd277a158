"""
The data dictionary: what each column of each table holds, in both languages.
"""

from collections.abc import Iterable

from bot.catalogues import LANGUAGES
from bot.documents.data.cells import Cell
from bot.documents.data.tables import Column, Table
from bot.documents.stated import COMPARATOR, COMPARATORS
from bot.rules.items import BloodPressure, Choice, Item, Number, Several
from bot.texts import Words, words

_CHOICES: dict[str, tuple[str, ...]] = {
    "status": ("pass", "fail", "unknown"),
    "verdict": ("eligible", "not_eligible", "incomplete"),
}


def dictionary(tables: Iterable[Table]) -> Table:
    """
    A row for each column.
    """
    spoken = [words(language) for language in LANGUAGES]
    rows = tuple(
        [table.name, column.name, column.type, *_measured(column), *_said(column, spoken)]
        for table in tables
        for column in table.columns
    )
    said = [f"{name}_{one.language}" for one in spoken for name in ("label", "choices")]
    names = ["table", "column", "type", "unit", "lowest", "highest", *said]
    types = {"lowest": "number", "highest": "number"}
    return Table("dictionary", tuple(Column(name, types.get(name, "text")) for name in names), rows)


def _measured(column: Column) -> list[Cell]:
    """
    The unit, and the ends of what can be.
    """
    place = column.place
    if place is None or not isinstance(place.item, Number | BloodPressure):
        return [None, None, None]
    item = place.item
    if isinstance(item, BloodPressure):
        ends = item.hard_systolic if place.part == "systolic" else item.hard_diastolic
        return [place.unit, *ends]
    # In another unit the ends are no more than near: what can be is said in the first.
    return [place.unit or None, *(item.hard if place.unit == item.unit else (None, None))]


def _said(column: Column, spoken: Iterable[Words]) -> Iterable[Cell]:
    for one in spoken:
        yield _label(column, one)
        yield _choices(column, one)


def _label(column: Column, words: Words) -> str:
    if column.place is not None:
        label, part = words.label(column.place.item, column.kind).unescape(), column.place.said
        return f"{label}, {words.plain(f'data.{part}')}" if part else label
    if column.criterion:
        return words.plain(f"criterion.{column.criterion}.short")
    return words.plain(f"data.column.{column.name}")


def _choices(column: Column, words: Words) -> str | None:
    if column.type == COMPARATOR:
        return "; ".join(COMPARATORS)
    item = column.place.item if column.place else None
    if isinstance(item, Choice | Several):
        return "; ".join(_option(item, option, words) for option in item.options)
    name = column.type if column.type in _CHOICES else column.name
    found = [f"{choice} = {words.plain(f'{name}.{choice}')}" for choice in _CHOICES.get(name, ())]
    return "; ".join(found) or None


def _option(item: Item, option: str, words: Words) -> str:
    return f"{option} = {words.plain(f'option.{item.key}.{option}')}"
