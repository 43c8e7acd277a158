"""
Events by which people come in: a member presents a further invitation, a newcomer accepts the privacy note or does not.
"""

from bot import taps
from bot.events import Command
from bot.handlers import menus
from bot.handlers.people import renew
from bot.screens import present
from bot.turn import StaleError, Turn
from bot.views import Note, Reply
from bot.views.people import Ended
from db.people import invitations
from db.people.people import AccessRefusedError


async def on_start(turn: Turn, command: Command) -> Reply:
    """
    Show where the chat stands; with the code of an invitation, take on its role first.
    """
    if not command.argument:
        return await menus.on_start(turn, command)
    note: str | None
    try:
        found = await invitations.extend(turn.session, code=command.argument, person=turn.member.person, now=turn.now)
    except AccessRefusedError as error:
        note = f"refused.{error.problem}"
    else:
        note = "note.role_taken" if found else None
    await renew(turn)
    reply = await menus.on_start(turn, command)
    return Reply(reply.view, Note(note) if note else None, fresh=True, tidy=True)


async def on_accept(turn: Turn, tap: taps.Accept) -> Reply:
    """
    A newcomer accepts, and is let in.
    """
    person = turn.member.person
    if tap.person != person.id or person.accepted_at is not None:
        raise StaleError
    await invitations.accept(turn.session, person=person, now=turn.now)
    turn.show("home")
    return Reply(await present(turn), note=Note("note.welcome"))


async def on_decline(turn: Turn, tap: taps.Decline) -> Reply:
    """
    A newcomer does not accept, and is a stranger again.
    """
    person = turn.member.person
    if tap.person != person.id or person.accepted_at is not None:
        raise StaleError
    await invitations.decline(turn.session, person=person, now=turn.now)
    turn.show("home")
    return Reply(Ended(), note=Note("note.declined"))
