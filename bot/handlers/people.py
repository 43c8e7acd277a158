"""
Events by which administrators look after people: the team, roles, invitations.
"""

from collections.abc import Awaitable, Callable

from bot import taps
from bot.events import Command
from bot.screens import present
from bot.screens.people import invited
from bot.turn import ADMINISTRATORS, StaleError, Turn
from bot.views import Note, Reply
from bot.views.people import InvitationLink
from db.people import access, invitations, people
from db.people.people import AccessRefusedError, OutOfReachError


async def on_team(turn: Turn, _: Command) -> Reply:
    """
    List the people.
    """
    return await _to(turn, "team:0")


async def on_invite_command(turn: Turn, _: Command) -> Reply:
    """
    Ask to what somebody is to be invited.
    """
    return await _to(turn, "invite")


async def _to(turn: Turn, screen: str) -> Reply:
    turn.show(screen)
    return Reply(await present(turn), fresh=True, tidy=True)


async def on_invite(turn: Turn, tap: taps.Invite) -> Reply:
    """
    Make an invitation and show its link once, to be passed on. A second tap makes no second one.
    """
    if turn.chat.screen.split(":")[:2] != ["invite", tap.role]:
        raise StaleError
    made: list[InvitationLink] = []

    async def act() -> None:
        about, code = await invitations.create(
            turn.session, role=tap.role, site_id=_site(tap.site), by=turn.actor, now=turn.now
        )
        link = f"https://t.me/{turn.deployment.bot_name}?start={code}"
        made.append(InvitationLink(await invited(turn, about), link))

    reply = await _change(turn, act, "invitations:0", Note("note.invited"))
    return Reply(reply.view, reply.note, fresh=True, also=made[0]) if made else reply


async def on_revoke(turn: Turn, tap: taps.Revoke) -> Reply:
    """
    Make an invitation worthless.
    """
    return await _change(
        turn,
        lambda: invitations.revoke(turn.session, invitation_id=tap.invitation, by=turn.actor, now=turn.now),
        "invitations:0",
        Note("note.revoked"),
    )


async def on_add_role(turn: Turn, tap: taps.AddRole) -> Reply:
    """
    Give a person a further role.
    """
    if turn.chat.screen.split(":")[:3] != ["role", str(tap.person), tap.role]:
        raise StaleError
    return await _change(
        turn,
        lambda: people.grant(
            turn.session,
            person_id=tap.person,
            role=tap.role,
            site_id=_site(tap.site),
            by=turn.actor,
            now=turn.now,
        ),
        f"person:{tap.person}",
        Note("note.role_added"),
    )


async def on_remove_role(turn: Turn, tap: taps.RemoveRole) -> Reply:
    """
    Take a role away.
    """
    whose: list[int] = []

    async def act() -> None:
        person = await people.remove_role(turn.session, membership_id=tap.membership, by=turn.actor, now=turn.now)
        whose.append(person.id)

    reply = await _change(turn, act, None, Note("note.role_removed"))
    if not whose:
        return reply
    turn.show(f"person:{whose[0]}")
    return Reply(await present(turn), reply.note)


async def on_deactivate(turn: Turn, tap: taps.Deactivate) -> Reply:
    """
    Shut a person out, at once.
    """
    return await _change(
        turn,
        lambda: people.deactivate(turn.session, person_id=tap.person, by=turn.actor, now=turn.now),
        f"person:{tap.person}",
        Note("note.deactivated"),
    )


async def on_reactivate(turn: Turn, tap: taps.Reactivate) -> Reply:
    """
    Let a person in again.
    """
    return await _change(
        turn,
        lambda: people.reactivate(turn.session, person_id=tap.person, by=turn.actor, now=turn.now),
        f"person:{tap.person}",
        Note("note.reactivated"),
    )


async def on_reset_authenticator(turn: Turn, tap: taps.ResetAuthenticator) -> Reply:
    """
    Forget a person's authenticator.
    """
    return await _change(
        turn,
        lambda: people.reset_authenticator(turn.session, person_id=tap.person, by=turn.actor, now=turn.now),
        f"person:{tap.person}",
        Note("note.authenticator_reset"),
    )


def _site(site: int) -> int | None:
    return None if site == taps.EVERYWHERE else site


async def _change(turn: Turn, act: Callable[[], Awaitable[object]], screen: str | None, done: Note) -> Reply:
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
