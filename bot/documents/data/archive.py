"""
The data as CSV files in a ZIP archive: UTF-8, commas, days as 2026-05-03, numbers with a point.
"""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO, StringIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from bot.documents.data.cells import Cell
from bot.documents.data.tables import Table

_LIKE_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""What a text begins with that a spreadsheet takes for a formula."""


def archive(notes: Sequence[tuple[str, str]], tables: Iterable[Table], *, made: datetime) -> bytes:
    """
    A file of notes, and one for each table.
    """
    files = [("notes.csv", comma_separated(notes))]
    for table in tables:
        rows = [[column.name for column in table.columns], *table.rows]
        files.append((f"{table.name}.csv", comma_separated(rows)))
    return zipped(files, made=made)


def zipped(files: Iterable[tuple[str, bytes]], *, made: datetime) -> bytes:
    """
    Files by name in a ZIP archive.
    """
    content = BytesIO()
    with ZipFile(content, "w") as held:
        for name, text in files:
            entry = ZipInfo(name, (made.year, made.month, made.day, made.hour, made.minute, made.second))
            entry.compress_type = ZIP_DEFLATED
            held.writestr(entry, text)
    return content.getvalue()


def comma_separated(rows: Iterable[Sequence[Cell]]) -> bytes:
    """
    Rows as one CSV file, with the mark by which spreadsheets know UTF-8.
    """
    text = StringIO(newline="")
    csv.writer(text).writerows([plain(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def plain(cell: Cell) -> str:
    """
    A cell as text. An apostrophe keeps a text that looks like a formula from being one.
    """
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case datetime():
            return cell.isoformat(sep=" ")
        case str():
            return f"'{cell}" if cell.startswith(_LIKE_FORMULAS) else cell
    return f"{cell:f}" if hasattr(cell, "as_tuple") else str(cell)
