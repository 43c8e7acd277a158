"""
Events in which a screen failure is proposed to those who sign.
"""

from bot import taps
from bot.handlers.colleagues import tell
from bot.handlers.decisions import decide
from bot.handlers.reasons import read_reason
from bot.handlers.routes import on, reads
from bot.screens import on_card
from bot.screens.proposals import ConfirmProposal
from bot.screens.summary import SummaryScreen
from bot.turn import DECIDERS, SCREENERS, Note, Reply, StaleError, Turn
from bot.typed.answers import is_yes
from db.base.tables import DecisionKind


@on(taps.Propose, SCREENERS)
async def on_propose(turn: Turn, tap: taps.Propose) -> Reply:
    """
    Propose the screen failure that the card shows.
    """
    view = await on_card(turn, ConfirmProposal, tap.case)
    if (tap.revision, tap.criterion, tap.day) != (view.record.case.revision, view.criterion, view.day):
        raise StaleError
    return await _propose(turn, view, None)


@reads(ConfirmProposal)
async def on_words_of_proposal(turn: Turn, view: ConfirmProposal, text: str) -> Reply:
    """
    Propose it, with what is said of it if that is more than yes.
    """
    return await _propose(turn, view, None if is_yes(text) else read_reason(text))


async def _propose(turn: Turn, view: ConfirmProposal, reason: str | None) -> Reply:
    turn.roles, case = SCREENERS, view.record.case
    kind = DecisionKind.FAILURE_PROPOSED
    decision = await decide(turn, kind, [view.record], about=view.criterion, day=view.day, reason=reason)
    told = await tell(turn, case, DECIDERS, "notice.failure_proposed", decided=decision.id)
    note = Note("note.proposed" if told else "note.proposed_to_nobody", name=view.criterion)
    return turn.show(SummaryScreen(), case, note, fresh=True)
