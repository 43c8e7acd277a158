"""
Events about the infusion.
"""

from bot import taps
from bot.events import Command
from bot.handlers.cases import meant
from bot.handlers.colleagues import tell
from bot.handlers.reasons import read_reason
from bot.handlers.routes import command, on, reads
from bot.screens import on_card, present
from bot.screens.infusions import (
    EXPLANATIONS,
    FIRST,
    MISTAKES,
    AskInfusion,
    ConfirmInfusion,
    InfusionScreen,
    OfInfusion,
    WhyInfusion,
    WhyInfusionBack,
)
from bot.screens.summary import SummaryScreen
from bot.screens.visits import VisitsScreen
from bot.turn import STAFF, Note, Reply, StaleError, Turn
from bot.typed.answers import is_yes
from bot.typed.codes import code_and_rest
from bot.typed.days import read_day
from db.base.tables import Case
from db.follow_up import infusions, planned
from db.follow_up.infusions import Move
from db.follow_up.planned import Infusion
from db.follow_up.visits import ChangedError, DayRefusedError, DeviatesError


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
            return turn.show(InfusionScreen(day), record, None if day else Note("visit.refused.type"))
        case AskInfusion() | WhyInfusion():
            return reply
    return turn.show(SummaryScreen(), case, Note("infusion.not_included"))


@reads(WhyInfusion)
async def on_why_infusion_text(turn: Turn, view: WhyInfusion, text: str) -> Reply:
    """
    Read why the day is corrected.
    """
    return turn.show(InfusionScreen(view.day, read_reason(text)), view.record)


@reads(AskInfusion)
async def on_infusion_text(turn: Turn, asking: AskInfusion, text: str) -> Reply:
    """
    Read the day of the infusion, which is asked about before it is stored.
    """
    return await _of_day(turn, asking, text)


async def _of_day(turn: Turn, asking: OfInfusion, text: str) -> Reply:
    record = asking.record
    day = read_day(text, today=record.as_of)
    if day is None:
        return Reply(Note("visit.refused.type"))
    try:
        await infusions.check(turn.session, record=record, day=day)
    except DayRefusedError as error:
        return Reply(refused(error))
    return turn.show(InfusionScreen(day, asking.reason), record)


@reads(ConfirmInfusion)
async def on_confirming_text(turn: Turn, view: ConfirmInfusion, text: str) -> Reply:
    """
    Read yes or another day; or why the infusion deviates.
    """
    if view.wants_reason:
        return await _infuse(turn, view, read_reason(text))
    if is_yes(text):
        return await _infuse(turn, view)
    return await _of_day(turn, view, text)


@on(taps.Infuse, STAFF)
async def on_infuse(turn: Turn, tap: taps.Infuse) -> Reply:
    """
    Store the day that was asked about, if it is still the one.
    """
    view = await on_card(turn, ConfirmInfusion, tap.case)
    if (view.number, view.day) != (tap.number, tap.day) or view.wants_reason != (tap.reason in EXPLANATIONS):
        raise StaleError
    return await _infuse(turn, view, tap.reason if view.wants_reason else None)


async def _infuse(turn: Turn, view: ConfirmInfusion, explained: str | None = None) -> Reply:
    record, case = view.record, view.record.case
    try:
        moves = await _stored(turn, view, explained if view.reason == FIRST else view.reason)
    except (ChangedError, DeviatesError):
        raise StaleError from None
    except DayRefusedError as error:
        return turn.show(InfusionScreen(reason=view.reason), record, refused(error))
    if view.deviation:
        infusion = await planned.infusion(turn.session, case=case)
        await tell(turn, case, STAFF, "notice.infusion_deviates", decided=infusion.number if infusion else None)
    elif view.before is not None:
        await _tell_over(turn, case, view.before)
    key = "infusion.corrected" if view.before else "infusion.stored"
    moved = {move.month: move.old for move in moves}
    return turn.show(VisitsScreen(moved), record, Note(key, name=case.code, day=view.day))


async def _stored(turn: Turn, view: ConfirmInfusion, reason: str | None) -> list[Move]:
    return await infusions.infuse(
        turn.session,
        record=view.record,
        day=view.day,
        expected=view.number,
        margin=turn.deployment.study.window,
        by=turn.actor,
        now=turn.now,
        reason=reason,
        accepted=view.deviation,
    )


async def _tell_over(turn: Turn, case: Case, before: Infusion) -> None:
    """
    Tell whoever was told of a deviation that it stands no longer.
    """
    if before.deviation:
        await tell(turn, case, STAFF, "notice.infusion_deviation_over", replaced=before.number)


@on(taps.TakeInfusionBack, STAFF)
async def on_take_infusion_back(turn: Turn, tap: taps.TakeInfusionBack) -> Reply:
    """
    Take an infusion back that was entered by mistake.
    """
    await turn.focus_on(tap.case)
    view = await present(turn)
    if not isinstance(view, WhyInfusionBack) or view.before.number != tap.number or tap.reason not in MISTAKES:
        raise StaleError
    return await _take_back(turn, view, tap.reason)


@reads(WhyInfusionBack)
async def on_mistake_text(turn: Turn, view: WhyInfusionBack, text: str) -> Reply:
    """
    Read why it is taken back.
    """
    return await _take_back(turn, view, read_reason(text))


async def _take_back(turn: Turn, view: WhyInfusionBack, reason: str) -> Reply:
    try:
        await infusions.take_back(
            turn.session,
            record=view.record,
            expected=view.before.number,
            margin=turn.deployment.study.window,
            by=turn.actor,
            now=turn.now,
            reason=reason,
        )
    except (ChangedError, infusions.VisitRecordedError):
        raise StaleError from None
    await _tell_over(turn, view.record.case, view.before)
    return turn.show(SummaryScreen(), view.record.case, Note("infusion.taken_back", name=view.record.case.code))


def refused(error: DayRefusedError) -> Note:
    """
    Why a day is not taken.
    """
    return Note(f"visit.refused.{error.problem}", name=str(error.month or ""), day=error.day)
