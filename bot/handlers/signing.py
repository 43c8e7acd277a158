"""
Events in which somebody signs.
"""

from bot.handlers.authenticator import checked
from bot.handlers.cases import shows_case
from bot.handlers.colleagues import tell
from bot.handlers.decisions import decide
from bot.handlers.routes import reads
from bot.screens.signing import Sign, SignScreen
from bot.screens.summary import SummaryScreen
from bot.turn import DECIDERS, SCREENERS, Note, Reply, StaleError, Turn
from db.base.tables import DecisionKind
from db.people import authenticators

shows_case("sign", DECIDERS, SignScreen(), rank=150)


@reads(Sign)
async def on_code_to_sign(turn: Turn, view: Sign, text: str) -> Reply:
    """
    Sign what the card shows, if the code is right.
    """
    turn.roles = DECIDERS
    found = await authenticators.of(turn.session, person_id=turn.member.person.id)
    if found is None or not view.is_ready:
        raise StaleError
    note = await checked(turn, found, text)
    if note is not None:
        return Reply(note)
    case = view.subjects[0].case
    was_proposed = case.proposal is not None
    decision = await decide(turn, DecisionKind(view.kind), view.subjects, about=view.about, day=view.day)
    if was_proposed:
        await tell(turn, case, SCREENERS, "notice.failure_confirmed", decided=decision.id)
    return turn.show(SummaryScreen(), case, Note("note.signed"), fresh=True)
