"""
The documents that can be had.
"""

from bot.screens.base import CaseScreen, MenuScreen
from bot.turn import ADMINISTRATORS, READERS, Turn, View
from db.base.tables import Case, PersonRole
from db.cases.records import Record

_OVERSEERS = ADMINISTRATORS | {PersonRole.MONITOR}
_FOR = {"delegation-log": _OVERSEERS, "audit-csv": _OVERSEERS}


def roles_for(kind: str) -> frozenset[PersonRole]:
    """
    The roles of which a person needs one to have a kind of document: what tells of the staff is for those who see the
    team, or oversee the study.
    """
    return _FOR.get(kind, READERS)


class Documents(View):
    """
    The documents about a case, or about all cases; but for those that are not for this person. Of all cases, `focus` is
    the one that is open.
    """

    case: Case | None = None
    withheld: frozenset[str] = frozenset()
    focus: Case | None = None


def _withheld(turn: Turn, site_id: int | None = None) -> frozenset[str]:
    return frozenset(kind for kind, roles in _FOR.items() if not turn.may(roles, site_id))


class DocumentsScreen(MenuScreen):
    """
    Those about all cases.
    """

    code = "documents"
    keeps_case = True

    async def find(self, turn: Turn) -> View:
        return Documents(None, _withheld(turn), await turn.focus())


class CaseDocumentsScreen(CaseScreen):
    """
    Those about the case in focus.
    """

    code = "papers"

    async def find(self, turn: Turn, record: Record) -> View:
        return Documents(record.case, _withheld(turn, record.case.site_id))
