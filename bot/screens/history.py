"""
What happened to a case.
"""

from functools import partial

from bot.screens.base import CaseScreen, Page, page_of
from bot.screens.stored import TakesLists
from bot.turn import Turn, View
from db.base.tables import AuditEntry
from db.cases import history
from db.cases.records import Record

PAGE = 10


class History(TakesLists):
    """
    A page of what happened to a case, the newest first, and who did it; nobody where the program itself did.
    """

    page: Page[tuple[AuditEntry, str | None]]


class HistoryScreen(CaseScreen):
    code = "history"
    page: int = 0

    async def find(self, turn: Turn, record: Record) -> View:
        page = await page_of(self.page, PAGE, partial(history.entries_of, turn.session, case=record.case))
        entries = [(entry, person.name if person else None) for entry, person in page.items]
        return History(record, page.showing(entries))
