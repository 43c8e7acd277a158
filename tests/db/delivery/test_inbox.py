"""
The inbox: every update once, in Telegram's order, until its reply has been shown.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import col, select

from db.base.engine import Database
from db.base.tables import InboxUpdate, UpdateState
from db.delivery import inbox
from tests.databases import on_postgres, on_sqlite
from tests.db.rows import NOW

CHAT, OTHER = 5, 6


def _update(
    update_id: int, state: UpdateState = UpdateState.RECEIVED, received_at: datetime = NOW, chat_id: int = CHAT
) -> InboxUpdate:
    return InboxUpdate(
        update_id=update_id, chat_id=chat_id, payload=f"p{update_id}", state=state, received_at=received_at
    )


async def _receive(database: Database, *update_ids: int, chat_id: int = CHAT) -> None:
    async with database.transaction() as session:
        await inbox.receive(session, updates=[_update(update_id, chat_id=chat_id) for update_id in update_ids])


async def _rows(database: Database) -> dict[int, tuple[str, str]]:
    async with database.transaction() as session:
        found = await session.exec(select(InboxUpdate).order_by(col(InboxUpdate.update_id)))
        return {row.update_id: (row.state, row.payload) for row in found}


async def _in(database: Database, state: UpdateState) -> list[int]:
    return [update_id for update_id, (found, _) in (await _rows(database)).items() if found == state]


async def _claim(database: Database, *chat_ids: int) -> list[tuple[int, str, bool]]:
    async with database.transaction() as session:
        return [(one.update_id, one.payload, one.has_more) for one in await inbox.claim(session, chat_ids=chat_ids)]


async def test_an_update_is_received_once(database: Database) -> None:
    """
    Telegram hands some over again: what is there stays as it is.
    """
    await _receive(database, 1, 2)
    await _claim(database, CHAT)
    await _receive(database, 1, 2, 3)
    await _receive(database, 1, 2, 3)
    assert await _rows(database) == {1: ("done", ""), 2: ("received", "p2"), 3: ("received", "p3")}


async def test_one_batch_may_hold_an_update_twice(database: Database) -> None:
    """
    It is received once all the same.
    """
    await _receive(database, 7, 7)
    assert list(await _rows(database)) == [7]


async def test_updates_come_out_in_telegrams_order(database: Database) -> None:
    """
    However they came in, and though their numbers no longer fit 32 bits.
    """
    large = 2**40
    for update_id in (large, 3, 9, 1):
        await _receive(database, update_id)
    assert await _in(database, UpdateState.RECEIVED) == [1, 3, 9, large]


async def test_a_full_batch_is_received_at_once(database: Database) -> None:
    """
    A hundred updates, the most that Telegram gives.
    """
    await _receive(database, *range(100))
    assert await _in(database, UpdateState.RECEIVED) == list(range(100))


async def test_what_is_done_holds_nothing_that_was_typed(database: Database) -> None:
    """
    The payload goes when the effect is there; that of others stays.
    """
    await _receive(database, 1, 2)
    await _claim(database, CHAT)
    assert await _rows(database) == {1: ("done", ""), 2: ("received", "p2")}
    assert await _in(database, UpdateState.DONE) == [1]
    assert await _in(database, UpdateState.RECEIVED) == [2]


async def test_only_what_is_done_becomes_shown(database: Database) -> None:
    """
    What was set aside stays so, with the payload and the reference that explain it; so does what is only received.
    """
    await _receive(database, 1, 2, 3)
    async with database.transaction() as session:
        await inbox.claim(session, chat_ids=[CHAT])
        await inbox.set_aside(session, update_id=2, reference="abcd")
        await inbox.mark_shown(session, update_ids=[1, 2, 3])
    assert await _rows(database) == {1: ("shown", ""), 2: ("set_aside", "p2"), 3: ("received", "p3")}
    assert await _in(database, UpdateState.SET_ASIDE) == [2]
    async with database.transaction() as session:
        assert (await session.get_one(InboxUpdate, 2)).reference == "abcd"


async def test_an_update_is_claimed_once(database: Database) -> None:
    """
    The oldest of each chat that nobody has done yet; what was set aside is passed over.
    """
    await _receive(database, 2, 3, 4)
    await _receive(database, 1, 6, 9, chat_id=OTHER)
    async with database.transaction() as session:
        await inbox.set_aside(session, update_id=3, reference="abcd")
    assert await _claim(database, OTHER, CHAT, 7) == [(1, "p1", True), (2, "p2", True)]
    assert await _claim(database, CHAT) == [(4, "p4", False)]
    assert await _claim(database, CHAT) == []
    assert await _claim(database, CHAT, OTHER) == [(6, "p6", True)]
    assert await _claim(database) == []


async def test_chats_that_wait_are_found_in_the_order_of_their_updates(database: Database) -> None:
    """
    Those of which something is received and not worked.
    """
    await _receive(database, 5, 9)
    await _receive(database, 2, 7, chat_id=OTHER)
    await _receive(database, 1, chat_id=7)
    await _claim(database, 7)
    async with database.transaction() as session:
        assert await inbox.waiting_chats(session) == [OTHER, CHAT]
        assert [row.update_id for row in await inbox.unshown(session)] == [1]


@pytest.mark.parametrize("state", UpdateState)
async def test_only_what_was_shown_is_forgotten(database: Database, state: UpdateState) -> None:
    """
    After its time; whatever still needs something done is kept however old it is.
    """
    async with database.transaction() as session:
        session.add_all(
            [
                _update(1, state=state, received_at=NOW - timedelta(days=8)),
                _update(2, state=state, received_at=NOW - timedelta(days=7)),
                _update(3, state=state, received_at=NOW),
            ]
        )
    async with database.transaction() as session:
        await inbox.forget_before(session, day=NOW - timedelta(days=7))
    assert list(await _rows(database)) == ([2, 3] if state is UpdateState.SHOWN else [1, 2, 3])


async def _plan(database: Database, explain: str, *before: str) -> str:
    """
    How the database finds the next update of a chat.
    """
    seen: list[tuple[str, Any]] = []

    def see(_: object, __: object, statement: str, parameters: Sequence[Any], *___: object) -> None:
        seen.append((statement, parameters))

    event.listen(database.engine.sync_engine, "before_cursor_execute", see)
    await _claim(database, CHAT)
    event.remove(database.engine.sync_engine, "before_cursor_execute", see)
    ((statement, parameters),) = [one for one in seen if one[0].strip().startswith("SELECT")]
    async with database.engine.connect() as connection:
        for command in before:
            await connection.exec_driver_sql(command)
        rows = await connection.exec_driver_sql(f"{explain} {statement}", parameters)
        return "\n".join(str(row) for row in rows)


@on_sqlite("its way to explain a plan")
async def test_the_next_update_is_found_without_reading_the_others(database: Database) -> None:
    """
    SQLite uses the index over the few that are not shown, for the chat and for what is later there.
    """
    plan = await _plan(database, "EXPLAIN QUERY PLAN")
    assert "INDEX ix_inbox_unshown (chat_id=?)" in plan
    assert "INDEX ix_inbox_unshown (chat_id=? AND update_id>?)" in plan


@on_postgres("its way to explain a plan")
async def test_the_next_update_is_found_by_the_index(database: Database) -> None:
    """
    PostgreSQL can use it too; where the table is small it may not care to.
    """
    assert "ix_inbox_unshown" in await _plan(database, "EXPLAIN", "SET enable_seqscan = off")
