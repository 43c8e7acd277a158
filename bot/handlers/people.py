"""
Events by which administrators look after people: the team and its roles.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot import taps
from bot.coded import Screen
from bot.handlers.routes import on, shows
from bot.screens.menus import HomeScreen
from bot.screens.people import PersonScreen, RoleScreen, TeamScreen
from bot.turn import ADMINISTRATORS, Note, Reply, StaleError, Turn, View
from db.people import access, people
from db.people.reach import AccessRefusedError, OutOfReachError

T = TypeVar("T")


shows("team", ADMINISTRATORS, TeamScreen(), rank=200)


@on(taps.AddRole, ADMINISTRATORS)
async def on_add_role(turn: Turn, tap: taps.AddRole) -> Reply:
    """
    Give a person a further role.
    """
    screen = turn.screen
    if not isinstance(screen, RoleScreen) or (screen.person, screen.role) != (tap.person, tap.role):
        raise StaleError
    granting = people.grant(
        turn.session, person_id=tap.person, role=tap.role, site_id=site_of(tap.site), by=turn.actor, now=turn.now
    )
    return await change(turn, granting, lambda _: PersonScreen(tap.person), "note.role_added")


@on(taps.RemoveRole, ADMINISTRATORS)
async def on_remove_role(turn: Turn, tap: taps.RemoveRole) -> Reply:
    """
    Take a role away.
    """
    removing = people.remove_role(turn.session, membership_id=tap.membership, by=turn.actor, now=turn.now)
    return await change(turn, removing, lambda person: PersonScreen(person.id), "note.role_removed")


_ACTS: dict[type[taps.OfPerson], tuple[Callable[..., Awaitable[object]], str]] = {
    taps.Deactivate: (people.deactivate, "note.deactivated"),
    taps.Reactivate: (people.reactivate, "note.reactivated"),
    taps.ResetAuthenticator: (people.reset_authenticator, "note.authenticator_reset"),
}


async def on_act(turn: Turn, tap: taps.OfPerson) -> Reply:
    """
    Shut a person out at once, let them in again, or forget their authenticator.
    """
    act, done = _ACTS[type(tap)]
    acting = act(turn.session, person_id=tap.person, by=turn.actor, now=turn.now)
    return await change(turn, acting, lambda _: PersonScreen(tap.person), done)


for _kind in _ACTS:
    on(_kind, ADMINISTRATORS)(on_act)


def site_of(site: int) -> int | None:
    """
    The site that a button names; None for all of them.
    """
    return None if site == taps.EVERYWHERE else site


async def change(turn: Turn, making: Awaitable[T], screen: Callable[[T], Screen], done: str) -> Reply:
    """
    Make a change and show a screen with what came of it; nothing to say where there was nothing to change. What is out
    of this administrator's reach is answered like what was never there. A view that is made is handed over.
    """
    try:
        made = await making
    except AccessRefusedError as error:
        return Reply(Note(f"refused.{error.problem}"))
    except OutOfReachError:
        raise StaleError from None
    await renew(turn)
    if not turn.may(ADMINISTRATORS):
        return turn.show(HomeScreen())
    also = made if isinstance(made, View) else None
    note = None if made is False else Note(done)
    return turn.show(screen(made), note=note, fresh=True if also else None, also=also)


async def renew(turn: Turn) -> None:
    """
    Look up again what the person may do: they may have changed their own roles.
    """
    await turn.session.flush()
    telegram_id = turn.member.person.telegram_id
    found = await access.members(turn.session, telegram_ids=[telegram_id])
    turn.member = found.get(telegram_id) or access.Member(turn.member.person, ())
