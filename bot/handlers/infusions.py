"""
Events about the infusion.
"""

from bot import taps
from bot.events import Command
from bot.handlers.cases import meant
from bot.handlers.routes import command, on, reads
from bot.screens import present
from bot.screens.infusions import FIRST, AskInfusion, ConfirmInfusion, InfusionScreen, WhyInfusion
from bot.screens.summary import SummaryScreen
from bot.screens.visits import VisitsScreen
from bot.turn import STAFF, Note, Reply, StaleError, Turn
from bot.typed.codes import code_and_rest
from bot.typed.days import read_day
from db.follow_up import infusions
from db.follow_up.visits import ChangedError, DayRefusedError


@command("infused", STAFF, rank=160)
async def on_infused(turn: Turn, command: Command) -> Reply:
    """
    Record the infusion of a recipient, or ask for its day.
    """
    code, text = code_and_rest(command.argument)
    case = await meant(turn, code)
    reply = turn.show(InfusionScreen(), case)
    match await present(turn):
        case AskInfusion() as asking if text:
            return await on_infusion_text(turn, asking, text)
        case WhyInfusion(record) if text:
            day = read_day(text, today=record.as_of)
            return turn.show(InfusionScreen(day=day), record, None if day else Note("visit.refused.type"))
        case AskInfusion() | WhyInfusion():
            return reply
    return turn.show(SummaryScreen(), case, Note("infusion.not_included"))


@reads(AskInfusion)
async def on_infusion_text(turn: Turn, asking: AskInfusion, text: str) -> Reply:
    """
    Read the day of the infusion. One before the inclusion is asked about.
    """
    record = asking.record
    day = read_day(text, today=record.as_of)
    if day is None:
        return Reply(Note("visit.refused.type"))
    try:
        await infusions.check(turn.session, record=record, day=day)
    except DayRefusedError as error:
        return Reply(refused(error))
    reply = turn.show(InfusionScreen(asking.reason, day), record)
    view = await present(turn)
    if isinstance(view, ConfirmInfusion) and view.included_on is None:
        return await _infuse(turn, view)
    return reply


@on(taps.Infuse, STAFF)
async def on_infuse(turn: Turn, tap: taps.Infuse) -> Reply:
    """
    Store the day that was asked about, if it is still the one.
    """
    await turn.focus_on(tap.case)
    view = await present(turn)
    if not isinstance(view, ConfirmInfusion):
        raise StaleError
    if (view.number, view.reason, view.day) != (tap.number, tap.reason, tap.day):
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
        return turn.show(InfusionScreen(view.reason), record, refused(error))
    key = "infusion.corrected" if view.before else "infusion.stored"
    moved = {move.month: move.old for move in moves}
    return turn.show(VisitsScreen(moved), record, Note(key, name=record.case.code, day=view.day))


def refused(error: DayRefusedError) -> Note:
    """
    Why a day is not taken.
    """
    return Note(f"visit.refused.{error.problem}", name=str(error.month or ""), day=error.day)
