"""
Views of the follow-up: the infusion, the visits of a recipient, and the agenda.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.rules.schedule import Recorded, VisitState
from bot.views import View, asked
from db.base.tables import Case, PlannedVisit, Site
from db.cases.records import Record
from db.follow_up.agenda import Dated
from db.follow_up.planned import Infusion
from db.follow_up.visits import Followed

CORRECTIONS = ("typo", "source", "other")
"""Why the day of an infusion, or what was recorded of a visit, may be corrected."""

FIRST = "first"
"""In the place of such a reason: nothing is corrected."""

REMARKS = ("none", "adverse_event", "response_not_assessed", "partial", "telephone")
"""What may be remarked on a visit that took place."""

MISSED = ("unwell", "declined", "unreachable", "organisation", "other")
"""Why a visit did not take place."""


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
        """
        As View.asks.
        """
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
        """
        As AskInfusion.number.
        """
        return self.before.number if self.before else 0


@dataclass(frozen=True)
class WhyInfusion(View):
    """
    Why is the day of the infusion to be corrected? `day` is the new one, where it is known already.
    """

    record: Record
    before: Infusion
    day: date | None


@dataclass(frozen=True)
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
    has_ended: bool
    moved: Mapping[int, date] = field(default_factory=dict)


@dataclass(frozen=True)
class OneVisit(View):
    """
    A visit: what is looked at, how it stands, and what can be recorded. `by` is whose record holds.
    """

    record: Record
    followed: Followed
    looks_at: tuple[str, ...]
    margin: int
    may_record: bool
    has_ended: bool
    by: str | None = None

    @property
    def visit(self) -> PlannedVisit:
        """
        The visit as it stands.
        """
        return self.followed.visit

    @property
    def state(self) -> VisitState:
        """
        Its state today.
        """
        return self.followed.standing.state(self.record.as_of, has_ended=self.has_ended)


@dataclass(frozen=True)
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
        """
        As View.asks.
        """
        return asked(self.record.case, f"visit:{self.visit.month}:{self.kind}:{self.visit.sequence}")


@dataclass(frozen=True)
class WhatOfVisit(View):
    """
    Which of a few words goes with a record of a visit: a remark, why it was missed, why its record is undone.
    """

    record: Record
    visit: PlannedVisit
    kind: Recorded
    words: tuple[str, ...]
    day: date | None
    margin: int


@dataclass(frozen=True)
class Due:
    """
    A visit on the agenda, with its case, its site and its state there today.
    """

    visit: PlannedVisit
    case: Case
    site: Site
    state: VisitState


@dataclass(frozen=True)
class Agenda(View):
    """
    A page of the visits that are overdue, open, or begin in a period. `left` counts those on later pages; `by_site`
    where the person has several sites.
    """

    period: str
    until: date
    visits: tuple[Due, ...]
    page: int
    left: int
    by_site: bool
    margin: int


@dataclass(frozen=True)
class CalendarFile(View):
    """
    Visits to be handed over as a calendar file, with what each case's protocol looks at in a month. `is_cut` where
    there were more than the file holds.
    """

    visits: tuple[Dated, ...]
    looks_at: Mapping[tuple[int, int], tuple[str, ...]]
    now: datetime
    is_cut: bool
