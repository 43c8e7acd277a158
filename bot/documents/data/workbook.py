"""
The data as a workbook. Text is written as text, so that no program takes it for a formula.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from bot.documents.data.cells import Cell
from bot.documents.data.tables import Table

_DIGITS = 15
"""What a number in a workbook holds; one with more stands as text, to lose nothing."""

_FIRST_DAY = date(1900, 3, 1)
"""Workbooks take 1900 for a leap year: earlier days stand as text."""

_WIDEST, _NARROWEST = 40, 8


def workbook(notes: Sequence[tuple[str, str]], tables: Iterable[Table], *, made: datetime) -> bytes:
    """
    A sheet of notes, and one for each table.
    """
    content = BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": made.replace(tzinfo=None)})
    heading = book.add_format({"bold": True, "bottom": 1})
    formats: dict[type[date], Any] = {
        datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        date: book.add_format({"num_format": "yyyy-mm-dd"}),
    }
    sheet = book.add_worksheet("notes")
    for row, line in enumerate(notes):
        for column, text in enumerate(line):
            sheet.write_string(row, column, text)
    sheet.set_column(0, 1, _WIDEST)
    for table in tables:
        sheet = book.add_worksheet(table.name)
        sheet.freeze_panes(1, 1)
        for column, one in enumerate(table.columns):
            sheet.write_string(0, column, one.name, heading)
            sheet.set_column(column, column, min(_WIDEST, max(_NARROWEST, len(one.name) + 2)))
        for row, cells in enumerate(table.rows, start=1):
            for column, cell in enumerate(cells):
                _write(sheet, row, column, cell, formats)
        sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    book.close()
    return content.getvalue()


def _write(sheet: Any, row: int, column: int, cell: Cell, formats: Mapping[type[date], Any]) -> None:  # noqa: ANN401  untyped
    match cell:
        case None:
            return
        case bool():
            sheet.write_boolean(row, column, cell)
        case int():
            sheet.write_number(row, column, cell)
        case Decimal() if _is_exact(cell):
            sheet.write_number(row, column, float(cell))
        case datetime():
            sheet.write_datetime(row, column, cell, formats[datetime])
        case date() if cell >= _FIRST_DAY:
            sheet.write_datetime(row, column, cell, formats[date])
        case _:
            sheet.write_string(row, column, str(cell))


def _is_exact(number: Decimal) -> bool:
    return len(number.as_tuple().digits) <= _DIGITS and Decimal(repr(float(number))) == number
