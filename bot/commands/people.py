"""
`python -m bot people`: who may do what, for whoever runs the server.

The same changes as an administrator makes in the chat, and recorded like those; the trail names the program as actor.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeAlias, TypeVar

import segno
from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import keys
from bot.commands import CommandError
from bot.settings import Settings
from bot.texts import words
from db.base.engine import Database
from db.base.migrate import check_is_there, upgrade
from db.base.tables import Person, PersonRole, Site
from db.people import (
    authenticators,
    invitations,
    people,
    team,
)
from db.people.authenticators import Check
from db.people.reach import AccessRefusedError
from db.people.sites import sites_within
from db.people.team import AT_ALL_SITES, Colleague
from db.trail import keyring
from db.trail.audit import PROGRAM

T = TypeVar("T")

_EVERYONE = 10_000
HELP = "who may do what"
_WHO = "PERSON is the number that `people list` shows first, or the person's numeric Telegram id."


Action: TypeAlias = Callable[["Job"], Awaitable[None]]


def declare(parser: argparse.ArgumentParser) -> None:
    """
    The arguments of each action.
    """
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
        action.add_argument("role", choices=("administrator", "coordinator", "investigator", "monitor"), metavar="ROLE")
        place = action.add_mutually_exclusive_group()
        place.add_argument("--site", type=int, metavar="N", help="the site's number; the only site by default")
        place.add_argument("--all-sites", action="store_true", help="every site; not for coordinators")


@dataclass(frozen=True)
class Job:
    """
    A command at work: the transaction, what was asked, and the time. `say` prints a line once all is committed.
    """

    session: AsyncSession
    options: argparse.Namespace
    now: datetime
    say: Callable[[str], None]


async def run(options: argparse.Namespace, settings: Settings) -> None:
    """
    Carry out `options.action`. Raises CommandError, and db.base.migrate.NoDatabaseError.
    """
    async with opened(settings, may_be_first=options.action == "invite") as database:
        if options.action == "enrol":
            await _enrol(database, options, settings)
        else:
            await carry_out(database, options, settings, ACTIONS[options.action])


@asynccontextmanager
async def opened(settings: Settings, *, may_be_first: bool) -> AsyncIterator[Database]:
    """
    The database, migrated; made here where this may be done before the bot was ever started.
    """
    database = keys.database_of(settings)
    try:
        if not may_be_first:
            await check_is_there(database)
        await upgrade(database)
        yield database
    finally:
        await database.close()


async def carry_out(
    database: Database, options: argparse.Namespace, settings: Settings, action: Callable[[Job], Awaitable[T]]
) -> T:
    """
    An action in one transaction; what it says is printed once that is committed.
    """
    lines: list[str] = []
    async with database.transaction() as session:
        await keys.use_audit_key(session, settings.audit_key_file)
        await keyring.use(session, now=datetime.now(UTC))
        try:
            result = await action(Job(session, options, datetime.now(UTC), lines.append))
        except AccessRefusedError as error:
            raise CommandError(words("en")(f"refused.{error.problem}").unescape()) from None
    for line in lines:
        print(line)
    return result


async def _enrol(database: Database, options: argparse.Namespace, settings: Settings) -> None:
    """
    Set up a person's authenticator app here, so that its secret never passes through Telegram: the QR code is printed,
    and the first code of the app is typed.
    """
    uri, secret = await carry_out(database, options, settings, _new_secret)
    segno.make(uri).terminal(compact=True)
    print(f"Scan this with the authenticator app, or enter the key {secret}")
    while True:
        try:
            code = (await asyncio.to_thread(input, "The six digits that it shows: ")).replace(" ", "")
        except EOFError:
            raise CommandError("no code was typed: the app is not set up") from None
        result = await carry_out(database, options, settings, partial(_confirm, code=code))
        if result is Check.RIGHT:
            print("The app is set up. Clear this terminal.")
            return
        if result is Check.LOCKED:
            raise CommandError("too many wrong codes: locked for an hour")
        print("That code has served already: wait for the next." if result is Check.USED else "Not the right code.")


async def _new_secret(job: Job) -> tuple[str, str]:
    one = await _person(job)
    found = await authenticators.enrol(job.session, person_id=one.person.id, by=PROGRAM, now=job.now)
    if authenticators.is_ready(found):
        raise CommandError(f"{_called(one)} has an authenticator; people reset-authenticator takes it away")
    return authenticators.uri(found, one.person), found.secret


async def _confirm(job: Job, *, code: str) -> Check:
    one = await _person(job)
    found = await authenticators.of(job.session, person_id=one.person.id)
    if found is None:
        raise CommandError(f"{_called(one)} has no authenticator any more")
    return await authenticators.check(job.session, authenticator=found, code=code, by=PROGRAM, at=job.now)


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
    role = _role(job)
    site = await _site(job, role)
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
    one, role = await _person(job), _role(job)
    site = await _site(job, role)
    await people.grant(
        job.session, person_id=one.person.id, role=role, site_id=site.id if site else None, by=PROGRAM, now=job.now
    )
    job.say(f"{_called(one)} is now {role} of {_place(site)}")


async def _revoke(job: Job) -> None:
    one, role = await _person(job), _role(job)
    held = [held for held in one.held if held.role == role]
    if job.options.all_sites:
        held = [one for one in held if one.site is None]
    elif job.options.site is not None:
        held = [one for one in held if one.site is not None and one.site.number == job.options.site]
    if not held:
        raise CommandError(f"{_called(one)} does not hold that role; they hold: {team.described(one.held) or 'none'}")
    if len(held) > 1:
        raise CommandError(f"which one? say --site N or --all-sites; they hold: {team.described(held)}")
    await people.remove_role(job.session, membership_id=held[0].membership.id, by=PROGRAM, now=job.now)
    job.say(f"{_called(one)} is no longer {role} of {_place(held[0].site)}")


async def _deactivate(job: Job) -> None:
    one = await _person(job)
    if not await people.deactivate(job.session, person_id=one.person.id, by=PROGRAM, now=job.now):
        raise CommandError(f"{_called(one)} is inactive already")
    job.say(f"{_called(one)} is deactivated")


async def _reactivate(job: Job) -> None:
    one = await _person(job)
    if not await people.reactivate(job.session, person_id=one.person.id, by=PROGRAM, now=job.now):
        raise CommandError(f"{_called(one)} is active already")
    job.say(f"{_called(one)} is active again: {team.described(one.held) or 'no role'}")


async def _reset_authenticator(job: Job) -> None:
    one = await _person(job)
    if not await people.reset_authenticator(job.session, person_id=one.person.id, by=PROGRAM, now=job.now):
        raise CommandError(f"{_called(one)} has no authenticator")
    job.say(f"{_called(one)} sets up another authenticator at the next signature")


_BEYOND_ID, _BEYOND_TELEGRAM = 2**31, 2**63


async def _person(job: Job) -> Colleague:
    """
    The person meant: by the number that `people list` shows, or by Telegram's. Raises CommandError.
    """
    number = job.options.person
    query = select(Person.id).where(Person.telegram_id == number)
    if 0 < number < _BEYOND_ID:
        query = select(Person.id).where(or_(Person.id == number, Person.telegram_id == number))
    found = (await job.session.exec(query)).all() if 0 < number < _BEYOND_TELEGRAM else []
    if not found:
        raise CommandError(f"there is no person {number}; see: people list")
    if len(found) > 1:
        raise CommandError(f"{number} is one person's number here and another's at Telegram; use the other number")
    colleague = await team.find(job.session, person_id=found[0], sites=None)
    if colleague is None:
        raise CommandError(f"there is no person {number}; see: people list")
    return colleague


def _role(job: Job) -> PersonRole:
    return PersonRole(job.options.role)


async def _site(job: Job, role: PersonRole) -> Site | None:
    """
    The site meant, None for all; the only one where none is named. Raises CommandError.
    """
    if job.options.all_sites:
        return None
    known = await sites_within(job.session, sites=None)
    number = job.options.site
    if number is None and len(known) == 1:
        return known[0]
    if number is None:
        raise CommandError(f"say --site N{' or --all-sites' if role in AT_ALL_SITES else ''}; see: sites list")
    return await site_numbered(job, number)


async def site_numbered(job: Job, number: int) -> Site:
    """
    The site with this number. Raises CommandError.
    """
    for site in await sites_within(job.session, sites=None):
        if site.number == number:
            return site
    raise CommandError(f"there is no site {number}; see: sites list")


def _place(site: Site | None) -> str:
    return "all sites" if site is None else f"site {site.number:02d}"


def _called(one: Colleague) -> str:
    return f"{printable(one.person.name)} ({one.person.id})"


def printable(text: str) -> str:
    """
    A name that people chose themselves, without what would control a terminal.
    """
    return "".join(character if character.isprintable() else "?" for character in text)


ACTIONS: dict[str, Action] = {
    "list": _list,
    "invite": _invite,
    "grant": _grant,
    "revoke": _revoke,
    "deactivate": _deactivate,
    "reactivate": _reactivate,
    "reset-authenticator": _reset_authenticator,
}
"""What each action does; what it is told, `declare` says."""
