"""
One process among those that share a database: what it holds, so that no other does the same.

In SQLite, which is for one process, everything is its own.
"""

import secrets
import time
from collections.abc import Collection

from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.engine import Database
from db.delivery import leases

POLLING = "polling"
NOTICES = "notices"

PATIENCE = 15.0
"""Seconds after which a silent replica is taken for dead."""


class Replica:
    """
    One of the processes on a database. `patience` is for how many seconds the others wait for one that is silent before
    they take up its work.
    """

    def __init__(self, database: Database, patience: float) -> None:
        self.is_alone = database.is_sqlite
        self.patience = patience
        self._id = secrets.token_hex(8)
        self._until: dict[str, float] = {}

    async def take(self, session: AsyncSession, names: Collection[str]) -> set[str]:
        """
        Take hold of these, as far as no other has; those that are held now.
        """
        if self.is_alone or not names:
            return set(names)
        began = time.monotonic()
        taken = await leases.take(session, names=sorted(names), holder=self._id, seconds=self.patience)
        self._until.update(dict.fromkeys(taken, began + self.patience))
        return taken

    async def keeps(self, session: AsyncSession, names: Collection[str]) -> set[str]:
        """
        Those of these that no other has taken since, nor will while this transaction lasts.
        """
        if self.is_alone or not names:
            return set(names)
        return await leases.held(session, names=sorted(names), holder=self._id)

    async def give_back(self, session: AsyncSession, names: Collection[str]) -> None:
        """
        Let others have these.
        """
        if self.is_alone or not names:
            return
        await leases.give_back(session, names=sorted(names), holder=self._id)
        for name in names:
            self._until.pop(name, None)

    async def renew(self, session: AsyncSession) -> None:
        """
        Tell the others that this one lives.
        """
        if self.is_alone:
            return
        began = time.monotonic()
        held = await leases.renew(session, holder=self._id, seconds=self.patience)
        self._until.update(dict.fromkeys(held, began + self.patience))

    async def end(self, session: AsyncSession) -> None:
        """
        Let others have all that this one holds.
        """
        if not self.is_alone:
            await leases.end(session, holder=self._id)

    def holds(self, name: str) -> bool:
        """
        Whether this is surely still held.
        """
        return self.is_alone or time.monotonic() < self._until.get(name, 0)


def chat(chat_id: int) -> str:
    """
    The name under which a chat is held.
    """
    return f"chat {chat_id}"
