"""
Every screen of the follow-up, filled to the brim.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.rules.assessment import Verdict
from bot.rules.schedule import Recorded, VisitState, schedule
from bot.rules.versions import LATEST
from bot.screens.agenda import PAGE, Agenda, CalendarFile, Due
from bot.screens.infusions import CORRECTIONS, FIRST, AskInfusion, ConfirmInfusion, WhyInfusion, WhyInfusionBack
from bot.screens.visits import MISSED, OFF_DAY, REMARKS, AskVisitDay, OneVisit, Visits, WhatOfVisit, WhichVisit
from bot.turn import View
from db.base.tables import (
    Case,
    PlannedVisit,
    Site,
    Stage,
    VisitRecord,
)
from db.cases.records import Record
from db.follow_up.agenda import Dated
from db.follow_up.planned import Infusion
from db.follow_up.visits import Followed

NOW = datetime(2026, 9, 30, 10, 0, tzinfo=UTC)
INFUSED = date(2026, 9, 30)
LARGEST = 999_999_999


def _record(stage: Stage) -> Record:
    case = Case(
        id=LARGEST,
        code="99-R-9999",
        kind="recipient",
        site_id=1,
        number=9999,
        protocol=LATEST.version,
        stage=stage,
        opened_by=1,
        verdict=Verdict.ELIGIBLE,
        assessed_on=NOW.date(),
        revision=99,
    )
    return Record(case, LATEST.recipient, (), NOW.date(), ZoneInfo("Europe/Paris"))


def _followed(kind: Recorded | None, detail: str | None) -> list[Followed]:
    found = []
    for month, window in schedule(LATEST.visits, INFUSED, 44).items():
        span = {"due": window.due, "opens": window.opens, "closes": window.closes}
        visit = PlannedVisit(
            case_id=LARGEST,
            month=month,
            site_id=1,
            day=window.closes + timedelta(days=9) if kind is Recorded.DONE else window.closes,
            kind=kind,
            record_id=None if kind is None else LARGEST,
            is_pending=kind in {None, Recorded.RESCHEDULED},
            margin=44,
            sequence=LARGEST,
            changed_at=NOW,
            **span,
        )
        kept = VisitRecord(id=LARGEST, case_id=LARGEST, month=month, kind=kind or "", detail=detail, at=NOW, **span)
        found.append(Followed(visit, kept if kind else None))
    return found


ALL_DEVIATIONS = ("not_eligible", "donor_not_eligible", "unsigned", "before_inclusion")


def follow_up_views() -> Iterator[View]:
    """
    Each view in each of its forms.
    """
    record, before = _record(Stage.INCLUDED), Infusion(LARGEST, INFUSED)
    yield AskInfusion(record, FIRST, None)
    yield WhyInfusion(record, before, None)
    yield WhyInfusion(record, before, INFUSED, may_take_back=True)
    for reason in CORRECTIONS:
        yield AskInfusion(record, reason, before)
        yield ConfirmInfusion(record, reason, before, INFUSED, INFUSED, ALL_DEVIATIONS)
    yield ConfirmInfusion(record, FIRST, None, INFUSED, INFUSED, ALL_DEVIATIONS)
    yield WhyInfusionBack(record, before)
    kinds = [(None, None), (Recorded.RESCHEDULED, None)]
    kinds += [(Recorded.DONE, word) for word in REMARKS] + [(Recorded.MISSED, word) for word in MISSED]
    moved = dict.fromkeys(schedule(LATEST.visits, INFUSED, 0), INFUSED)
    for kind, detail in kinds:
        followed = _followed(kind, detail)
        for stage, may_record in ((Stage.INCLUDED, True), (Stage.LOST, False)):
            shown = _record(stage)
            yield Visits(shown, before, tuple(followed), 44, may_record, moved)
            for one in followed:
                looked = LATEST.visits[0].looks_at
                yield OneVisit(shown, one, looked, 44, may_record, "N" * 60)
    visit = _followed(None, None)[-1].visit
    for kind in (Recorded.DONE, Recorded.RESCHEDULED):
        yield AskVisitDay(record, visit, kind, before, 44)
    yield WhatOfVisit(record, visit, Recorded.DONE, REMARKS, INFUSED, 44)
    yield WhatOfVisit(record, visit, Recorded.MISSED, MISSED, None, 44)
    deviation = ("outside_window", "on_infusion_day")
    yield WhatOfVisit(record, visit, Recorded.DONE, (*OFF_DAY, "unwell"), INFUSED, 44, deviation)
    yield WhichVisit(record, visit, INFUSED, 44, deviation, (3, 6, 9, 12))
    yield WhatOfVisit(record, visit, Recorded.UNDONE, CORRECTIONS, None, 44)
    yield from _of_many()


def _of_many() -> Iterator[View]:
    due = []
    for at in range(PAGE):
        case = _record(Stage.INCLUDED).case.model_copy(update={"id": LARGEST - at, "code": f"{at:02d}-R-9999"})
        visit = _followed(None, None)[-1].visit.model_copy(update={"day": INFUSED + timedelta(days=at)})
        site = Site(id=at, number=at, name="&" * 60, time_zone="UTC")
        due.append(Due(visit, case, site, list(VisitState)[at % len(VisitState)]))
    for period in ("week", "month"):
        yield Agenda(period, INFUSED, tuple(due), 9999, 99_999, by_site=True, margin=44)
        yield Agenda(period, INFUSED, (), 0, 0, by_site=False, margin=0)
    dated = [Dated(one.visit, one.case, 3, NOW) for one in due]
    looked = {(one.case.id, one.visit.month): LATEST.visits[-1].looks_at for one in dated}
    yield CalendarFile(tuple(dated), looked, NOW, is_cut=True)
    yield CalendarFile(tuple(dated[:1]), looked, NOW, is_cut=False)
