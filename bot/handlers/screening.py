"""
Events that go on with the screening of a case, or leave it: continue, pause, finish, complete, cancel.
"""

from bot import taps
from bot.events import Command
from bot.handlers.routes import command, on
from bot.rules.assessment import Verdict
from bot.screens import present
from bot.screens.screening import Settled
from bot.screens.summary import Summary
from bot.turn import READERS, SCREENERS, Note, Reply, StaleError, Turn
from db.base.tables import Case, Stage
from db.cases import cases

_UNDER_WAY = frozenset({"item", "await", "why", "edit", "reason", "change", "infusion", "visit"})
"""The screens in which something is under way that can be cancelled."""


async def go_on(turn: Turn, case: Case) -> Reply:
    """
    Ask what is left; where only awaited items are left, ask those again.
    """
    view = await present(turn)
    if not isinstance(view, Summary) or not view.may_screen or not view.record.assessment.missing:
        raise StaleError
    await _reopen(turn, case)
    assessment = view.record.assessment
    case.in_full = assessment.verdict is Verdict.NOT_ELIGIBLE and bool(assessment.to_ask)
    turn.show("ask" if assessment.to_ask else f"await:{assessment.awaited[0]}", case)
    return Reply(await present(turn, view.record))


async def _reopen(turn: Turn, case: Case) -> None:
    if case.stage == Stage.FINISHED:
        await cases.move(turn.session, case=case, to=Stage.SCREENING, by=turn.actor, now=turn.now)


@on(taps.Pause, READERS)
async def on_pause(turn: Turn, tap: taps.Pause) -> Reply:
    """
    Put the case aside. Every answer is stored already.
    """
    case = await turn.focus(tap.case)
    turn.show("home")
    return Reply(await present(turn), note=Note("note.paused", name=case.code if case else ""))


@on(taps.Finish, SCREENERS)
async def on_finish(turn: Turn, tap: taps.Finish) -> Reply:
    """
    End the screening of a case that is not eligible, and sum it up.
    """
    case = await turn.focus(tap.case)
    if case is None or case.revision != tap.revision or not isinstance(await present(turn), Settled):
        raise StaleError
    await cases.move(turn.session, case=case, to=Stage.FINISHED, by=turn.actor, now=turn.now)
    turn.show("summary", case)
    return Reply(await present(turn), fresh=True)


@on(taps.Complete, SCREENERS)
async def on_complete(turn: Turn, tap: taps.Complete) -> Reply:
    """
    Go on with the questions although the verdict is settled.
    """
    case = await turn.focus(tap.case)
    if case is None or not isinstance(await present(turn), Settled):
        raise StaleError
    case.in_full = True
    turn.show("ask", case)
    return Reply(await present(turn))


@command("cancel", SCREENERS, rank=250)
async def on_cancel(turn: Turn, _: Command) -> Reply:
    """
    Leave what is being done: a change, a screen, or the case. A case without any answer was opened by mistake, unless
    somebody has linked it.
    """
    case = await turn.focus()
    if case is None:
        turn.show("home")
        return Reply(await present(turn), fresh=True, tidy=True)
    if turn.chat.draft or turn.chat.screen.partition(":")[0] in _UNDER_WAY:
        turn.show("ask", case)
        turn.chat.draft = None
        return Reply(await present(turn), note=Note("note.cancelled"), fresh=True, tidy=True)
    key = "note.paused"
    if case.revision == 0 and not case.links:
        await cases.move(turn.session, case=case, to=Stage.DISCARDED, by=turn.actor, now=turn.now, reason="mistake")
        key = "note.discarded"
    turn.show("home")
    return Reply(await present(turn), note=Note(key, name=case.code), fresh=True, tidy=True)
