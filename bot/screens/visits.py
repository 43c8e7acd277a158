"""
Screens of the follow-up: the infusion, the visits of a recipient, and the agenda.
"""

from datetime import date, timedelta

from bot.rules.months import add_months
from bot.rules.protocol import Kind
from bot.rules.schedule import Recorded
from bot.rules.versions import PROTOCOLS
from bot.screens.menus import page_in
from bot.turn import STAFF, Turn
from bot.views import View
from bot.views.visits import (
    CORRECTIONS,
    FIRST,
    MISSED,
    REMARKS,
    Agenda,
    AskInfusion,
    AskVisitDay,
    ConfirmInfusion,
    Due,
    OneVisit,
    Visits,
    WhatOfVisit,
    WhyInfusion,
)
from db.base.tables import ENDED, Person, Stage
from db.cases import cases
from db.cases.records import Record
from db.follow_up import agenda as schedule
from db.follow_up import infusions, planned, visits
from db.follow_up.planned import Infusion
from db.follow_up.visits import DayRefusedError, Followed

PAGE = 12
WEEK, MONTH = "week", "month"


async def offer(turn: Turn, record: Record) -> str | None:
    """
    The screen of the follow-up that a summary leads to: "visits", "infusion" where none is recorded yet, or None.
    """
    if record.case.kind != Kind.RECIPIENT:
        return None
    if await planned.infusion(turn.session, case=record.case):
        return "visits"
    return "infusion" if _may_begin(turn, record) else None


async def of_case(turn: Turn, record: Record) -> tuple[Followed, ...]:
    """
    The visits of a recipient as they stand; none for anybody else.
    """
    if record.case.kind != Kind.RECIPIENT:
        return ()
    return tuple(await visits.of_case(turn.session, case=record.case))


def _may_record(turn: Turn, record: Record) -> bool:
    return record.case.stage not in ENDED and turn.may(STAFF, record.case.site_id)


def _may_begin(turn: Turn, record: Record) -> bool:
    case = record.case
    return case.kind == Kind.RECIPIENT and case.stage == Stage.INCLUDED and _may_record(turn, record)


async def infusion(turn: Turn, record: Record, rest: str) -> View | None:
    """
    infusion:REASON:DAY asks, one after the other, why the infusion's day is corrected, for the day, and whether it is
    right.
    """
    reason, _, text = rest.partition(":")
    day = read_iso(text)
    before = await planned.infusion(turn.session, case=record.case)
    if before is None:
        if not _may_begin(turn, record):
            return None
        reason = FIRST
    elif not _may_record(turn, record):
        return None
    elif reason not in CORRECTIONS:
        return WhyInfusion(record, before, day)
    if day is None or day > record.as_of:
        return AskInfusion(record, reason, before)
    included = await infusions.included_on(turn.session, record=record)
    return ConfirmInfusion(record, reason, before, day, included if included and day < included else None)


async def visit_list(turn: Turn, record: Record, rest: str) -> View | None:
    """
    visits, or visits:MONTH=DAY,... with the days that visits had before.
    """
    begun = await planned.infusion(turn.session, case=record.case)
    if begun is None:
        return None
    followed = await visits.of_case(turn.session, case=record.case)
    return Visits(
        record,
        begun,
        tuple(followed),
        turn.deployment.study.window,
        _may_record(turn, record),
        record.case.stage in ENDED,
        _moved(rest),
    )


def _moved(rest: str) -> dict[int, date]:
    pairs = (one.partition("=") for one in rest.split(","))
    return {page_in(month): day for month, _, text in pairs if (day := read_iso(text)) is not None}


async def visit(turn: Turn, record: Record, rest: str) -> View | None:
    """
    visit:MONTH, and after a colon what is being recorded: done, done:DAY, missed, move, undo.
    """
    month, _, what = rest.partition(":")
    begun = await planned.infusion(turn.session, case=record.case)
    found = await visits.of_case(turn.session, case=record.case)
    followed = next((one for one in found if one.visit.month == page_in(month)), None)
    if begun is None or followed is None:
        return await visit_list(turn, record, "")
    if _may_record(turn, record) and (asking := _asking(turn, record, followed, begun, what)):
        return asking
    by = await turn.session.get(Person, followed.record.person_id) if followed.record else None
    return OneVisit(
        record,
        followed,
        looks_at(record.case.protocol, followed.visit.month),
        turn.deployment.study.window,
        _may_record(turn, record),
        record.case.stage in ENDED,
        by.name if by else None,
    )


def _asking(turn: Turn, record: Record, followed: Followed, begun: Infusion, what: str) -> View | None:
    one, margin = followed.visit, turn.deployment.study.window
    name, _, text = what.partition(":")
    match name:
        case "undo" if one.record_id is not None:
            return WhatOfVisit(record, one, Recorded.UNDONE, CORRECTIONS, None, margin)
        case _ if not one.is_pending:
            return None
        case "missed" if one.opens <= record.as_of:
            return WhatOfVisit(record, one, Recorded.MISSED, MISSED, None, margin)
        case "move" if record.as_of <= one.closes:
            return AskVisitDay(record, one, Recorded.RESCHEDULED, begun, margin)
        case "done":
            day = read_iso(text)
            if day is None or not _fits(record, followed, day, begun):
                return AskVisitDay(record, one, Recorded.DONE, begun, margin)
            assessed = "response" in looks_at(record.case.protocol, one.month)
            remarks = tuple(word for word in REMARKS if assessed or word != "response_not_assessed")
            return WhatOfVisit(record, one, Recorded.DONE, remarks, day, margin)
    return None


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


async def agenda(turn: Turn, rest: str) -> View:
    """
    agenda:PERIOD:PAGE: what is overdue, and what is open or opens in the coming week or month.
    """
    period, _, number = rest.partition(":")
    period, page = MONTH if period == MONTH else WEEK, page_in(number)
    today = await schedule.today(turn.session, sites=turn.sites, now=turn.now)
    until = add_months(today, 1) if period == MONTH else today + timedelta(days=7)
    total = await schedule.count_ahead(turn.session, sites=turn.sites, until=until)
    page = min(page, max(0, total - 1) // PAGE)
    rows = await schedule.ahead(turn.session, sites=turn.sites, until=until, limit=PAGE, offset=page * PAGE)
    found = tuple(
        Due(one, case, site, planned.standing_of(one).state(cases.today(site, turn.now))) for one, case, site in rows
    )
    by_site = turn.sites is None or len(turn.sites) > 1
    return Agenda(
        period,
        until,
        found,
        page,
        total - page * PAGE - len(found),
        by_site=by_site,
        margin=turn.deployment.study.window,
    )


def read_iso(text: str) -> date | None:
    """
    The day that a screen or a button names; None where it names none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
