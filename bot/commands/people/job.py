"""
An action upon people or sites: one transaction, in which whoever and whatever is meant is found.
"""

import argparse
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeAlias, TypeVar

from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import keys
from bot.commands import CommandError
from bot.rules.frozen import Frozen
from bot.settings import Settings
from bot.texts import words
from db.base.engine import Database
from db.base.tables import Person, PersonRole, Site
from db.people import team
from db.people.reach import AccessRefusedError
from db.people.sites import sites_within
from db.people.team import AT_ALL_SITES, Colleague
from db.trail import keyring

T = TypeVar("T")
Action: TypeAlias = Callable[["Job"], Awaitable[None]]


class ActionError(CommandError):
    """
    An action that is not carried out. `str()` says why, and what it is about.
    """

    is_named = False


class Job(Frozen):
    """
    A command at work: the transaction, what was asked, and the time. `say` prints a line once all is committed.
    """

    session: AsyncSession
    options: argparse.Namespace
    now: datetime
    say: Callable[[str], None]


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
            raise ActionError(words("en")(f"refused.{error.problem}").unescape()) from None
    for line in lines:
        print(line)
    return result


_BEYOND_ID, _BEYOND_TELEGRAM = 2**31, 2**63


async def person_of(job: Job) -> Colleague:
    """
    The person meant: by the number that `people list` shows, or by Telegram's. Raises ActionError.
    """
    number = job.options.person
    query = select(Person.id).where(Person.telegram_id == number)
    if 0 < number < _BEYOND_ID:
        query = select(Person.id).where(or_(Person.id == number, Person.telegram_id == number))
    found = (await job.session.exec(query)).all() if 0 < number < _BEYOND_TELEGRAM else []
    if len(found) > 1:
        raise ActionError(f"{number} is one person's number here and another's at Telegram; use the other number")
    colleague = await team.find(job.session, person_id=found[0], sites=None) if found else None
    if colleague is None:
        raise ActionError(f"there is no person {number}; see: people list")
    return colleague


async def site_of(job: Job, role: PersonRole) -> Site | None:
    """
    The site meant, None for all; the only one where none is named. Raises ActionError.
    """
    if job.options.all_sites:
        return None
    known = await sites_within(job.session, sites=None)
    number = job.options.site
    if number is None and len(known) == 1:
        return known[0]
    if number is None:
        raise ActionError(f"say --site N{' or --all-sites' if role in AT_ALL_SITES else ''}; see: sites list")
    return await site_numbered(job, number)


async def site_numbered(job: Job, number: int) -> Site:
    """
    The site with this number. Raises ActionError.
    """
    for site in await sites_within(job.session, sites=None):
        if site.number == number:
            return site
    raise ActionError(f"there is no site {number}; see: sites list")


def called(one: Colleague) -> str:
    """
    A person, and the number that `people list` shows.
    """
    return f"{printable(one.person.name)} ({one.person.id})"


def printable(text: str) -> str:
    """
    A name that people chose themselves, without what would control a terminal.
    """
    return "".join(character if character.isprintable() else "?" for character in text)
