"""
Events about the authenticator app, whose codes sign.
"""

import re

from bot import taps
from bot.handlers.routes import on, reads, shows
from bot.screens.authenticator import AuthenticatorScreen, NewSecret
from bot.screens.decisions import DecideScreen
from bot.turn import DECIDERS, Note, Reply, StaleError, Turn
from db.base.tables import Authenticator
from db.people import authenticators
from db.people.authenticators import MOST_FAILURES, Check

CODE = re.compile(r"\d{3} ?\d{3}", re.ASCII)


async def checked(turn: Turn, authenticator: Authenticator, text: str) -> Note | None:
    """
    None for a right code; what to say for any other text.
    """
    if not CODE.fullmatch(text.strip()):
        return Note("note.code_expected")
    code = re.sub(r"\D", "", text)
    result = await authenticators.check(
        turn.session, authenticator=authenticator, code=code, by=turn.actor, at=turn.received_at
    )
    if result is Check.RIGHT:
        return None
    return Note(f"note.code_{result}", name=str(MOST_FAILURES - authenticator.failures))


shows("authenticator", DECIDERS, AuthenticatorScreen(), rank=220)


@on(taps.Enrol, DECIDERS)
async def on_enrol(turn: Turn, _: taps.Enrol) -> Reply:
    """
    Show a new secret, unless one is confirmed already.
    """
    await authenticators.enrol(turn.session, person_id=turn.member.person.id, by=turn.actor, now=turn.now)
    return turn.show(AuthenticatorScreen(), await turn.focus())


@reads(NewSecret)
async def on_code_to_enrol(turn: Turn, _: NewSecret, text: str) -> Reply:
    """
    Confirm the authenticator app by its first code; the secret is taken out of the chat.
    """
    turn.roles = DECIDERS
    found = await authenticators.of(turn.session, person_id=turn.member.person.id)
    if found is None or not turn.may_decide():
        raise StaleError
    note = await checked(turn, found, text)
    if note is not None:
        return Reply(note)
    case = await turn.focus()
    return turn.show(DecideScreen() if case else AuthenticatorScreen(), case, Note("note.enrolled"), fresh=True)
