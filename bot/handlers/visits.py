"""
Events of the follow-up: what is recorded of visits.
"""

from dataclasses import replace
from datetime import date

from bot import taps
from bot.events import Command
from bot.handlers.cases import on_code
from bot.handlers.infusions import refused
from bot.handlers.routes import command, on, reads
from bot.rules.schedule import Recorded
from bot.screens import present
from bot.screens.infusions import read_iso
from bot.screens.visits import AskVisitDay, Visits, WhatOfVisit
from bot.turn import READERS, STAFF, Note, Reply, StaleError, Turn
from bot.typed.days import read_day
from db.base.tables import PlannedVisit
from db.cases import cases
from db.cases.records import Record
from db.follow_up import planned, visits
from db.follow_up.visits import ChangedError, DayRefusedError


@command("visits", READERS, rank=170)
async def on_visits(turn: Turn, command: Command) -> Reply:
    """
    Show the visits of a recipient: the one named, or the one in focus.
    """
    focus = await turn.focus()
    if not command.argument and focus is not None:
        turn.show("visits", focus)
        reply = Reply(await present(turn), fresh=True, tidy=True)
    else:
        reply = await on_code(turn, command.argument, "visits")
    if turn.chat.case_id is None or isinstance(reply.view, Visits):
        return reply
    turn.show("summary", await turn.focus())
    return replace(reply, note=Note("visits.none"))


@on(taps.Follow, READERS)
async def on_follow(turn: Turn, tap: taps.Follow) -> Reply:
    """
    Go from the agenda to a recipient's visits.
    """
    case = await cases.by_id(turn.session, case_id=tap.case, sites=turn.sites)
    if case is None:
        raise StaleError
    turn.show("visits", case)
    return Reply(await present(turn))


@reads(AskVisitDay)
async def on_visit_text(turn: Turn, asking: AskVisitDay, text: str) -> Reply:
    """
    Read the day on which a visit was done, or to which it is moved.
    """
    record, visit = asking.record, asking.visit
    day = read_day(text, today=record.as_of)
    try:
        if day is None:
            return Reply(asking, note=Note("visit.refused.type"), tidy=True)
        visits.check_day(record, visit, asking.kind, day, asking.infusion.day)
    except DayRefusedError as error:
        return Reply(asking, note=refused(error), tidy=True)
    if asking.kind is Recorded.RESCHEDULED:
        return replace(await _note(turn, record, visit, asking.kind, day), tidy=True)
    turn.show(f"visit:{visit.month}:done:{day}", record.case)
    return Reply(await present(turn, record), tidy=True)


@on(taps.Visited, STAFF)
async def on_visited(turn: Turn, tap: taps.Visited) -> Reply:
    """
    Record a visit as done or missed, or take back its last record.
    """
    await turn.focus(tap.case)
    view = await present(turn)
    if not isinstance(view, WhatOfVisit) or tap.detail not in view.words or tap.kind != view.kind:
        raise StaleError
    if (tap.month, tap.sequence, read_iso(tap.day)) != (view.visit.month, view.visit.sequence, view.day):
        raise StaleError
    return await _note(turn, view.record, view.visit, view.kind, view.day, tap.detail)


async def _note(  # noqa: PLR0917  all that is recorded of a visit
    turn: Turn,
    record: Record,
    visit: PlannedVisit,
    kind: Recorded,
    day: date | None,
    detail: str | None = None,
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
        )
    except (ChangedError, DayRefusedError):
        raise StaleError from None
    turn.show("visits", record.case)
    state = planned.standing_of(after).state(record.as_of)
    key = f"visit.noted.{kind}" if kind is not Recorded.DONE else f"visit.noted.{state}"
    return Reply(await present(turn, record), note=Note(key, name=str(visit.month), day=day))
