"""
How fast the bot speaks: as fast as Telegram lets it, whichever replica speaks.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession

from db.delivery import pace

T = TypeVar("T")


class Commit(Protocol):
    """
    Does something in a transaction, again and again while the database is away.
    """

    async def __call__(self, work: Callable[[AsyncSession], Awaitable[T]], /) -> T:
        """
        What the work has returned.
        """


class Throttle:
    """
    The pace that Telegram sets, kept together with the other replicas by way of the database.
    """

    def __init__(self, commit: Commit) -> None:
        self._commit = commit

    async def message(self, chat_id: int) -> None:
        """
        Wait until a further message may be sent in a chat.
        """
        is_given = False
        while not is_given:
            grant = await self._commit(lambda session: pace.ask(session, chat_id=chat_id))
            await asyncio.sleep(grant.wait)
            is_given = grant.is_given

    async def leave_alone(self, chat_id: int, seconds: float) -> None:
        """
        Telegram wants a chat left alone for so long: the other replicas, and whoever comes after this one, are to know.
        """
        await self._commit(lambda session: pace.leave_alone(session, chat_id=chat_id, seconds=seconds))
