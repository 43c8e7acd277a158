"""
Rows that are only added, written together.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base import core
from db.base.engine import Database
from db.base.tables import AuditEntry
from db.trail import audit

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
SECRET = "zebra-4711"


def entry(sequence: int, reason: str | None = None) -> AuditEntry:
    """
    A row.
    """
    return AuditEntry(sequence=sequence, at=NOW, action="answer", entity="01-R-001", reason=reason, seal="")


async def add_to_chain(session: AsyncSession) -> None:
    """
    A row, and a change of another one that goes with it.
    """
    head = await audit.lock(session)
    core.add(session, entry(1))
    head.sequence = 1


async def stored(session: AsyncSession) -> Sequence[int]:
    """
    The rows that are there.
    """
    return (await session.exec(select(AuditEntry.sequence).order_by(col(AuditEntry.sequence)))).all()


async def test_what_is_added_is_committed_though_nothing_else_changes(database: Database) -> None:
    """
    Several rows, and one by itself.
    """
    for added in ((1, 2), (3,)):
        await add(database, [entry(sequence) for sequence in added])
    async with database.transaction() as session:
        assert await stored(session) == [1, 2, 3]


async def test_what_is_added_is_read_after_a_flush(database: Database) -> None:
    """
    Once, though the commit flushes again.
    """
    async with database.transaction() as session:
        await add_to_chain(session)
        await session.flush()
        assert await stored(session) == [1]
    async with database.transaction() as session:
        assert await stored(session) == [1]


async def begin_and_fail(database: Database, *, is_written: bool) -> None:
    """
    A transaction that fails before or after its row is written.
    """
    async with database.transaction() as session:
        await add_to_chain(session)
        if is_written:
            await session.flush()
        raise ZeroDivisionError


@pytest.mark.parametrize("is_written", [False, True])
async def test_what_is_added_goes_with_its_transaction(database: Database, is_written: bool) -> None:  # noqa: FBT001  parametrized
    """
    Whether it failed before the row was written, or after.
    """
    with pytest.raises(ZeroDivisionError):
        await begin_and_fail(database, is_written=is_written)
    async with database.transaction() as session:
        assert await stored(session) == []


async def add(database: Database, rows: Sequence[AuditEntry]) -> None:
    """
    A transaction with these.
    """
    async with database.transaction() as session:
        for row in rows:
            core.add(session, row)


@pytest.mark.parametrize("number", [1, 2])
async def test_a_row_that_is_refused_is_told_without_its_values(database: Database, number: int) -> None:
    """
    Alone or among others.
    """
    await add(database, [entry(1)])
    with pytest.raises(IntegrityError) as refused:
        await add(database, [entry(at, SECRET) for at in range(1, number + 1)])
    assert SECRET not in str(refused.value)
