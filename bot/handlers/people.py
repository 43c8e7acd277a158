"""
Events by which administrators look after people: the team and its roles.
"""

from collections.abc import Awaitable, Callable

from bot import taps
from bot.events import Command
from bot.handlers.menus import to
from bot.handlers.routes import command, on
from bot.screens import present
from bot.turn import ADMINISTRATORS, Note, Reply, StaleError, Turn
from db.people import access, people
from db.people.people import AccessRefusedError, OutOfReachError


@command("team", ADMINISTRATORS, rank=200)
async def on_team(turn: Turn, _: Command) -> Reply:
    """
    List the people.
    """
    return await to(turn, "team:0")


@on(taps.AddRole, ADMINISTRATORS)
async def on_add_role(turn: Turn, tap: taps.AddRole) -> Reply:
    """
    Give a person a further role.
    """
    if turn.chat.screen.split(":")[:3] != ["role", str(tap.person), tap.role]:
        raise StaleError
    return await change(
        turn,
        lambda: people.grant(
            turn.session,
            person_id=tap.person,
            role=tap.role,
            site_id=site_of(tap.site),
            by=turn.actor,
            now=turn.now,
        ),
        f"person:{tap.person}",
        Note("note.role_added"),
    )


@on(taps.RemoveRole, ADMINISTRATORS)
async def on_remove_role(turn: Turn, tap: taps.RemoveRole) -> Reply:
    """
    Take a role away.
    """
    whose: list[int] = []

    async def act() -> None:
        person = await people.remove_role(turn.session, membership_id=tap.membership, by=turn.actor, now=turn.now)
        whose.append(person.id)

    reply = await change(turn, act, None, Note("note.role_removed"))
    if not whose:
        return reply
    turn.show(f"person:{whose[0]}")
    return Reply(await present(turn), reply.note)


@on(taps.Deactivate, ADMINISTRATORS)
async def on_deactivate(turn: Turn, tap: taps.Deactivate) -> Reply:
    """
    Shut a person out, at once.
    """
    return await change(
        turn,
        lambda: people.deactivate(turn.session, person_id=tap.person, by=turn.actor, now=turn.now),
        f"person:{tap.person}",
        Note("note.deactivated"),
    )


@on(taps.Reactivate, ADMINISTRATORS)
async def on_reactivate(turn: Turn, tap: taps.Reactivate) -> Reply:
    """
    Let a person in again.
    """
    return await change(
        turn,
        lambda: people.reactivate(turn.session, person_id=tap.person, by=turn.actor, now=turn.now),
        f"person:{tap.person}",
        Note("note.reactivated"),
    )


@on(taps.ResetAuthenticator, ADMINISTRATORS)
async def on_reset_authenticator(turn: Turn, tap: taps.ResetAuthenticator) -> Reply:
    """
    Forget a person's authenticator.
    """
    return await change(
        turn,
        lambda: people.reset_authenticator(turn.session, person_id=tap.person, by=turn.actor, now=turn.now),
        f"person:{tap.person}",
        Note("note.authenticator_reset"),
    )


def site_of(site: int) -> int | None:
    """
    The site that a button names; None for all of them.
    """
    return None if site == taps.EVERYWHERE else site


async def change(turn: Turn, act: Callable[[], Awaitable[object]], screen: str | None, done: Note) -> Reply:
    """
    Make a change and show a screen with what came of it; nothing to say where there was nothing to change. What is out
    of this administrator's reach is answered like what was never there.
    """
    note: Note | None = done
    try:
        if await act() is False:
            note = None
    except AccessRefusedError as error:
        return Reply(await present(turn), note=Note(f"refused.{error.problem}"))
    except OutOfReachError:
        raise StaleError from None
    await renew(turn)
    if screen is not None:
        turn.show(screen if turn.may(ADMINISTRATORS) else "home")
    return Reply(await present(turn), note=note if turn.may(ADMINISTRATORS) else None)


async def renew(turn: Turn) -> None:
    """
    Look up again what the person may do: they may have changed their own roles.
    """
    await turn.session.flush()
    telegram_id = turn.member.person.telegram_id
    found = await access.members(turn.session, telegram_ids=[telegram_id])
    turn.member = found.get(telegram_id) or access.Member(turn.member.person, ())
