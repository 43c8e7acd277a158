"""
The visits of a recipient.
"""

from collections.abc import Mapping
from datetime import date
from typing import Self

from msgspec import field

from bot.rules.protocol import Kind
from bot.rules.schedule import Recorded
from bot.rules.versions import PROTOCOLS
from bot.screens.base import CaseScreen
from bot.screens.infusions import CORRECTIONS, may_record
from bot.turn import Turn, View, asked
from db.base.tables import Person, PlannedVisit
from db.cases.records import Record
from db.follow_up import planned, visits
from db.follow_up.planned import Infusion
from db.follow_up.visits import DayRefusedError, Followed

REMARKS = ("none", "adverse_event", "response_not_assessed", "partial", "telephone")
"""What may be remarked on a visit that took place."""

MISSED = ("unwell", "declined", "unreachable", "organisation")
"""Why a visit did not take place. Another reason can be typed."""


OFF_DAY = ("clinical", "requested", "organisation")
"""Why a visit took place on a day that deviates from the protocol. Another reason likewise."""


class Visits(View):
    """
    All visits of a recipient. `margin` is the site's window in days, `moved` the days that visits had before a
    correction, by month.
    """

    record: Record
    infusion: Infusion
    visits: tuple[Followed, ...]
    margin: int
    may_record: bool
    moved: Mapping[int, date] = field(default_factory=dict)


class OneVisit(View):
    """
    A visit: what is looked at, how it stands, and what can be recorded. `by` is whose record holds.
    """

    record: Record
    followed: Followed
    looks_at: tuple[str, ...]
    margin: int
    may_record: bool
    by: str | None = None

    @property
    def visit(self) -> PlannedVisit:
        """
        The visit as it stands.
        """
        return self.followed.visit


class AskVisitDay(View):
    """
    On which day did a visit take place, or to which is it moved?
    """

    record: Record
    visit: PlannedVisit
    kind: Recorded
    infusion: Infusion
    margin: int

    @property
    def asks(self) -> str:
        return asked(self.record.case, f"visit:{self.visit.month}:{self.kind}:{self.visit.sequence}")


class WhatOfVisit(View):
    """
    Which of a few words goes with a record of a visit: a remark, why it was missed, why its record is undone, why it
    deviates from the protocol. A reason can be typed, too.
    """

    record: Record
    visit: PlannedVisit
    kind: Recorded
    words: tuple[str, ...]
    day: date | None
    margin: int
    deviation: tuple[str, ...] = ()

    @property
    def asks(self) -> str | None:
        """
        As View.asks.
        """
        if self.kind is Recorded.DONE and not self.deviation:
            return None
        what = f"{self.visit.month}:{self.kind}:{self.visit.sequence}:{self.day}:{' '.join(self.deviation)}"
        return asked(self.record.case, f"visit?{what}")


class WhichVisit(View):
    """
    A visit on this day deviates from the protocol: is another one meant? `others` are those whose window holds it.
    """

    record: Record
    visit: PlannedVisit
    day: date
    margin: int
    deviation: tuple[str, ...]
    others: tuple[int, ...]


async def of_case(turn: Turn, record: Record) -> tuple[Followed, ...]:
    """
    The visits of a recipient as they stand; none for anybody else.
    """
    if record.case.kind != Kind.RECIPIENT:
        return ()
    return tuple(await visits.of_case(turn.session, case=record.case))


def _fits(record: Record, followed: Followed, day: date, begun: Infusion) -> bool:
    try:
        visits.check_day(record, followed.visit, Recorded.DONE, day, begun.day)
    except DayRefusedError:
        return False
    return True


def looks_at(protocol: str, month: int) -> tuple[str, ...]:
    """
    What a version of the protocol wants looked at in the visit of this month.
    """
    return next((one.looks_at for one in PROTOCOLS[protocol].visits if one.month == month), ())


class VisitsScreen(CaseScreen):
    """
    The visits, with the days that some of them had before.
    """

    code = "visits"
    moved: Mapping[int, date] = field(default_factory=dict)

    async def find(self, turn: Turn, record: Record) -> View | None:
        begun = await planned.infusion(turn.session, case=record.case)
        if begun is None:
            return None
        return Visits(
            record,
            begun,
            tuple(await visits.of_case(turn.session, case=record.case)),
            turn.deployment.study.window,
            may_record(turn, record),
            self.moved,
        )

    def _about(self) -> str:
        return ",".join(f"{month}={day}" for month, day in self.moved.items())

    @classmethod
    def _of(cls, about: str) -> Self:
        pairs = (one.partition("=") for one in about.split(",") if one)
        return cls({int(month): date.fromisoformat(day) for month, _, day in pairs})


class VisitScreen(CaseScreen):
    """
    One visit, or what is being recorded of it: done, on a day once that is known, all_the_same where that deviates from
    the protocol; missed, move, undo.
    """

    code = "visit"
    otherwise = "visits"
    is_under_way = True
    month: int
    what: str = ""
    day: date | None = None

    async def find(self, turn: Turn, record: Record) -> View | None:
        begun = await planned.infusion(turn.session, case=record.case)
        found = await visits.of_case(turn.session, case=record.case)
        followed = next((one for one in found if one.visit.month == self.month), None)
        if begun is None or followed is None:
            return None
        if may_record(turn, record) and (asking := await self._asking(turn, record, followed, begun)):
            return asking
        by = await turn.session.get(Person, followed.record.person_id) if followed.record else None
        return OneVisit(
            record,
            followed,
            looks_at(record.case.protocol, self.month),
            turn.deployment.study.window,
            may_record(turn, record),
            by.name if by else None,
        )

    async def _asking(self, turn: Turn, record: Record, followed: Followed, begun: Infusion) -> View | None:
        one, margin = followed.visit, turn.deployment.study.window
        match self.what:
            case "undo" if one.record_id is not None:
                return WhatOfVisit(record, one, Recorded.UNDONE, CORRECTIONS, None, margin)
            case _ if not one.is_pending:
                return None
            case "missed" if one.opens <= record.as_of:
                return WhatOfVisit(record, one, Recorded.MISSED, MISSED, None, margin)
            case "move" if record.as_of <= one.closes:
                return AskVisitDay(record, one, Recorded.RESCHEDULED, begun, margin)
            case "done" | "all_the_same":
                day = self.day
                if day is None or not _fits(record, followed, day, begun):
                    return AskVisitDay(record, one, Recorded.DONE, begun, margin)
                deviation = visits.deviations(one, Recorded.DONE, day, begun.day)
                if not deviation:
                    return WhatOfVisit(record, one, Recorded.DONE, _remarks(record, one), day, margin)
                if self.what == "all_the_same":
                    return WhatOfVisit(record, one, Recorded.DONE, _reasons(one, day), day, margin, deviation)
                meant = await visits.meant(turn.session, case=record.case, day=day)
                others = tuple(other.month for other in meant if other.month != one.month)
                return WhichVisit(record, one, day, margin, deviation, others)
        return None


def _reasons(visit: PlannedVisit, day: date) -> tuple[str, ...]:
    """
    Why a visit deviates: nobody comes too early for being unwell.
    """
    return (*OFF_DAY, "unwell") if day > visit.closes else OFF_DAY


def _remarks(record: Record, visit: PlannedVisit) -> tuple[str, ...]:
    assessed = "response" in looks_at(record.case.protocol, visit.month)
    return tuple(word for word in REMARKS if assessed or word != "response_not_assessed")
