"""
Events about the infusion.
"""

from dataclasses import replace

from bot import taps
from bot.events import Command
from bot.handlers.cases import on_code
from bot.handlers.routes import command, on, reads
from bot.screens import present
from bot.screens.infusions import FIRST, AskInfusion, ConfirmInfusion, WhyInfusion
from bot.turn import STAFF, Note, Reply, StaleError, Turn
from bot.typed.codes import code_in
from bot.typed.days import read_day
from db.follow_up import infusions
from db.follow_up.visits import ChangedError, DayRefusedError


def _code_and_rest(text: str) -> tuple[str, str]:
    """
    A case code at the beginning of a text, and what follows it.
    """
    words = text.split()
    for at in range(1, len(words) + 1):
        if code_in(" ".join(words[:at])):
            return " ".join(words[:at]), " ".join(words[at:])
    return "", text


@command("infused", STAFF, rank=160)
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


@reads(AskInfusion)
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
        return Reply(asking, note=refused(error), tidy=True)
    turn.show(f"infusion:{asking.reason}:{day}", record.case)
    view = await present(turn, record)
    if isinstance(view, ConfirmInfusion) and view.included_on is None:
        return replace(await _infuse(turn, view), tidy=True)
    return Reply(view, tidy=True)


@on(taps.Infuse, STAFF)
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
        return Reply(await present(turn, record), note=refused(error))
    turn.show("visits:" + ",".join(f"{move.month}={move.old}" for move in moves), record.case)
    key = "infusion.corrected" if view.before else "infusion.stored"
    return Reply(await present(turn, record), note=Note(key, name=record.case.code, day=view.day))


def refused(error: DayRefusedError) -> Note:
    """
    Why a day is not taken.
    """
    return Note(f"visit.refused.{error.problem}", name=str(error.month or ""), day=error.day)
