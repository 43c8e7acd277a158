"""
What happened to a case.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.screens.menus import page_in
from bot.turn import Turn, View
from db.base.tables import AuditEntry
from db.cases import history
from db.cases.records import Record

PAGE = 10


@dataclass(frozen=True)
class History(View):
    """
    A page of what happened to a case, the newest first, and who did it; nobody where the program itself did.
    """

    record: Record
    entries: Sequence[tuple[AuditEntry, str | None]]
    page: int
    has_more: bool


async def past(turn: Turn, record: Record, rest: str) -> History:
    """
    A page of what happened to a case.
    """
    page = page_in(rest)
    found = await history.entries_of(turn.session, case=record.case, limit=PAGE + 1, offset=page * PAGE)
    entries = [(entry, person.name if person else None) for entry, person in found[:PAGE]]
    return History(record, entries, page, len(found) > PAGE)
