"""
Events in which the end of a case is recorded.
"""

from bot import taps
from bot.handlers.decisions import decide, follow
from bot.handlers.reasons import read_reason
from bot.handlers.routes import on, reads
from bot.screens import on_card
from bot.screens.endings import ENDINGS, AskDay, Ending, EndingScreen
from bot.screens.summary import SummaryScreen
from bot.turn import STAFF, Note, Reply, StaleError, Turn
from bot.typed.answers import is_yes
from bot.typed.days import read_day
from db.base.tables import DecisionKind
from db.cases.decisions import DEATH


@reads(AskDay)
async def on_day_of_event(turn: Turn, view: AskDay, text: str) -> Reply:
    """
    Read the day on which something happened.
    """
    day = read_day(text, today=view.record.as_of)
    if day is None or day > view.record.as_of:
        return Reply(Note("visit.refused.type" if day is None else "visit.refused.future"))
    return turn.show(view.screen.on(day), view.record)


@on(taps.End, STAFF)
async def on_end(turn: Turn, tap: taps.End) -> Reply:
    """
    End the case as the card shows, with a reason from the list.
    """
    view = await on_card(turn, Ending, tap.case)
    if (tap.revision, tap.kind, tap.day) != (view.record.case.revision, view.kind, view.day):
        raise StaleError
    if tap.reason not in ENDINGS[view.kind]:
        raise StaleError
    return await _end(turn, view, view.words or tap.reason)


@reads(Ending)
async def on_words_of_end(turn: Turn, view: Ending, text: str) -> Reply:
    """
    Read why the case ends; of a death yes, another day, or what is said of it, which is then to be confirmed with it.
    """
    if view.kind != DEATH:
        return await _end(turn, view, read_reason(text))
    if is_yes(text):
        return await _end(turn, view, view.words or DEATH)
    if read_day(text, today=view.record.as_of):
        return await on_day_of_event(turn, AskDay(view.record, view.kind, EndingScreen(view.kind)), text)
    return turn.show(EndingScreen(view.kind, view.day, read_reason(text)), view.record)


async def _end(turn: Turn, view: Ending, reason: str) -> Reply:
    kind, about = (DecisionKind.WITHDRAWN, DEATH) if view.kind == DEATH else (DecisionKind(view.kind), None)
    decision = await decide(turn, kind, [view.record], about=about, day=view.day, reason=reason)
    await follow(turn, view.record.case, decision)
    note = Note(f"note.decided.{view.kind}", day=view.day)
    return turn.show(SummaryScreen(), view.record.case, note, fresh=True)
