"""
How fast the bot speaks: as fast as Telegram lets it, whichever replica speaks.
"""

import asyncio

from bot.wire.retry import persist
from db.base.engine import Database
from db.delivery import pace
from db.delivery.pace import Grant


class Pace:
    """
    The pace that Telegram sets, kept together with the other replicas by way of the database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def message(self, chat_id: int) -> None:
        """
        Wait until a further message may be sent in a chat.
        """

        async def ask() -> Grant:
            async with self._database.transaction() as session:
                return await pace.ask(session, chat_id=chat_id)

        is_given = False
        while not is_given:
            grant = await persist(ask)
            await asyncio.sleep(grant.wait)
            is_given = grant.is_given

    async def leave_alone(self, chat_id: int, seconds: float) -> None:
        """
        Telegram wants a chat left alone for so long: the other replicas, and whoever comes after this one, are to know.
        """

        async def tell() -> None:
            async with self._database.transaction() as session:
                await pace.leave_alone(session, chat_id=chat_id, seconds=seconds)

        await persist(tell)
