"""
Events that go on with the screening of a case, or leave it: continue, pause, finish, complete, cancel.
"""

from bot import taps
from bot.coded import Screen
from bot.events import Command
from bot.handlers.routes import command, on
from bot.rules.assessment import Verdict
from bot.screens import present
from bot.screens.menus import HomeScreen
from bot.screens.screening import AskScreen, AwaitScreen, Settled
from bot.screens.summary import Summary, SummaryScreen
from bot.turn import READERS, SCREENERS, Note, Reply, StaleError, Turn
from db.base.tables import Case, Stage
from db.cases import cases
from db.cases.records import Record


async def go_on(turn: Turn, case: Case) -> Reply:
    """
    Ask what is left; where only awaited items are left, ask those again.
    """
    view = await present(turn)
    if not isinstance(view, Summary) or not view.may_screen or not view.record.assessment.missing:
        raise StaleError
    await take_up(turn, case)
    assessment = view.record.assessment
    case.in_full = assessment.verdict is Verdict.NOT_ELIGIBLE and bool(assessment.to_ask)
    return turn.show(AskScreen() if assessment.to_ask else AwaitScreen(assessment.awaited[0]), view.record)


async def take_up(turn: Turn, case: Case) -> None:
    """
    Go on with a screening that was finished, if it was.
    """
    if case.stage == Stage.FINISHED:
        await cases.move(turn.session, case=case, to=Stage.SCREENING, by=turn.actor, now=turn.now)


def voided(record: Record, signed: int | None) -> Note | None:
    """
    That answers have ended the sign-off which there was before them, if they have.
    """
    return Note("note.voided", name=record.case.code) if signed is not None and record.case.sign_off is None else None


async def go_to(turn: Turn, screen: Screen, record: Record, note: Note | None = None) -> Reply:
    """
    The step that follows; at the end of the chat where that is the summary.
    """
    turn.show(screen, record)
    return Reply(note, fresh=isinstance(await present(turn), Summary))


@on(taps.Pause, READERS)
async def on_pause(turn: Turn, tap: taps.Pause) -> Reply:
    """
    Leave the case for now. Every answer is stored already.
    """
    case = await turn.focus_on(tap.case)
    return turn.show(HomeScreen(), note=Note("note.paused", name=case.code))


@on(taps.Finish, SCREENERS)
async def on_finish(turn: Turn, tap: taps.Finish) -> Reply:
    """
    End the screening of a case that is not eligible, and sum it up.
    """
    case = await turn.focus_on(tap.case)
    if case.revision != tap.revision or not isinstance(await present(turn), Settled):
        raise StaleError
    await cases.move(turn.session, case=case, to=Stage.FINISHED, by=turn.actor, now=turn.now)
    return turn.show(SummaryScreen(), case, fresh=True)


@on(taps.Complete, SCREENERS)
async def on_complete(turn: Turn, tap: taps.Complete) -> Reply:
    """
    Go on with the questions although the verdict is settled.
    """
    case = await turn.focus_on(tap.case)
    if not isinstance(await present(turn), Settled):
        raise StaleError
    case.in_full = True
    return turn.show(AskScreen(), case)


@command("cancel", SCREENERS, rank=250)
async def on_cancel(turn: Turn, _: Command) -> Reply:
    """
    Leave what is being done: a change, a screen, or the case. A case without any answer was opened by mistake, unless
    somebody has linked it.
    """
    case, screen = await turn.focus(), turn.screen
    if case is None:
        return turn.show(HomeScreen())
    if turn.drop() or (screen is not None and screen.is_under_way):
        return turn.show(AskScreen(), case, Note("note.cancelled"))
    key = "note.paused"
    if case.revision == 0 and not case.links:
        await cases.move(turn.session, case=case, to=Stage.DISCARDED, by=turn.actor, now=turn.now, reason="mistake")
        key = "note.discarded"
    return turn.show(HomeScreen(), note=Note(key, name=case.code))
