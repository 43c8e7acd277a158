"""
Screens in which a screen failure is proposed to those who sign.
"""

from datetime import date, datetime

from bot.rules.criteria import Status
from bot.rules.frozen import Frozen
from bot.screens.endings import AskDay
from bot.screens.signing import ChooseCriterion, OfCriterion
from bot.turn import Turn, View, asked
from db.base.tables import DecisionKind, Stage
from db.cases import decisions
from db.cases.records import Record

_UNDECIDED = frozenset({Stage.SCREENING, Stage.FINISHED, Stage.SIGNED})


class Proposed(Frozen):
    """
    A screen failure that waits for an investigator: its primary reason, the day on which it was found, what was said of
    it, and who proposed it when.
    """

    criterion: str
    day: date | None
    reason: str | None
    name: str
    at: datetime


class ConfirmProposal(View):
    """
    A screen failure that is about to be proposed.
    """

    record: Record
    criterion: str
    day: date

    @property
    def asks(self) -> str:
        return asked(self.record.case, f"propose:{self.criterion}:{self.day}")


async def proposed_for(turn: Turn, record: Record) -> Proposed | None:
    """
    The screen failure that is proposed for a case, while it can be confirmed.
    """
    found = await decisions.proposal(turn.session, case=record.case)
    if found is None or record.case.stage not in _UNDECIDED:
        return None
    decision, person = found
    return Proposed(decision.about or "", decision.day, decision.reason, person.name if person else "", decision.at)


def may_propose(turn: Turn, record: Record) -> bool:
    """
    Whether the person may propose a screen failure.
    """
    case = record.case
    is_open = case.stage in _UNDECIDED and case.sign_off is None and case.proposal is None
    return is_open and turn.may_screen(case.site_id) and bool(record.assessment.ids(record.population, Status.FAIL))


class ProposeScreen(OfCriterion):
    """
    Asks for the primary reason, then for the day, then whether to propose it.
    """

    code = "propose"
    unconfirmed = ("day",)
    otherwise = "decide"

    async def find(self, turn: Turn, record: Record) -> View | None:
        if not may_propose(turn, record):
            return None
        if self.criterion not in record.assessment.ids(record.population, Status.FAIL):
            return ChooseCriterion(record, self)
        if self.day is None or self.day > record.as_of:
            return AskDay(record, DecisionKind.SCREEN_FAILURE, self)
        return ConfirmProposal(record, self.criterion, self.day)
