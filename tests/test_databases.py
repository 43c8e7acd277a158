"""
The databases that tests are given: one that was used before is as good as a new one, or it is not used again.
"""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from db.base.engine import Database
from db.base.migrate import upgrade
from tests.databases import Postgres, fresh
from tests.db.rows import establish, open_case, writing

ROWS = "SELECT (SELECT count(*) FROM cases), (SELECT count(*) FROM audit_entries), (SELECT sequence FROM audit_head)"


@pytest.fixture
async def original(postgres: Postgres) -> AsyncIterator[str]:
    """
    The address of a migrated database, to be copied.
    """
    async with fresh(postgres) as url:
        database = Database(url)
        await upgrade(database)
        await database.close()
        yield url


async def _use(url: str, *statements: str) -> None:
    """
    Find it empty, open the first case, and do something else.
    """
    database = Database(url)
    async with database.engine.connect() as connection:
        assert tuple((await connection.execute(text(ROWS))).one()) == (0, 0, 0)
    who = await establish(database)
    async with writing(database) as session:
        assert (await open_case(session, who)).id == 1
    async with database.engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await database.close()


async def test_a_database_used_before_is_empty_and_counts_from_one(postgres: Postgres, original: str) -> None:
    """
    Without a row of the test before, and with those that it had from the start.
    """
    urls = set()
    for _ in range(3):
        async with fresh(postgres, original) as url:
            await _use(url)
            urls.add(url)
    assert len(urls) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE answers DISABLE TRIGGER USER",
        "ALTER TABLE answers ADD COLUMN more text",
        "ALTER TABLE answers ALTER COLUMN value SET NOT NULL",
        "CREATE TABLE others (id integer)",
        "CREATE SCHEMA others",
        "CREATE OR REPLACE FUNCTION guard_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "DROP TRIGGER answers_refuse_change ON answers",
        "GRANT SELECT ON answers TO PUBLIC",
    ],
)
async def test_a_database_that_is_built_otherwise_is_not_used_again(
    postgres: Postgres, original: str, statement: str
) -> None:
    """
    Guards taken off, columns and tables added, rights given: whatever a test did to it goes with it.
    """
    async with fresh(postgres, original) as used:
        await _use(used, statement)
    async with fresh(postgres, original) as url:
        assert url != used
        await _use(url)


async def test_a_database_that_somebody_has_open_is_not_used_again(postgres: Postgres, original: str) -> None:
    """
    Whoever it is might still write.
    """
    used = await postgres.create(original)
    holder = Database(used)
    async with holder.engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
        await postgres.drop(used)
        async with fresh(postgres, original) as url:
            assert url != used
            await _use(url)
        await connection.invalidate()
    await holder.close()
