"""
REDCap records read again: line by line, each with what is wrong with it.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import TypeVar

from bot.documents.exchange.cells import Field, FieldValue, fields_of, raw_of
from bot.documents.exchange.lines import Line, NotRecordsError, check, examinations, made
from bot.documents.exchange.redcap_form import CODE, COMPARATOR_NUMBERS, ENTERED, EXAMINED, NONE, column_of, number_of
from bot.documents.exchange.redcap_records import columns, columns_of, texts
from bot.documents.stated import COMPARATOR
from bot.rules import file_form
from bot.rules.items import BadValueError, Bool, Choice, Date, Item, Number, Several
from bot.rules.protocol import Kind, Population, Protocol

T = TypeVar("T")


def lines(text: str, protocol: Protocol, as_of: date) -> Iterator[Line]:
    """
    The records of a file, as of a day. A column that is not there, or is empty, says nothing. Raises NotRecordsError.
    """
    reader = csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        population = _population(reader.fieldnames or (), protocol)
        for row in reader:
            yield _line(reader.line_num, row, population, as_of)
    except csv.Error as error:
        raise NotRecordsError(f"line {reader.line_num + 1}: not CSV: {error}") from None


def _population(headings: Iterable[str], protocol: Protocol) -> Population:
    given = list(headings)
    if len(set(given)) != len(given):
        raise NotRecordsError("a column stands twice")
    if CODE not in given:
        raise NotRecordsError(f"no column {CODE}")
    kinds = [kind for kind in Kind if set(given) <= set(columns(protocol.population(kind)))]
    if len(kinds) != 1:
        known = set().union(*(columns(protocol.population(kind)) for kind in Kind))
        unknown = sorted(set(given) - known)
        raise NotRecordsError(f"no column of these forms: {unknown[0]}" if unknown else "columns of neither form alone")
    return protocol.population(kinds[0])


def _line(number: int, row: dict[str, str], population: Population, as_of: date) -> Line:
    answers: dict[str, object] = {}
    problems: list[str] = []
    code = (row.get(CODE) or "").strip()
    entered = _kept_beside(row, ENTERED, population, problems)
    examined = _kept_beside(row, EXAMINED, population, problems)
    if None in row or None in row.values():
        problems.append("not as many values as columns")
    for item in population.items:
        told = {column: row.get(column) or "" for column in columns_of(item)}
        try:
            found = _answer(item, told, entered)
            if found is not _SILENT:
                answers[item.key] = found
                check(item, found, as_of)
        except BadValueError as error:
            problems.append(f"{item.key}: {error.problem}")
        except _BadCellError as error:
            problems.append(f"{error}: not a value of this column")
    return made(number, code, population, answers, problems, examinations(examined, answers, as_of, problems))


class _BadCellError(ValueError):
    """
    A column holds what it cannot.
    """


_SILENT = object()


def _kept_beside(row: Mapping[str, str], column: str, population: Population, problems: list[str]) -> dict[str, object]:
    """
    What a column says of each item beyond its own columns; nothing, and a problem more, where that cannot be read.
    """
    try:
        found = file_form.loads(row.get(column) or "{}")
    except ValueError:
        found = None
    if isinstance(found, dict) and found.keys() <= population.item.keys():
        return found
    problems.append(f"{column}: not as this program writes it")
    return {}


def _answer(item: Item, told: Mapping[str, str], entered: Mapping[str, object]) -> object:
    """
    The answer in file form. What was entered counts where the columns still say what it does.
    """
    if item.key in entered and _kept(item, entered[item.key]) == {name: one for name, one in told.items() if one}:
        return entered[item.key]
    cells = dict(_cells(item, told))
    raw = raw_of(item, cells)
    if raw is None and cells:
        raise _BadCellError(next(column for column in told if not told[column]))
    return _SILENT if raw is None else raw


def _kept(item: Item, raw: object) -> dict[str, str]:
    return {name: one for name, one in texts(item, raw).items() if one}


def _cells(item: Item, told: Mapping[str, str]) -> Iterator[tuple[str, FieldValue]]:
    if isinstance(item, Several):
        ticked = {column: _read(_TICKS, column, one or "0") for column, one in told.items()}
        none = ticked[f"{item.key}___{NONE}"]
        fields = fields_of(item)
        if none and any(ticked[column_of(field)] for field in fields):
            raise _BadCellError(f"{item.key}___{NONE}")
        if none or any(ticked.values()):
            yield from ((field.name, ticked[column_of(field)]) for field in fields)
        return
    for field in fields_of(item):
        if text := told[column_of(field)]:
            yield field.name, _cell(field, column_of(field), text)


_TICKS: Mapping[str, bool] = {"1": True, "0": False}


_SIGNS = {number: sign for sign, number in COMPARATOR_NUMBERS.items()}


def _cell(field: Field, column: str, text: str) -> FieldValue:
    match field.item:
        case Number() if field.part == COMPARATOR:
            return _read(_SIGNS, column, text)
        case Bool():
            return _read(_TICKS, column, text)
        case Choice(options=options) as item:
            return _read({number_of(item, option): option for option in options}, column, text)
        case Date():
            return _made(date.fromisoformat, column, text)
    return _made(_number, column, text)


def _number(text: str) -> Decimal:
    found = file_form.loads(text)
    if isinstance(found, Decimal):
        return found
    raise ValueError(text)


def _read(known: Mapping[str, T], column: str, text: str) -> T:
    if text not in known:
        raise _BadCellError(column)
    return known[text]


def _made(make: Callable[[str], T], column: str, text: str) -> T:
    try:
        return make(text)
    except ValueError:
        raise _BadCellError(column) from None
