"""
Events in which a screen failure is proposed to those who sign.
"""

from bot import taps
from bot.handlers.reasons import read_reason
from bot.handlers.routes import on, reads
from bot.screens import present
from bot.screens.proposals import ConfirmProposal
from bot.screens.summary import SummaryScreen
from bot.turn import DECIDERS, SCREENERS, Note, Reply, StaleError, Turn
from bot.typed.answers import is_yes
from db.base.tables import DecisionKind
from db.cases import decisions
from db.follow_up import concerned


@on(taps.Propose, SCREENERS)
async def on_propose(turn: Turn, tap: taps.Propose) -> Reply:
    """
    Propose the screen failure that the card shows.
    """
    case = await turn.focus_on(tap.case)
    view = await present(turn)
    if not isinstance(view, ConfirmProposal) or turn.chat.card_for != view.asks:
        raise StaleError
    if (tap.revision, tap.criterion, tap.day) != (case.revision, view.criterion, view.day):
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
    decision = await decisions.decide(
        turn.session,
        kind=DecisionKind.FAILURE_PROPOSED,
        subjects=[view.record],
        by=turn.actor,
        now=turn.now,
        about=view.criterion,
        day=view.day,
        reason=reason,
    )
    told = await concerned.tell(
        turn.session,
        case=case,
        roles=DECIDERS,
        but=turn.member.person.id,
        key="notice.failure_proposed",
        now=turn.now,
        decided=decision.id,
    )
    note = Note("note.proposed" if told else "note.proposed_to_nobody", name=view.criterion)
    return turn.show(SummaryScreen(), case, note, fresh=True)
