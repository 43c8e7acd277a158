"""
Events in which somebody signs.
"""

from bot.events import Command
from bot.handlers.authenticator import checked
from bot.handlers.cases import meant
from bot.handlers.routes import command, reads
from bot.screens.signing import Sign, SignScreen
from bot.screens.summary import SummaryScreen
from bot.turn import DECIDERS, SCREENERS, Note, Reply, StaleError, Turn
from db.base.tables import Case, Decision, DecisionKind
from db.cases import decisions
from db.follow_up import concerned
from db.people import authenticators


@command("sign", DECIDERS, rank=150)
async def on_sign_command(turn: Turn, command: Command) -> Reply:
    """
    Show what would be signed: of the case named, or of the one in focus.
    """
    return turn.show(SignScreen(), await meant(turn, command.argument))


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
    proposal = await decisions.proposal(turn.session, case=case)
    decision = await decisions.decide(
        turn.session,
        kind=DecisionKind(view.kind),
        subjects=view.subjects,
        by=turn.actor,
        now=turn.now,
        about=view.about,
        day=view.day,
    )
    if proposal is not None:
        await _tell(turn, case, decision)
    return turn.show(SummaryScreen(), case, Note("note.signed"), fresh=True)


async def _tell(turn: Turn, case: Case, decision: Decision) -> None:
    """
    Tell those who screen that what one of them has proposed is signed.
    """
    me, key = turn.member.person.id, "notice.failure_confirmed"
    await concerned.tell(turn.session, case=case, roles=SCREENERS, but=me, key=key, now=turn.now, decided=decision.id)
