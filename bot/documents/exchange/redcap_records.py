"""
Cases as REDCap records.
"""

from collections.abc import Iterable
from decimal import Decimal

from bot.documents.exchange.cells import Field, FieldValue, cells_of, fields_of, is_plain
from bot.documents.exchange.examined import plainly
from bot.documents.exchange.filed import Filed
from bot.documents.exchange.redcap_form import (
    CODE,
    COMPARATOR_NUMBERS,
    ENTERED,
    EXAMINED,
    NONE,
    as_csv,
    column_of,
    in_order,
    number_of,
)
from bot.documents.stated import COMPARATOR
from bot.rules import file_form
from bot.rules.items import Choice, Item, Several
from bot.rules.protocol import Population

_COMPLETE, _UNFINISHED = "2", "0"


def columns(population: Population) -> list[str]:
    """
    The headings of a file of records.
    """
    found = [column for item in in_order(population) for column in columns_of(item)]
    return [CODE, *found, ENTERED, EXAMINED, _state(population)]


def _state(population: Population) -> str:
    return f"{population.kind}_complete"


def columns_of(item: Item) -> list[str]:
    """
    The columns of an item, "none of these" the last.
    """
    none = [f"{item.key}___{NONE}"] if isinstance(item, Several) else []
    return [*(column_of(field) for field in fields_of(item)), *none]


def records(population: Population, cases: Iterable[Filed]) -> str:
    """
    The cases as CSV.
    """
    return as_csv(columns(population), [_record(case) for case in cases])


def _record(case: Filed) -> dict[str, str]:
    told: dict[str, str] = {}
    entered: dict[str, object] = {}
    for item in case.population.items:
        raw = case.current.get(item.key)
        told |= texts(item, raw)
        if item.key in case.current and not is_plain(item, raw):
            entered[item.key] = raw
    state = _UNFINISHED if case.stage == "screening" else _COMPLETE
    kept = {ENTERED: file_form.dumps(entered)} if entered else {}
    if case.examined:
        kept[EXAMINED] = file_form.dumps({key: plainly(said) for key, said in case.examined.items()})
    return {CODE: case.code, **told, **kept, _state(case.population): state}


def texts(item: Item, raw: object) -> dict[str, str]:
    """
    An answer as its columns hold it; of none, the ticks that are not there.
    """
    cells = cells_of(item, raw)
    told = {column_of(field): _text(field, cells[field.name]) for field in fields_of(item) if field.name in cells}
    if isinstance(item, Several):
        none = bool(cells) and len(cells) == len(item.options) and not any(cells.values())
        told = dict.fromkeys(columns_of(item), "0") | told | {f"{item.key}___{NONE}": "1" if none else "0"}
    return told


def _text(field: Field, cell: FieldValue) -> str:
    match cell:
        case bool():
            return "1" if cell else "0"
        case Decimal():
            return f"{cell:f}"
        case str() if isinstance(field.item, Choice):
            return number_of(field.item, cell)
        case str() if field.part == COMPARATOR:
            return COMPARATOR_NUMBERS[cell]
    return str(cell)
