"""
Events of the follow-up: the infusion, what is recorded of visits, the agenda.
"""

from dataclasses import replace
from datetime import date, timedelta

from bot import taps
from bot.events import Command
from bot.handlers.reading import code_in, on_code
from bot.rules.schedule import Recorded
from bot.screens import present
from bot.screens.visits import MONTH, WEEK, looks_at, read_iso
from bot.turn import StaleError, Turn
from bot.typed.days import read_day
from bot.typed.letters import fold
from bot.views import Note, Reply
from bot.views.visits import (
    FIRST,
    AskInfusion,
    AskVisitDay,
    CalendarFile,
    ConfirmInfusion,
    Visits,
    WhatOfVisit,
    WhyInfusion,
)
from db.base.tables import PlannedVisit
from db.cases import cases
from db.cases.records import Record
from db.follow_up import agenda, infusions, planned, visits
from db.follow_up.visits import ChangedError, DayRefusedError

CALENDAR = "calendar"
_PERIODS = {"month": MONTH, "mois": MONTH, "week": WEEK, "semaine": WEEK, "": WEEK}
_FILES = frozenset({"ics", "calendar", "calendrier"})
_MOST_IN_A_FILE = 2000
_BACK = timedelta(days=366)


def _code_and_rest(text: str) -> tuple[str, str]:
    """
    A case code at the beginning of a text, and what follows it.
    """
    words = text.split()
    for at in range(1, len(words) + 1):
        if code_in(" ".join(words[:at])):
            return " ".join(words[:at]), " ".join(words[at:])
    return "", text


async def on_infused(turn: Turn, command: Command) -> Reply:
    """
    Record the infusion of a recipient, or ask for its day.
    """
    code, text = _code_and_rest(command.argument)
    focus = await turn.focus()
    if not code and focus is not None:
        turn.show("infusion", focus)
        reply = Reply(await present(turn), fresh=True, tidy=True)
    else:
        reply = await on_code(turn, code or text, "infusion")
    match reply.view:
        case AskInfusion() as asking if text:
            return replace(await on_infusion_text(turn, asking, text), fresh=True)
        case WhyInfusion(record) if text:
            day = read_day(text, today=record.as_of)
            turn.show(f"infusion::{day or ''}", record.case)
            note = None if day else Note("visit.refused.type")
            return replace(reply, view=await present(turn, record), note=note)
        case AskInfusion() | WhyInfusion():
            return reply
    if turn.chat.case_id is None:
        return reply
    turn.show("summary", await turn.focus())
    return replace(reply, view=await present(turn), note=Note("infusion.not_included"))


async def on_infusion_text(turn: Turn, asking: AskInfusion, text: str) -> Reply:
    """
    Read the day of the infusion. One before the inclusion is asked about.
    """
    record = asking.record
    day = read_day(text, today=record.as_of)
    if day is None:
        return Reply(asking, note=Note("visit.refused.type"), tidy=True)
    try:
        await infusions.check(turn.session, record=record, day=day)
    except DayRefusedError as error:
        return Reply(asking, note=_refused(error), tidy=True)
    turn.show(f"infusion:{asking.reason}:{day}", record.case)
    view = await present(turn, record)
    if isinstance(view, ConfirmInfusion) and view.included_on is None:
        return replace(await _infuse(turn, view), tidy=True)
    return Reply(view, tidy=True)


async def on_infuse(turn: Turn, tap: taps.Infuse) -> Reply:
    """
    Store the day that was asked about, if it is still the one.
    """
    await turn.focus(tap.case)
    view = await present(turn)
    if not isinstance(view, ConfirmInfusion):
        raise StaleError
    if (view.number, view.reason, view.day.isoformat()) != (tap.number, tap.reason, tap.day):
        raise StaleError
    return await _infuse(turn, view)


async def _infuse(turn: Turn, view: ConfirmInfusion) -> Reply:
    record = view.record
    reason = None if view.reason == FIRST else view.reason
    try:
        moves = await infusions.infuse(
            turn.session,
            record=record,
            day=view.day,
            expected=view.number,
            margin=turn.deployment.study.window,
            by=turn.actor,
            now=turn.now,
            reason=reason or ("before_inclusion" if view.included_on else None),
        )
    except ChangedError:
        raise StaleError from None
    except DayRefusedError as error:
        turn.show(f"infusion:{view.reason}", record.case)
        return Reply(await present(turn, record), note=_refused(error))
    turn.show("visits:" + ",".join(f"{move.month}={move.old}" for move in moves), record.case)
    key = "infusion.corrected" if view.before else "infusion.stored"
    return Reply(await present(turn, record), note=Note(key, name=record.case.code, day=view.day))


def _refused(error: DayRefusedError) -> Note:
    return Note(f"visit.refused.{error.problem}", name=str(error.month or ""), day=error.day)


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


async def on_follow(turn: Turn, tap: taps.Follow) -> Reply:
    """
    Go from the agenda to a recipient's visits.
    """
    case = await cases.by_id(turn.session, case_id=tap.case, sites=turn.sites)
    if case is None:
        raise StaleError
    turn.show("visits", case)
    return Reply(await present(turn))


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
        return Reply(asking, note=_refused(error), tidy=True)
    if asking.kind is Recorded.RESCHEDULED:
        return replace(await _note(turn, record, visit, asking.kind, day), tidy=True)
    turn.show(f"visit:{visit.month}:done:{day}", record.case)
    return Reply(await present(turn, record), tidy=True)


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


async def on_agenda(turn: Turn, command: Command) -> Reply:
    """
    Show what is due this week or month, or hand it over as a calendar file.
    """
    word = fold(command.argument)
    turn.show(f"agenda:{_PERIODS.get(word, WEEK)}")
    if word in _FILES:
        return replace(await on_export(turn, taps.Export(CALENDAR)), tidy=True)
    note = None if word in _PERIODS else Note("agenda.which")
    return Reply(await present(turn), note=note, fresh=True, tidy=True)


async def on_export(turn: Turn, tap: taps.Export) -> Reply:
    """
    Hand over the visits of one's sites as a calendar file.
    """
    if tap.what != CALENDAR:
        raise StaleError
    today = await agenda.today(turn.session, sites=turn.sites, now=turn.now)
    found = await agenda.dated(turn.session, sites=turn.sites, today=today, back=_BACK, limit=_MOST_IN_A_FILE + 1)
    view = await present(turn)
    if not found:
        return Reply(view, note=Note("agenda.no_file"))
    is_cut = len(found) > _MOST_IN_A_FILE
    # The one too many is the oldest of those past, or the last of those ahead.
    found = found[1:] if is_cut and found[0].visit.day < today else found[:_MOST_IN_A_FILE]
    looked = {(one.case.id, one.visit.month): looks_at(one.case.protocol, one.visit.month) for one in found}
    file = CalendarFile(tuple(found), looked, turn.now, is_cut)
    return Reply(view, fresh=True, also=file)
