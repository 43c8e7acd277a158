"""
The documents that can be had.
"""

from dataclasses import dataclass

from bot.turn import Turn, View
from db.base.tables import Case
from db.cases.records import Record


@dataclass(frozen=True)
class Documents(View):
    """
    The documents about a case, or about all cases.
    """

    case: Case | None = None


async def of_all(turn: Turn, _: str) -> Documents:  # noqa: ARG001  as every screen
    """
    Those about all cases.
    """
    return Documents()


async def of_case(turn: Turn, record: Record, _: str) -> Documents:  # noqa: ARG001  as every screen
    """
    Those about the case in focus.
    """
    return Documents(record.case)
