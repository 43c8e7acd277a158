"""
Talking in a chat between two of its turns.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.engine.chats_held import AGAIN, ChatsHeld
from bot.engine.unit_of_work import Spoken, UnitOfWork
from bot.render.card import Card
from bot.rules.frozen import Frozen
from bot.wire.speaker import Saying, Speaker
from db.delivery import chats
from db.delivery.chats import CardPosition

_SOON = 3.0


class BetweenTurns(Frozen):
    """
    Speaks in chats while none of their turns is under way, and no other replica talks there.
    """

    unit: UnitOfWork
    held: ChatsHeld
    speaker: Speaker

    @asynccontextmanager
    async def alone_with(self, chat_id: int) -> AsyncIterator[None]:
        """
        Between two turns of a chat. Raises TimeoutError where that takes long.
        """
        end = asyncio.get_running_loop().time() + _SOON
        while not await self._comes_to(chat_id):
            async with asyncio.timeout_at(end):
                await (self.held.freed.wait() if chat_id in self.held.busy else asyncio.sleep(AGAIN))
        try:
            yield
        finally:
            try:
                await self._write_card(chat_id)
            finally:
                self._free(chat_id)

    async def replace_card(self, chat_id: int, card: Card) -> None:
        """
        Show something in the place of a chat's card. To be called alone with the chat. Raises RetryAfter.
        """
        known = self.unit.spoken.cards.get(chat_id)
        message = known.message_id if known else await self.unit.commit(lambda session: chats.card_of(session, chat_id))
        shown = await self.speaker.say(Saying(chat_id, card, replace=message, can_wait=True))
        if shown is not None:
            self.unit.spoken.cards[chat_id] = CardPosition(chat_id, shown.message_id, None)

    async def _write_card(self, chat_id: int) -> None:
        """
        Write down where a chat's card is, if that is new, and give the chat back.
        """
        card = self.unit.spoken.cards.pop(chat_id, None)
        spoken = Spoken(cards={} if card is None else {chat_id: card}, over={chat_id})
        if card is not None or not self.unit.replica.is_alone:
            await self.unit.commit(lambda session: spoken.write_down(session, by=self.unit.replica))

    async def _comes_to(self, chat_id: int) -> bool:
        if chat_id in self.held.busy:
            return False
        self.held.busy.add(chat_id)
        may_talk: set[int] = set()
        try:
            may_talk = await self.unit.commit(lambda session: self.held.may_talk(session, {chat_id}))
        finally:
            if not may_talk:
                self._free(chat_id)
        return bool(may_talk)

    def _free(self, chat_id: int) -> None:
        self.held.free({chat_id})
        self.held.changed.set()
