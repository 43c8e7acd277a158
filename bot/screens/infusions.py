"""
When the infusion was.
"""

from datetime import date

from bot.rules.protocol import Kind
from bot.screens.base import CaseScreen
from bot.turn import STAFF, Turn, View, asked
from bot.typed import drafts
from db.base.tables import ENDED, Stage
from db.cases.records import Record
from db.follow_up import infusions, planned
from db.follow_up.planned import Infusion

CORRECTIONS = ("typo", "source")
"""Why the day of an infusion, or what was recorded of a visit, may be corrected. Another reason can be typed."""

MISTAKES = ("mistake",)
"""Why an infusion may be taken back: it is about another recipient, or did not take place. Another reason likewise."""

EXPLANATIONS = ("recorded_late", "clinical")
"""Why an infusion deviates. Another reason likewise."""

FIRST = "first"
"""In the place of such a reason: nothing is corrected."""


class OfInfusion(View):
    """
    About the infusion of a recipient that is there `before`, if any. `reason` says why it is asked again, FIRST that it
    is not.
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


class AskInfusion(OfInfusion):
    """
    On which day was the infusion?
    """

    @property
    def asks(self) -> str:
        return asked(self.record.case, f"infusion:{drafts.digest(self.reason)}:{self.number}")


class ConfirmInfusion(OfInfusion):
    """
    Is this the day of the infusion? `deviation` says in what it deviates from the protocol, `since` when the inclusion
    was decided.
    """

    day: date
    since: date | None = None
    deviation: tuple[str, ...] = ()

    @property
    def wants_reason(self) -> bool:
        """
        Whether yes is not enough. What is corrected has a reason already.
        """
        return bool(self.deviation) and self.before is None

    @property
    def asks(self) -> str:
        """
        As View.asks. Whoever confirms has read in what it deviates.
        """
        what = f"{self.reason}:{self.number}:{self.day}:{' '.join(self.deviation)}"
        return asked(self.record.case, f"infusion?{what}")


class WhyInfusion(View):
    """
    Why is the day of the infusion to be corrected? `day` is the new one, where it is known already. While nothing is
    recorded of a visit, the infusion can be taken back.
    """

    record: Record
    before: Infusion
    day: date | None
    may_take_back: bool = False

    @property
    def asks(self) -> str:
        return asked(self.record.case, f"infusion:why:{self.before.number}:{self.day}")


class WhyInfusionBack(View):
    """
    Why is the infusion to be taken back?
    """

    record: Record
    before: Infusion

    @property
    def asks(self) -> str:
        return asked(self.record.case, f"infusion:back:{self.before.number}")


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


class InfusionScreen(CaseScreen):
    """
    Asks, one after the other, why the infusion's day is corrected, for the day, and whether it is right.
    """

    code = "infusion"
    unconfirmed = ("day",)
    is_under_way = True
    day: date | None = None
    reason: str = ""

    @property
    def is_typed(self) -> bool:
        return self.reason not in {"", FIRST, *CORRECTIONS}

    async def find(self, turn: Turn, record: Record) -> View | None:
        reason, day, before = self.reason, self.day, await planned.infusion(turn.session, case=record.case)
        if before is None:
            if not may_begin(turn, record):
                return None
            reason = FIRST
        elif not may_record(turn, record):
            return None
        elif reason in {"", FIRST}:
            return WhyInfusion(record, before, day, await _may_take_back(turn, record))
        if day is None or day > record.as_of:
            return AskInfusion(record, reason, before)
        since = await infusions.included_on(turn.session, record=record)
        deviation = await infusions.deviations(turn.session, record=record, day=day)
        return ConfirmInfusion(record, reason, before, day, since, deviation)


async def _may_take_back(turn: Turn, record: Record) -> bool:
    return all(one.kind is None for one in (await planned.rows(turn.session, case=record.case)).values())


class NoInfusionScreen(CaseScreen):
    """
    Asks why the infusion is taken back.
    """

    code = "noinfusion"
    otherwise = "visits"
    is_under_way = True

    async def find(self, turn: Turn, record: Record) -> View | None:
        before = await planned.infusion(turn.session, case=record.case)
        if before is None or not may_record(turn, record) or not await _may_take_back(turn, record):
            return None
        return WhyInfusionBack(record, before)
