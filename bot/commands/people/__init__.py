"""
`python -m bot people`: who may do what, for whoever runs the server.

The same changes as an administrator makes in the chat, and recorded like those; the trail names the program as actor.
"""

import argparse
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeAlias

from bot import keys
from bot.commands.people import enrolling
from bot.commands.people.job import Action, ActionError, Job, called, carry_out, person_of, printable, site_of
from bot.settings import Settings
from db.base.tables import PersonRole, Site
from db.people import invitations, people, team
from db.trail.audit import PROGRAM

PersonChange: TypeAlias = Callable[..., Awaitable[bool]]

_EVERYONE = 10_000
HELP = "who may do what"
_WHO = "PERSON is the number that `people list` shows first, or the person's numeric Telegram id."


def declare(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _WHO
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="everyone, with their roles")
    invite = actions.add_parser("invite", help="make a code that lets one person in")
    grant = actions.add_parser("grant", help="give a person a further role", epilog=_WHO)
    revoke = actions.add_parser("revoke", help="take a role away", epilog=_WHO)
    shut_out = actions.add_parser("deactivate", help="shut a person out, at once", epilog=_WHO)
    let_in = actions.add_parser("reactivate", help="let a person in again", epilog=_WHO)
    enrol = actions.add_parser("enrol", help="set up a person's authenticator app, here in the terminal", epilog=_WHO)
    reset = actions.add_parser("reset-authenticator", help="let a person set up another authenticator", epilog=_WHO)
    for action in (grant, revoke, shut_out, let_in, enrol, reset):
        action.add_argument("person", type=int, metavar="PERSON")
    for action in (invite, grant, revoke):
        action.add_argument("role", choices=[role.value for role in PersonRole], metavar="ROLE")
        place = action.add_mutually_exclusive_group()
        place.add_argument("--site", type=int, metavar="N", help="the site's number; the only site by default")
        place.add_argument("--all-sites", action="store_true", help="every site; not for coordinators")


async def run(options: argparse.Namespace, settings: Settings) -> None:
    """
    Carry out `options.action`. Raises ActionError, and db.base.migrate.NoDatabaseError.
    """
    async with keys.opened(settings, may_be_first=options.action == "invite") as database:
        if options.action == "enrol":
            await enrolling.enrol(database, options, settings)
        else:
            await carry_out(database, options, settings, ACTIONS[options.action])


async def _list(job: Job) -> None:
    found = await team.page(job.session, sites=None, limit=_EVERYONE)
    if not found:
        job.say("nobody yet: the bot prints a setup code when it starts")
    for one in found:
        person = one.person
        state = "" if person.accepted_at else ", privacy note not accepted yet"
        state = state if person.is_active else ", inactive"
        roles = team.described(one.held) or "no role"
        job.say(f"{person.id}\ttelegram {person.telegram_id}\t{printable(person.name)}\t{roles}{state}")


async def _invite(job: Job) -> None:
    role = PersonRole(job.options.role)
    site = await site_of(job, role)
    about, code = await invitations.create(
        job.session, role=role, site_id=site.id if site else None, by=PROGRAM, now=job.now
    )
    until = about.invitation.expires_at or job.now
    job.say(f"/start {code}")
    job.say(
        f"Whoever first sends this line to the bot joins as {role} of {_place(site)};"
        f" valid once, until {until:%Y-%m-%d %H:%M} UTC."
    )
    job.say(f"As a link, with the bot's name in the place of BOT: https://t.me/BOT?start={code}")


async def _grant(job: Job) -> None:
    one, role = await person_of(job), PersonRole(job.options.role)
    site = await site_of(job, role)
    await people.grant(
        job.session, person_id=one.person.id, role=role, site_id=site.id if site else None, by=PROGRAM, now=job.now
    )
    job.say(f"{called(one)} is now {role} of {_place(site)}")


async def _revoke(job: Job) -> None:
    one, role = await person_of(job), PersonRole(job.options.role)
    held = [held for held in one.held if held.role == role]
    if job.options.all_sites:
        held = [one for one in held if one.site is None]
    elif job.options.site is not None:
        held = [one for one in held if one.site is not None and one.site.number == job.options.site]
    if not held:
        raise ActionError(f"{called(one)} does not hold that role; they hold: {team.described(one.held) or 'none'}")
    if len(held) > 1:
        raise ActionError(f"which one? say --site N or --all-sites; they hold: {team.described(held)}")
    await people.remove_role(job.session, membership_id=held[0].membership.id, by=PROGRAM, now=job.now)
    job.say(f"{called(one)} is no longer {role} of {_place(held[0].site)}")


async def _change(job: Job, *, change: PersonChange, already: str, done: str) -> None:
    """
    Change a person as a whole; what is `done` may tell their roles.
    """
    one = await person_of(job)
    if not await change(job.session, person_id=one.person.id, by=PROGRAM, now=job.now):
        raise ActionError(f"{called(one)} {already}")
    job.say(f"{called(one)} {done.format(roles=team.described(one.held) or 'no role')}")


def _place(site: Site | None) -> str:
    return "all sites" if site is None else f"site {site.number:02d}"


ACTIONS: dict[str, Action] = {
    "list": _list,
    "invite": _invite,
    "grant": _grant,
    "revoke": _revoke,
    "deactivate": partial(_change, change=people.deactivate, already="is inactive already", done="is deactivated"),
    "reactivate": partial(
        _change, change=people.reactivate, already="is active already", done="is active again: {roles}"
    ),
    "reset-authenticator": partial(
        _change,
        change=people.reset_authenticator,
        already="has no authenticator",
        done="sets up another authenticator at the next signature",
    ),
}
"""What each action does; what it is told, `declare` says."""
