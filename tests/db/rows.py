"""
What the tests put into a database before they look at it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.protocol import Kind
from bot.rules.versions import LATEST
from db.base.engine import Database
from db.base.tables import (
    AuditEntry,
    Case,
    Membership,
    Person,
    PersonRole,
    Site,
)
from db.cases import answers, cases
from db.cases.records import Record
from db.trail import audit, rotation
from db.trail.audit import PROGRAM, Actor

KEY = bytes(range(32))
NOW = datetime(2026, 5, 10, 9, 30, 15, 123456, tzinfo=UTC)

ANY_DEVIATION = frozenset(
    {
        *("not_eligible", "incomplete", "donor_not_eligible", "donor_incomplete", "unsigned", "before_inclusion"),
        *("long_after_inclusion", "outside_window", "on_infusion_day"),
    }
)
"""What somebody says yes to who records what happened, whatever that was."""
COORDINATOR = 101


class CutShortError(Exception):
    """
    Something went wrong after the writing and before the commit.
    """


@dataclass(frozen=True)
class Clinicians:
    """
    Two sites in one time zone, and a coordinator of the first.
    """

    here: Site
    there: Site
    person: Person

    @property
    def actor(self) -> Actor:
        """
        The coordinator as the one who acts.
        """
        return Actor(self.person.id, PersonRole.COORDINATOR)


@asynccontextmanager
async def writing(database: Database) -> AsyncIterator[AsyncSession]:
    """
    A transaction that can write to the audit trail.
    """
    async with database.transaction() as session:
        audit.use_key(session, KEY)
        yield session


async def cut_short(database: Database, work: Callable[[AsyncSession], Awaitable[object]]) -> None:
    """
    Do something in a transaction that fails at its end. Raises CutShortError.
    """
    async with writing(database) as session:
        await work(session)
        await session.flush()
        raise CutShortError


async def establish(database: Database, zone: str = "Europe/Paris") -> Clinicians:
    """
    Add the sites and the coordinator, and a first entry in the audit trail, as the first start of the program does.
    """
    async with writing(database) as session:
        here = Site(number=1, name="Site 01", time_zone=zone)
        there = Site(number=2, name="Site 02", time_zone=zone)
        person = Person(telegram_id=COORDINATOR, name="Ada", language="en", joined_at=NOW, accepted_at=NOW)
        session.add_all([here, there, person])
        await session.flush()
        session.add(Membership(person_id=person.id, role=PersonRole.COORDINATOR, site_id=here.id))
        await audit.record(session, at=NOW, by=PROGRAM, action="site.open", entity="site 01", site=here.id)
    return Clinicians(here, there, person)


async def open_case(
    session: AsyncSession,
    who: Clinicians,
    *,
    kind: Kind = Kind.RECIPIENT,
    site: Site | None = None,
    now: datetime = NOW,
) -> Case:
    """
    Open a case at the first site, or at another one.
    """
    place = await session.get_one(Site, (site or who.here).id)
    return await cases.open_new(session, kind=kind, site=place, protocol=LATEST, by=who.actor, now=now)


async def answer(record: Record, session: AsyncSession, who: Clinicians, item: str, raw: object) -> Record:
    """
    Add an answer by the coordinator, in file form.
    """
    given = Decimal(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw
    return await answers.add(session, record=record, item=item, raw=given, by=who.actor, now=NOW)


async def entries(session: AsyncSession) -> list[AuditEntry]:
    """
    The audit trail.
    """
    return list((await session.exec(select(AuditEntry).order_by(col(AuditEntry.sequence)))).all())


async def allow_changes(session: AsyncSession) -> None:
    """
    What only the owner of the tables can do: take the guards off all that is only ever added.
    """
    connection = await session.connection()
    for table in rotation.GUARDED:
        if connection.dialect.name == "sqlite":
            await connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_refuse_update"))
            await connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_refuse_delete"))
        else:
            await connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
