"""
What one replica holds no other has, until it gives it back or falls silent.
"""

import pytest
from sqlmodel import select

from db.base.engine import Database
from db.base.tables import Lease
from db.delivery import leases
from tests.databases import on_postgres

HERE, THERE = "here", "there"
LONG, OVER = 600.0, -1.0
"""Seconds: a lease that lasts longer than any test, and one that has run out at once."""


async def _take(database: Database, holder: str, *names: str, seconds: float = LONG) -> set[str]:
    async with database.transaction() as session:
        return await leases.take(session, names=names, holder=holder, seconds=seconds)


async def test_what_one_holds_no_other_takes(database: Database) -> None:
    """
    Each takes what is free; whoever holds something already holds it on.
    """
    assert await _take(database, HERE, "a", "b") == {"a", "b"}
    assert await _take(database, THERE, "b", "c") == {"c"}
    assert await _take(database, HERE, "a", "b", "c") == {"a", "b"}


async def test_what_is_given_back_is_free(database: Database) -> None:
    """
    Only what is named, and only one's own.
    """
    await _take(database, HERE, "a", "b")
    async with database.transaction() as session:
        await leases.give_back(session, names=["a", "b"], holder=THERE)
        await leases.give_back(session, names=["a"], holder=HERE)
    assert await _take(database, THERE, "a", "b") == {"a"}


async def test_whoever_falls_silent_loses_everything(database: Database) -> None:
    """
    What has run out can be taken, and is then held by the other.
    """
    await _take(database, HERE, "a", "b", seconds=OVER)
    assert await _take(database, THERE, "a") == {"a"}
    async with database.transaction() as session:
        assert await leases.renew(session, holder=HERE, seconds=LONG) == {"b"}
    assert await _take(database, HERE, "a") == set()
    assert await _take(database, THERE, "b") == set()


async def test_whoever_stops_leaves_everything(database: Database) -> None:
    """
    Nobody need wait for one who says good-bye.
    """
    await _take(database, HERE, "a", "b")
    await _take(database, THERE, "c")
    async with database.transaction() as session:
        await leases.end(session, holder=HERE)
    assert await _take(database, "third", "a", "b", "c") == {"a", "b"}


@on_postgres("in SQLite one transaction waits for the other")
async def test_two_who_come_at_once_do_not_wait_for_each_other(database: Database) -> None:
    """
    Each holds what the other wants in a transaction that is still open: each is refused at once.
    """
    await _take(database, HERE, "a", "b", seconds=OVER)
    async with database.transaction() as one, database.transaction() as other:
        assert await leases.take(one, names=["a"], holder=HERE, seconds=LONG) == {"a"}
        assert await leases.take(other, names=["b"], holder=THERE, seconds=LONG) == {"b"}
        assert await leases.take(one, names=["b"], holder=HERE, seconds=LONG) == set()
        assert await leases.take(other, names=["a"], holder=THERE, seconds=LONG) == set()


@pytest.mark.parametrize("names", [[], ["a"], ["a", "a"]])
async def test_nothing_and_the_same_twice(database: Database, names: list[str]) -> None:
    """
    Are taken for what they are.
    """
    assert await _take(database, HERE, *names) == set(names)


async def test_what_has_long_been_free_is_forgotten(database: Database) -> None:
    """
    Given back or run out; what somebody holds stays, and what is forgotten can be taken.
    """
    await _take(database, HERE, "a", "b")
    await _take(database, THERE, "c", seconds=-100.0)
    async with database.transaction() as session:
        await leases.give_back(session, names=["a"], holder=HERE)
        await leases.forget(session, seconds=50)
    async with database.transaction() as session:
        assert (await session.exec(select(Lease.name))).all() == ["b"]
    assert await _take(database, THERE, "a", "b", "c") == {"a", "c"}


async def test_whoever_still_holds_something_is_told(database: Database) -> None:
    """
    Also where it has run out, as long as nobody has taken it.
    """
    await _take(database, HERE, "a", "b", "c", seconds=OVER)
    await _take(database, THERE, "b")
    async with database.transaction() as session:
        assert await leases.held(session, names=["a", "b"], holder=HERE) == {"a"}
