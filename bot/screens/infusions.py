"""
When the infusion was.
"""

from dataclasses import dataclass
from datetime import date

from bot.rules.protocol import Kind
from bot.screens.base import CaseScreen
from bot.turn import STAFF, Turn, View, asked
from db.base.tables import ENDED, Stage
from db.cases.records import Record
from db.follow_up import infusions, planned
from db.follow_up.planned import Infusion

CORRECTIONS = ("typo", "source", "other")
"""Why the day of an infusion, or what was recorded of a visit, may be corrected."""

FIRST = "first"
"""In the place of such a reason: nothing is corrected."""


@dataclass(frozen=True)
class AskInfusion(View):
    """
    On which day was the infusion? `reason` says why it is asked again, FIRST that it is not.
    """

    record: Record
    reason: str
    before: Infusion | None

    @property
    def number(self) -> int:
        """
        Which recording of the infusion stands; 0 for none.
        """
        return self.before.number if self.before else 0

    @property
    def asks(self) -> str:
        return asked(self.record.case, f"infusion:{self.reason}:{self.number}")


@dataclass(frozen=True)
class ConfirmInfusion(View):
    """
    Is this the day of the infusion? `included_on` is set where that lies before the inclusion.
    """

    record: Record
    reason: str
    before: Infusion | None
    day: date
    included_on: date | None

    @property
    def number(self) -> int:
        return self.before.number if self.before else 0


@dataclass(frozen=True)
class WhyInfusion(View):
    """
    Why is the day of the infusion to be corrected? `day` is the new one, where it is known already.
    """

    record: Record
    before: Infusion
    day: date | None


def may_record(turn: Turn, record: Record) -> bool:
    """
    Whether the person may record anything of the follow-up of a case.
    """
    return record.case.stage not in ENDED and turn.may(STAFF, record.case.site_id)


def may_begin(turn: Turn, record: Record) -> bool:
    """
    Whether the person may record the first infusion of a case.
    """
    case = record.case
    return case.kind == Kind.RECIPIENT and case.stage == Stage.INCLUDED and may_record(turn, record)


@dataclass(frozen=True)
class InfusionScreen(CaseScreen):
    """
    Asks, one after the other, why the infusion's day is corrected, for the day, and whether it is right.
    """

    code = "infusion"
    is_under_way = True
    reason: str = ""
    day: date | None = None

    async def find(self, turn: Turn, record: Record) -> View | None:
        reason, day, before = self.reason, self.day, await planned.infusion(turn.session, case=record.case)
        if before is None:
            if not may_begin(turn, record):
                return None
            reason = FIRST
        elif not may_record(turn, record):
            return None
        elif reason not in CORRECTIONS:
            return WhyInfusion(record, before, day)
        if day is None or day > record.as_of:
            return AskInfusion(record, reason, before)
        included = await infusions.included_on(turn.session, record=record)
        return ConfirmInfusion(record, reason, before, day, included if included and day < included else None)
