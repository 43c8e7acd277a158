"""
One way to open a database, whichever it is; times keep their meaning, and errors keep their secrets.
"""

import logging
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.engine import Database, asynchronous
from db.base.tables import Answer, Person, Site
from tests.databases import on_sqlite
from tests.db.rows import NOW, CutShortError, cut_short

SECRET = "zebra-4711"
TIMES = (
    NOW,
    NOW.replace(microsecond=0),
    datetime(2026, 3, 29, 2, 30, tzinfo=ZoneInfo("Europe/Paris")),
    datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Paris"), fold=1),
    datetime(2026, 1, 1, 0, 0, tzinfo=timezone(timedelta(hours=14))),
    datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=timezone(timedelta(hours=-11, minutes=-30))),
)


@pytest.mark.parametrize("moment", TIMES, ids=str)
async def test_a_time_is_read_as_it_was_written(database: Database, moment: datetime) -> None:
    """
    Whatever zone it came in, it is the same moment, aware and in UTC.
    """
    async with database.transaction() as session:
        session.add(Person(telegram_id=1, name="Ada", language="en", joined_at=moment))
    async with database.transaction() as session:
        found = (await session.exec(select(Person))).one()
    assert found.joined_at == moment.astimezone(UTC)
    assert found.joined_at.tzinfo is UTC


async def test_times_of_several_zones_are_compared_as_moments(database: Database) -> None:
    """
    Eleven at night in New York comes after three in the morning in Paris of the same night.
    """
    paris = datetime(2026, 5, 11, 3, 0, tzinfo=ZoneInfo("Europe/Paris"))
    new_york = datetime(2026, 5, 10, 23, 0, tzinfo=ZoneInfo("America/New_York"))
    async with database.transaction() as session:
        session.add(Person(telegram_id=1, name="Ada", language="en", joined_at=new_york))
        session.add(Person(telegram_id=2, name="Bo", language="en", joined_at=paris))
    async with database.transaction() as session:
        later = (await session.exec(select(Person.telegram_id).where(Person.joined_at > paris))).all()
    assert later == [1]


async def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    """
    It could mean any of two dozen moments.
    """
    with pytest.raises(StatementError, match="without a zone"):
        async with database.transaction() as session:
            session.add(Person(telegram_id=1, name="Ada", language="en", joined_at=NOW.replace(tzinfo=None)))
    async with database.transaction() as session:
        assert (await session.exec(select(Person))).all() == []


async def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    """
    What raises before the end takes all of it back, also what was written already.
    """

    async def add(session: AsyncSession) -> None:
        session.add(Site(number=1, name="A", time_zone="UTC"))

    with pytest.raises(CutShortError):
        await cut_short(database, add)
    async with database.transaction() as session:
        assert (await session.exec(select(Site))).all() == []


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:///var/a.db", "sqlite+in_place"),
        ("sqlite+pysqlite:///var/a.db", "sqlite+in_place"),
        ("postgresql://u:p@h/n", "postgresql+asyncpg"),
        ("postgres://u:p@h/n", "postgresql+asyncpg"),
        ("postgresql+psycopg2://u:p@h/n", "postgresql+asyncpg"),
    ],
)
def test_an_address_needs_no_driver(url: str, driver: str) -> None:
    """
    The addresses that hosts hand out work as they are.
    """
    assert asynchronous(url).drivername == driver


@pytest.mark.parametrize("url", ["mysql://ada:zebra-4711@h/n", "oracle://ada:zebra-4711@h/n"])
def test_another_kind_of_database_is_refused(url: str) -> None:
    """
    The error says what is expected, and not what the password was.
    """
    with pytest.raises(ValueError, match=r"expected sqlite:///PATH, or postgresql://") as refused:
        Database(url)
    assert SECRET not in str(refused.value)


@on_sqlite("its settings")
async def test_sqlite_keeps_what_it_confirmed(database: Database) -> None:
    """
    Each connection writes ahead, waits for the disk, holds references, and fires triggers for what REPLACE deletes.
    """
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}
    for _ in range(2):
        async with database.engine.connect() as connection:
            found = {name: (await connection.execute(text(f"PRAGMA {name}"))).scalar() for name in wanted}
            assert found == wanted
        await database.engine.dispose()


async def test_a_reference_to_nothing_is_refused(database: Database) -> None:
    """
    An answer belongs to a case that there is.
    """
    with pytest.raises(IntegrityError):
        async with database.transaction() as session:
            session.add(Answer(case_id=99, revision=1, item="age", value="44", person_id=99, at=NOW))


async def test_errors_and_logs_hold_no_values(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    """
    A statement that fails is told with its text and without what was to be written, in its error and in every log.
    """
    caplog.set_level(logging.INFO)
    statement = text("INSERT INTO answers (nowhere) VALUES (:value)")
    with pytest.raises(DBAPIError) as failed:
        async with database.engine.begin() as connection:
            await connection.execute(statement, {"value": SECRET})
    assert "INSERT INTO answers" in str(failed.value)
    assert SECRET not in str(failed.value)
    with pytest.raises(IntegrityError) as failed:
        async with database.transaction() as session:
            session.add(Answer(case_id=99, revision=1, item="age", value=SECRET, person_id=99, at=NOW))
    assert SECRET not in str(failed.value)
    assert SECRET not in caplog.text
