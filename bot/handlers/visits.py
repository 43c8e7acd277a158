"""
Events of the follow-up: what is recorded of visits.
"""

from datetime import date

from bot import taps
from bot.events import Command
from bot.handlers.cases import meant
from bot.handlers.infusions import refused
from bot.handlers.reasons import read_reason
from bot.handlers.routes import command, on, reads
from bot.rules.schedule import Recorded
from bot.screens import present
from bot.screens.summary import SummaryScreen
from bot.screens.visits import AskVisitDay, Visits, VisitScreen, VisitsScreen, WhatOfVisit
from bot.turn import READERS, STAFF, Note, Reply, StaleError, Turn
from bot.typed.days import read_day
from db.base.tables import PlannedVisit
from db.cases.records import Record
from db.follow_up import concerned, planned, visits
from db.follow_up.visits import ChangedError, DayRefusedError, DeviatesError


@command("visits", READERS, rank=170)
async def on_visits(turn: Turn, command: Command) -> Reply:
    """
    Show the visits of a recipient: the one named, or the one in focus.
    """
    case = await meant(turn, command.argument)
    reply = turn.show(VisitsScreen(), case)
    return reply if isinstance(await present(turn), Visits) else turn.show(SummaryScreen(), case, Note("visits.none"))


@reads(AskVisitDay)
async def on_visit_text(turn: Turn, asking: AskVisitDay, text: str) -> Reply:
    """
    Read the day on which a visit was done, or to which it is moved.
    """
    record, visit = asking.record, asking.visit
    day = read_day(text, today=record.as_of)
    try:
        if day is None:
            return Reply(Note("visit.refused.type"))
        visits.check_day(record, visit, asking.kind, day, asking.infusion.day)
    except DayRefusedError as error:
        return Reply(refused(error))
    if asking.kind is Recorded.RESCHEDULED:
        return await _note(turn, record, visit, asking.kind, day)
    return turn.show(VisitScreen(visit.month, "done", day), record)


@on(taps.Visited, STAFF)
async def on_visited(turn: Turn, tap: taps.Visited) -> Reply:
    """
    Record a visit as done or missed, or take back its last record.
    """
    await turn.focus_on(tap.case)
    view = await present(turn)
    if not isinstance(view, WhatOfVisit) or tap.detail not in view.words or turn.chat.card_for != view.asks:
        raise StaleError
    if (tap.month, tap.sequence, tap.kind, tap.day) != (view.visit.month, view.visit.sequence, view.kind, view.day):
        raise StaleError
    return await _of(turn, view, tap.detail)


@reads(WhatOfVisit)
async def on_words_of_visit(turn: Turn, view: WhatOfVisit, text: str) -> Reply:
    """
    Read why it was missed, why its record is taken back, or why it deviates.
    """
    return await _of(turn, view, read_reason(text))


async def _of(turn: Turn, view: WhatOfVisit, detail: str) -> Reply:
    reply = await _note(turn, view.record, view.visit, view.kind, view.day, detail, view.deviation)
    if view.deviation:
        visit = (await planned.rows(turn.session, case=view.record.case))[view.visit.month]
        await concerned.tell(
            turn.session,
            case=view.record.case,
            roles=STAFF,
            but=turn.member.person.id,
            key="notice.visit_deviates",
            now=turn.now,
            visited=visit.record_id,
        )
    return reply


async def _note(  # noqa: PLR0917  all that is recorded of a visit
    turn: Turn,
    record: Record,
    visit: PlannedVisit,
    kind: Recorded,
    day: date | None,
    detail: str | None = None,
    deviation: tuple[str, ...] = (),
) -> Reply:
    try:
        after = await visits.note(
            turn.session,
            record=record,
            month=visit.month,
            expected=visit.sequence,
            kind=kind,
            margin=turn.deployment.study.window,
            by=turn.actor,
            now=turn.now,
            day=day,
            detail=detail,
            accepted=deviation,
        )
    except (ChangedError, DayRefusedError, DeviatesError):
        raise StaleError from None
    state = planned.standing_of(after).state(record.as_of)
    key = f"visit.noted.{kind}" if kind is not Recorded.DONE else f"visit.noted.{state}"
    return turn.show(VisitsScreen(), record, Note(key, name=str(visit.month), day=day))
