"""
What an earlier process, or another replica, has done but did not live to show, or has only received.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine import turns
from bot.engine.chats_held import ChatsHeld
from bot.engine.replies import Replies
from bot.engine.turns import Outgoing
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.frozen import Frozen
from bot.turn import Deployment
from db.base.tables import InboxUpdate
from db.delivery import inbox


class LeftOver(Frozen):
    """
    Finds it in the inbox and takes it up. `on_nothing` is called with a chat in which there is nothing to show.
    """

    unit: UnitOfWork
    held: ChatsHeld
    replies: Replies
    deployment: Deployment
    clock: Callable[[], datetime]
    on_nothing: Callable[[int], None]

    async def chats(self, session: AsyncSession, chat_ids: set[int]) -> set[int]:
        """
        Those of these chats in which another replica has done something that it did not live to show. That comes first.
        """
        if self.unit.replica.is_alone or not chat_ids:
            return set()
        rows = await inbox.unshown(session, chat_ids=chat_ids)
        left = {row.chat_id for row in rows if row.update_id not in self.replies.unsaid}
        if left:
            await self.held.give_back(session, left)
            self.held.doubt()
        return left

    async def take_up(self) -> None:
        """
        Take up what nobody has under way: show chats what was done but not shown, and work what was only received.
        """
        waiting, unshown = await self.unit.advance(_look)
        self.held.line_up(waiting)
        known = self.replies.known
        left = {row.chat_id for row in unshown if row.update_id not in known}
        # What is left in a chat that is talked with now comes to light when that is over.
        self.held.settle(is_in_doubt=not left.isdisjoint(self.held.busy))
        left -= self.held.busy
        self.held.busy |= left
        for chat_id in left:
            try:
                outgoing = await self.unit.commit(partial(self._present_state, chat_id=chat_id))
            except Exception as error:  # noqa: BLE001  whatever it is, it must stop neither the chat nor the bot
                self.replies.give_up([row.update_id for row in unshown if row.chat_id == chat_id], error)
                outgoing = []
            if outgoing:
                self.replies.begin(outgoing)
            else:
                self.on_nothing(chat_id)

    async def _present_state(self, session: AsyncSession, *, chat_id: int) -> list[Outgoing]:
        if not await self.held.may_talk(session, {chat_id}):
            return []
        # Looked up anew: who held the chat until now may have shown it all meanwhile.
        rows = await inbox.unshown(session, chat_ids={chat_id})
        if not rows:
            return []
        return await turns.present_state(session, deployment=self.deployment, rows=rows, now=self.clock())


async def _look(session: AsyncSession) -> tuple[Sequence[int], Sequence[InboxUpdate]]:
    return await inbox.waiting_chats(session), await inbox.unshown(session)
