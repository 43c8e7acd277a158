"""
What happened to a case.
"""

from collections.abc import Iterable, Mapping
from functools import partial

from msgspec import field

from bot.screens.base import CaseScreen, Page, page_of
from bot.screens.stored import TakesLists
from bot.turn import Turn, View
from db.base.tables import AuditEntry
from db.cases import decisions, history, signatures
from db.cases.decisions import SIGN_OFFS
from db.cases.records import Record
from db.cases.signatures import Signed

PAGE = 10
_SIGNATURES = {f"decision.{kind}" for kind in SIGN_OFFS}


class History(TakesLists):
    """
    A page of what happened to a case, the newest first, and who did it; nobody where the program itself did. `signed`
    is what a signature says, by the number of the entry that tells of it.
    """

    page: Page[tuple[AuditEntry, str | None]]
    signed: Mapping[int, Signed] = field(default_factory=dict)


class HistoryScreen(CaseScreen):
    code = "history"
    page: int = 0

    async def find(self, turn: Turn, record: Record) -> View:
        page = await page_of(self.page, PAGE, partial(history.entries_of, turn.session, case=record.case))
        entries = [(entry, person.name if person else None) for entry, person in page.items]
        return History(record, page.showing(entries), await _signed(turn, record, [entry for entry, _ in page.items]))


async def _signed(turn: Turn, record: Record, entries: Iterable[AuditEntry]) -> dict[int, Signed]:
    """
    What the signatures say of which these entries tell.
    """
    wanted = {(entry.at, entry.action): entry.sequence for entry in entries if entry.action in _SIGNATURES}
    decided = await decisions.of_case(turn.session, case=record.case) if wanted else ()
    return {
        wanted[at]: await signatures.of_decision(turn.session, decision=decision, now=turn.now)
        for decision, _ in decided
        if (at := (decision.at, f"decision.{decision.kind}")) in wanted
    }
