"""
Events of the follow-up: what is recorded of visits.
"""

from datetime import date

from bot import taps
from bot.events import Command
from bot.handlers.cases import meant
from bot.handlers.colleagues import tell
from bot.handlers.infusions import refused
from bot.handlers.reasons import read_reason
from bot.handlers.routes import command, on, reads
from bot.rules.schedule import Recorded
from bot.screens import on_card, present
from bot.screens.summary import SummaryScreen
from bot.screens.visits import AskVisitDay, Visits, VisitScreen, VisitsScreen, WhatOfVisit
from bot.turn import READERS, STAFF, Note, Reply, StaleError, Turn
from bot.typed.days import read_day
from db.base.tables import PlannedVisit
from db.follow_up import planned, visits
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
        return await _note(turn, asking, day)
    return turn.show(VisitScreen(visit.month, "done", day), record)


@on(taps.Visited, STAFF)
async def on_visited(turn: Turn, tap: taps.Visited) -> Reply:
    """
    Record a visit as done or missed, or take back its last record.
    """
    view = await on_card(turn, WhatOfVisit, tap.case)
    shown = view.visit.month, view.visit.sequence, view.kind, view.day
    if (tap.month, tap.sequence, tap.kind, tap.day) != shown or tap.detail not in view.words:
        raise StaleError
    return await _note(turn, view, view.day, tap.detail, view.deviation)


@reads(WhatOfVisit)
async def on_words_of_visit(turn: Turn, view: WhatOfVisit, text: str) -> Reply:
    """
    Read why it was missed, why its record is taken back, or why it deviates.
    """
    return await _note(turn, view, view.day, read_reason(text), view.deviation)


async def _note(
    turn: Turn,
    view: AskVisitDay | WhatOfVisit,
    day: date | None,
    detail: str | None = None,
    deviation: tuple[str, ...] = (),
) -> Reply:
    record, kind, before = view.record, view.kind, view.visit.record_id
    try:
        after = await _stored(turn, view, day, detail, deviation)
    except (ChangedError, DayRefusedError, DeviatesError):
        raise StaleError from None
    if deviation:
        await tell(turn, record.case, STAFF, "notice.visit_deviates", visited=after.record_id)
    elif kind is Recorded.UNDONE and await visits.deviated(turn.session, number=before):
        await tell(turn, record.case, STAFF, "notice.visit_deviation_over", undone=before)
    state = planned.standing_of(after).state(record.as_of)
    key = f"visit.noted.{kind}" if kind is not Recorded.DONE else f"visit.noted.{state}"
    return turn.show(VisitsScreen(), record, Note(key, name=str(after.month), day=day))


async def _stored(
    turn: Turn, view: AskVisitDay | WhatOfVisit, day: date | None, detail: str | None, deviation: tuple[str, ...]
) -> PlannedVisit:
    return await visits.note(
        turn.session,
        record=view.record,
        month=view.visit.month,
        expected=view.visit.sequence,
        kind=view.kind,
        margin=turn.deployment.study.window,
        by=turn.actor,
        now=turn.now,
        day=day,
        detail=detail,
        accepted=deviation,
    )
