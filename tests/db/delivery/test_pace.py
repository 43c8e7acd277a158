"""
Thirty messages a second in all, one a second in a chat, and none in a chat that is to be left alone.
"""

import asyncio
from itertools import pairwise

import pytest
from sqlmodel import select

from db.base.engine import Database
from db.base.tables import Pace
from db.delivery import pace
from db.delivery.pace import BETWEEN_MESSAGES, BETWEEN_MESSAGES_IN_A_CHAT, Grant


async def _ask(database: Database, chat_id: int) -> Grant:
    async with database.transaction() as session:
        return await pace.ask(session, chat_id=chat_id)


async def _leave_alone(database: Database, chat_id: int, seconds: float) -> None:
    async with database.transaction() as session:
        await pace.leave_alone(session, chat_id=chat_id, seconds=seconds)


async def test_a_first_message_is_sent_at_once(database: Database) -> None:
    """
    And nothing waits for one who has sent none.
    """
    assert await _ask(database, 5) == Grant(is_given=True, wait=0)


async def test_a_second_one_in_the_same_chat_waits(database: Database) -> None:
    """
    It is not given yet, so that it takes no room from others meanwhile.
    """
    await _ask(database, 5)
    second = await _ask(database, 5)
    assert not second.is_given
    assert 0 < second.wait <= BETWEEN_MESSAGES_IN_A_CHAT


async def test_messages_in_many_chats_are_spread(database: Database) -> None:
    """
    All are given, each a little later than the one before: never more than thirty begin in a second.
    """
    async with database.transaction() as session:
        assert all([(await pace.ask(session, chat_id=chat_id)).is_given for chat_id in range(1, 61)])
    async with database.transaction() as session:
        ends = sorted([found.next_at for found in await session.exec(select(Pace).where(Pace.chat_id > 0))])
    assert all(later - earlier >= BETWEEN_MESSAGES - 1e-4 for earlier, later in pairwise(ends))
    assert 1 / BETWEEN_MESSAGES < 30


async def test_one_who_is_refused_again_and_again_does_not_hold_up_the_others(database: Database) -> None:
    """
    A chat in which much is to be said takes no turns of others.
    """
    for _ in range(50):
        await _ask(database, 5)
    assert (await _ask(database, 6)).wait <= BETWEEN_MESSAGES


async def test_a_chat_is_left_alone_for_as_long_as_telegram_asks(database: Database) -> None:
    """
    The longest wish counts; other chats do not notice.
    """
    await _leave_alone(database, 5, 60)
    await _leave_alone(database, 5, 10)
    refused = await _ask(database, 5)
    assert not refused.is_given
    assert 50 < refused.wait <= 60
    assert (await _ask(database, 6)).is_given
    async with database.transaction() as session:
        assert await pace.left_alone(session, chat_ids=[5, 6, 7]) == {5}


@pytest.mark.parametrize("before", [False, True])
async def test_afterwards_it_is_spoken_to_again(database: Database, *, before: bool) -> None:
    """
    Whether something was sent there earlier or not.
    """
    if before:
        await _ask(database, 5)
    await _leave_alone(database, 5, -1)
    async with database.transaction() as session:
        assert await pace.left_alone(session, chat_ids=[5]) == set()
    assert (await _ask(database, 5)).is_given is not before


async def test_who_was_sent_nothing_for_long_is_forgotten(database: Database) -> None:
    """
    Whoever is to be left alone is not, and whoever is forgotten may be spoken to as at first.
    """
    for chat_id in (5, 6):
        await _ask(database, chat_id)
    await _leave_alone(database, 6, 60)
    async with database.transaction() as session:
        await pace.forget(session, seconds=60)
        await pace.forget(session, seconds=-10)
    async with database.transaction() as session:
        assert (await session.exec(select(Pace.chat_id))).all() == [6]
    assert await _ask(database, 5) == Grant(is_given=True, wait=0)


async def test_those_who_ask_at_once_are_given_turns(database: Database) -> None:
    """
    While others are forgotten: nobody fails.
    """

    async def forget() -> None:
        async with database.transaction() as session:
            await pace.forget(session, seconds=-10)

    async def ask(chat_id: int) -> Grant:
        grant = await _ask(database, chat_id)
        await forget()
        return grant

    grants = await asyncio.gather(*(ask(chat_id) for chat_id in (5, 6, 7, 8)))
    assert all(grant.is_given for grant in grants)
