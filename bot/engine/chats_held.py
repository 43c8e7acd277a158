"""
Which chats are looked at: those that wait, those that are talked with, those that another replica holds.
"""

import asyncio
from collections.abc import Collection, Iterable

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine import replica
from bot.engine.replica import Replica
from db.delivery import pace

AGAIN = 0.3
"""Seconds after which a chat is looked at again that cannot be talked with now."""

_TOGETHER = 20
"""Chats whose turns share a transaction. With 64 a turn takes a tenth less processor time where 200 chats are busy, and
all of them together 4 MiB more."""


class ChatsHeld:
    """
    What one replica knows of the chats: only which to look at, all else is read from the inbox.

    `changed` is set when there is something to do, `freed` for a moment when a chat may have its next turn.
    """

    def __init__(self, of: Replica) -> None:
        self._replica = of
        self._waiting: dict[int, None] = {}
        self._refused: set[int] = set()
        self._is_in_doubt = False
        self._quiet = asyncio.Event()
        self.busy: set[int] = set()
        self.changed = asyncio.Event()
        self.freed = asyncio.Event()

    def line_up(self, chat_ids: Iterable[int]) -> None:
        """
        There may be something to do in these.
        """
        self._waiting.update(dict.fromkeys(chat_ids))
        self._quiet.clear()
        self.changed.set()

    def doubt(self) -> None:
        """
        There may be something in the inbox that nobody has under way.
        """
        self._is_in_doubt = True
        self._quiet.clear()
        self.changed.set()

    @property
    def is_in_doubt(self) -> bool:
        """
        Whether the inbox is to be looked into.
        """
        return self._is_in_doubt

    def settle(self, *, is_in_doubt: bool) -> None:
        """
        The inbox has been looked into.
        """
        self._is_in_doubt = is_in_doubt

    def take(self) -> list[int]:
        """
        The next chats to be worked together; they are busy from now on.
        """
        group = [chat_id for chat_id in self._waiting if chat_id not in self.busy][:_TOGETHER]
        for chat_id in group:
            del self._waiting[chat_id]
        self.busy.update(group)
        return group

    def free(self, chat_ids: Iterable[int]) -> None:
        """
        These may have their next turns.
        """
        self.busy.difference_update(chat_ids)
        self.freed.set()
        self.freed.clear()

    def look_again(self, chat_ids: set[int]) -> None:
        """
        Look at chats again in a moment that cannot be talked with now.
        """

        def look() -> None:
            self._refused -= chat_ids
            self.line_up(chat_ids)

        if chat_ids:
            self._refused |= chat_ids
            asyncio.get_running_loop().call_later(AGAIN, look)

    def rest(self) -> None:
        """
        See whether more is to be done at once, or nothing at all.
        """
        if any(chat_id not in self.busy for chat_id in self._waiting):
            self.changed.set()
        if not (self._waiting or self._refused or self.busy or self._is_in_doubt):
            self._quiet.set()

    async def quiet(self) -> None:
        """
        Wait until there is nothing to do.
        """
        await self._quiet.wait()

    async def may_talk(self, session: AsyncSession, chat_ids: Collection[int]) -> set[int]:
        """
        Those of these chats that no other replica holds, and that Telegram does not want left alone; they are held now.
        """
        welcome = set(chat_ids) - await pace.left_alone(session, chat_ids=chat_ids) if chat_ids else set()
        held = await self._replica.take(session, {replica.chat(chat_id) for chat_id in welcome})
        return {chat_id for chat_id in welcome if replica.chat(chat_id) in held}

    async def give_back(self, session: AsyncSession, chat_ids: Collection[int]) -> None:
        """
        Let other replicas have these.
        """
        await self._replica.give_back(session, {replica.chat(chat_id) for chat_id in chat_ids})
