"""
`python -m bot people` and `python -m bot sites`: who may do what, for whoever runs the server.

The same changes as an administrator makes in the chat, and recorded like those; the trail names the program as actor.
"""

import argparse
import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import segno
from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import keys
from bot.settings import Settings
from bot.texts import words
from db.base.engine import Database
from db.base.migrate import check_is_there, upgrade
from db.base.tables import Person, PersonRole, Site
from db.people import (
    authenticators,
    invitations,
    people,
    sites,
    team,
)
from db.people.authenticators import Check
from db.people.people import AccessRefusedError
from db.people.team import AT_ALL_SITES, Colleague
from db.trail import keyring
from db.trail.audit import PROGRAM

T = TypeVar("T")

_EVERYONE = 10_000
_MAY_BE_FIRST = {"add", "invite"}
"""What can be done before the bot was ever started."""


class CommandError(Exception):
    """
    A command that cannot be carried out. `str()` says why, in a line.
    """


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
    Carry out `options.action` of `options.command`. Raises CommandError, and db.base.migrate.NoDatabaseError.
    """
    database = keys.database_of(settings)
    try:
        if options.action not in _MAY_BE_FIRST:
            await check_is_there(database)
        await upgrade(database)
        if options.action == "enrol":
            await _enrol(database, options, settings)
        else:
            await _carry_out(database, options, settings, ACTIONS[options.command, options.action])
    finally:
        await database.close()


async def _carry_out(
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
    uri, secret = await _carry_out(database, options, settings, _new_secret)
    segno.make(uri).terminal(compact=True)
    print(f"Scan this with the authenticator app, or enter the key {secret}")
    while True:
        try:
            code = (await asyncio.to_thread(input, "The six digits that it shows: ")).replace(" ", "")
        except EOFError:
            raise CommandError("no code was typed: the app is not set up") from None
        result = await _carry_out(database, options, settings, partial(_confirm, code=code))
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


async def _list_people(job: Job) -> None:
    found = await team.page(job.session, sites=None, limit=_EVERYONE)
    if not found:
        job.say("nobody yet: the bot prints a setup code when it starts")
    for one in found:
        person = one.person
        state = "" if person.accepted_at else ", privacy note not accepted yet"
        state = state if person.is_active else ", inactive"
        roles = team.described(one.held) or "no role"
        job.say(f"{person.id}\ttelegram {person.telegram_id}\t{_printable(person.name)}\t{roles}{state}")


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


async def _list_sites(job: Job) -> None:
    for site in await team.sites_within(job.session, sites=None):
        job.say(_described(site))


async def _add_site(job: Job) -> None:
    name, zone = _name(job.options.name), _zone(job.options.time_zone)
    site = await people.open_site(job.session, name=name, time_zone=zone, by=PROGRAM, now=job.now)
    job.say(f"site {site.number:02d} is added: {site.name}, {site.time_zone}")


async def _set_site(job: Job) -> None:
    options, values = job.options, {}
    if options.name is not None:
        values["name"] = _name(options.name)
    if options.time_zone is not None:
        values["time_zone"] = _zone(options.time_zone)
    if options.quiet is not None:
        values["quiet_from"], values["quiet_until"] = _quiet(options.quiet)
    if options.weekdays is not None:
        values["weekdays"] = _weekdays(options.weekdays)
    if not values:
        raise CommandError("say what to set: --name, --time-zone, --quiet or --weekdays")
    site = await _site_numbered(job, options.number)
    if not await sites.change(job.session, site=site, values=values, by=PROGRAM, now=job.now):
        raise CommandError(f"site {site.number:02d} is so already")
    job.say(_described(site))


def _described(site: Site) -> str:
    quiet = f"quiet {site.quiet_from}-{site.quiet_until}" if site.quiet_from != site.quiet_until else "never quiet"
    return f"{site.number:02d}\t{_printable(site.name)}\t{site.time_zone}\t{quiet}\tweekdays {site.weekdays}"


def _name(text: str) -> str:
    name = text.strip()
    if not 1 <= len(name) <= _LONGEST_NAME or not name.isprintable():
        raise CommandError(f"a site's name has 1 to {_LONGEST_NAME} characters")
    return name


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CommandError("expected a time zone such as Europe/Paris") from None
    return name


def _quiet(text: str) -> tuple[str, str]:
    """
    From when until when nobody is reminded; from a time until the same: never quiet.
    """
    times = text.split("-")
    if len(times) != 2 or not all(_TIME.fullmatch(time) for time in times):  # noqa: PLR2004  from and until
        raise CommandError("expected quiet hours such as 19:00-08:00; 00:00-00:00 for none")
    return times[0], times[1]


def _weekdays(text: str) -> str:
    if not _WEEKDAYS.fullmatch(text) or len(set(text)) != len(text):
        raise CommandError("expected weekdays such as 12345: 1 is Monday, 7 is Sunday")
    return "".join(sorted(text))


_LONGEST_NAME = 60
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_WEEKDAYS = re.compile(r"[1-7]{1,7}")
_BEYOND_ID, _BEYOND_TELEGRAM = 2**31, 2**63

ACTIONS: dict[tuple[str, str], Callable[[Job], Awaitable[None]]] = {
    ("people", "list"): _list_people,
    ("people", "invite"): _invite,
    ("people", "grant"): _grant,
    ("people", "revoke"): _revoke,
    ("people", "deactivate"): _deactivate,
    ("people", "reactivate"): _reactivate,
    ("people", "reset-authenticator"): _reset_authenticator,
    ("sites", "list"): _list_sites,
    ("sites", "add"): _add_site,
    ("sites", "set"): _set_site,
}
"""What each action of each command does. A new one also needs its arguments, in bot/__main__.py."""


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
    known = await team.sites_within(job.session, sites=None)
    number = job.options.site
    if number is None and len(known) == 1:
        return known[0]
    if number is None:
        raise CommandError(f"say --site N{' or --all-sites' if role in AT_ALL_SITES else ''}; see: sites list")
    return await _site_numbered(job, number)


async def _site_numbered(job: Job, number: int) -> Site:
    for site in await team.sites_within(job.session, sites=None):
        if site.number == number:
            return site
    raise CommandError(f"there is no site {number}; see: sites list")


def _place(site: Site | None) -> str:
    return "all sites" if site is None else f"site {site.number:02d}"


def _called(one: Colleague) -> str:
    return f"{_printable(one.person.name)} ({one.person.id})"


def _printable(text: str) -> str:
    """
    A name that people chose themselves, without what would control a terminal.
    """
    return "".join(character if character.isprintable() else "?" for character in text)
