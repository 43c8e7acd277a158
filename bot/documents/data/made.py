"""
The documents that hold the data.
"""

from bot.documents.data import archive, workbook
from bot.documents.data.dictionary import dictionary
from bot.documents.data.tables import Table, tables
from bot.documents.kinds import Asked, Document
from bot.documents.origin import origin


def as_workbook(asked: Asked) -> Document:
    """
    Everything as a workbook.
    """
    content = workbook.workbook(_notes(asked), _all(asked), made=asked.snapshot.local(asked.snapshot.at))
    return Document("screening-data.xlsx", content, _caption(asked))


def as_archive(asked: Asked) -> Document:
    """
    Everything as CSV files in an archive.
    """
    content = archive.archive(_notes(asked), _all(asked), made=asked.snapshot.local(asked.snapshot.at))
    return Document("screening-data.zip", content, _caption(asked))


def _caption(asked: Asked) -> str:
    return asked.words.count("data.caption", len(asked.snapshot.files)).unescape()


def _all(asked: Asked) -> list[Table]:
    found = tables(asked.snapshot)
    return [dictionary(found), *found]


def _notes(asked: Asked) -> list[tuple[str, str]]:
    words = asked.words
    return [
        (words.plain("data.title"), ""),
        *origin(asked.snapshot, words),
        (words.plain("data.awaited"), words.plain("data.awaited.meaning")),
        (words.plain("data.empty"), words.plain("data.empty.meaning")),
        (words.plain("data.times"), words.plain("data.times.meaning")),
    ]
