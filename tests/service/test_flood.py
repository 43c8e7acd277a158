"""
Somebody who sends without end: others are answered meanwhile, and what waits, waits in the inbox.
"""

import asyncio
import gc

from sqlmodel import col, func, select

from bot.wire.updates import StoredUpdate
from db.base.tables import InboxUpdate, PersonRole, UpdateState
from tests.chat.staff import add_member
from tests.conftest import COORDINATOR, Chatter, Clinic
from tests.thorough import thorough

_TEXTS = 1200
_BATCH = 100
_OTHERS = range(201, 211)


async def _left(clinic: Clinic) -> int:
    """
    How many of the flood's updates are not worked yet.
    """
    async with clinic.application.database.transaction() as session:
        mine = select(func.count()).select_from(InboxUpdate).where(col(InboxUpdate.chat_id) == COORDINATOR)
        worked = (await session.exec(mine.where(col(InboxUpdate.state) != UpdateState.RECEIVED))).one()
    return 1 + _TEXTS - worked


def _held() -> int:
    """
    How many updates are in memory.
    """
    return sum(isinstance(one, StoredUpdate | InboxUpdate) for one in gc.get_objects())


@thorough("a flood of messages")
async def test_who_floods_the_bot_keeps_nobody_waiting(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Ten who write after a thousand texts of somebody else are all answered while most of these still wait, and few of
    them are in memory.
    """
    for user_id in _OTHERS:
        await add_member(clinic, user_id, (PersonRole.COORDINATOR, 1))
    for number in range(_TEXTS):
        clinic.api.send(coordinator.user_id, str(number))
    for user_id in _OTHERS:
        clinic.api.send(user_id, "/help")

    def are_answered() -> bool:
        return all(any(message.from_bot for message in clinic.api.chat(user_id)) for user_id in _OTHERS)

    most = 0
    async with asyncio.timeout(60):
        while not are_answered():
            most = max(most, _held())
            await asyncio.sleep(0.05)
    assert await _left(clinic) > 1000
    assert most < _TEXTS / 2
    async with asyncio.timeout(120):
        await coordinator.look()
    assert await _left(clinic) == 0
