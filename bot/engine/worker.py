"""
The turn, worked: updates are committed to the inbox, their effects are committed, and only then is anything said.

Turns of different chats that are ready together share a commit; a chat's next turn waits until the last one is shown.
What is kept in memory is only which chats to look at, and what has been shown but is not written down yet: all else is
read from the inbox. Of several replicas the one that holds a chat works its updates and talks there.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession
from structlog.contextvars import clear_contextvars
from telegram import Bot

from bot import logs
from bot.engine import turns
from bot.engine.between_turns import BetweenTurns
from bot.engine.chats_held import ChatsHeld
from bot.engine.hand_overs import HandOvers
from bot.engine.left_over import LeftOver
from bot.engine.metrics import Metrics
from bot.engine.reassurance import Reassurance
from bot.engine.replica import POLLING
from bot.engine.replies import Replies
from bot.engine.turns import Outgoing
from bot.engine.unit_of_work import UnitOfWork
from bot.turn import Deployment
from bot.wire import updates
from bot.wire.speaker import Speaker
from bot.wire.updates import StoredUpdate
from db.delivery import inbox, leases, pace
from db.people import access
from db.people.access import Member

log = logs.named(__name__)

_QUIET = 0.5
_LAST_WORDS = 3.0
_MANY = 500
_REMEMBER = timedelta(days=7)


@dataclass
class Worker:
    """
    Works the inbox off. `clock` gives the present time.
    """

    unit: UnitOfWork
    bot: Bot
    speaker: Speaker
    deployment: Deployment
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    metrics: Metrics = field(default_factory=Metrics)

    def __post_init__(self) -> None:
        self.audit_key = self.unit.audit_key
        self.replica = self.unit.replica
        self.commit = self.unit.commit
        self.held = ChatsHeld(self.replica)
        self.between_turns = BetweenTurns(self.unit, self.held, self.speaker)
        hand_overs = HandOvers(self.unit, self.bot, self.deployment, self.clock)
        self.replies = Replies(self.speaker, self.unit, self.metrics, hand_overs, self.clock, self._leave)
        self._left_over = LeftOver(self.unit, self.held, self.replies, self.deployment, self.clock, self._leave)
        self.reassurance = Reassurance(self.bot, self.unit)
        self.unit.on_doubt = self.held.doubt
        self.unit.on_over = self.held.free

    # What comes in

    @property
    def patience(self) -> float:
        """
        Seconds after which a silent replica is taken for dead.
        """
        return self.replica.patience

    @property
    def is_polling(self) -> bool:
        """
        Whether this replica is surely the one that polls.
        """
        return self.replica.holds(POLLING)

    async def take_polling(self) -> bool:
        """
        Become the one that polls, unless another one is.
        """
        return bool(await self.commit(lambda session: self.replica.take(session, [POLLING])))

    async def has_received(self, update_id: int) -> bool:
        """
        Whether this update was stored in the last days.
        """
        return await self.commit(lambda session: inbox.is_known(session, update_id=update_id))

    async def receive(self, updates_: Sequence[dict[str, Any]]) -> None:
        """
        Commit updates to the inbox, and have their chats looked at.
        """
        rows = sorted((updates.row_of(update, self.clock()) for update in updates_), key=lambda row: row.update_id)
        stored = self.unit.store(rows)
        self.held.line_up(row.chat_id for row in rows)
        patience = self.reassurance.expect(updates_, stored)
        try:
            await stored
        finally:
            patience.cancel()

    async def begin(self) -> None:
        """
        Forget what is long over, and take up what an earlier process left.
        """
        await self.forget()
        await self._left_over.take_up()

    async def forget(self) -> None:
        """
        Forget what is long over: updates, and who was talked with when.
        """

        async def drop(session: AsyncSession) -> None:
            await inbox.forget_before(session, day=self.clock() - _REMEMBER)
            await leases.forget(session, seconds=_REMEMBER.total_seconds())
            await pace.forget(session, seconds=_REMEMBER.total_seconds())

        await self.commit(drop)

    async def beat(self) -> None:
        """
        Tell the other replicas again and again that this one lives, and look for what one that does not has left, or
        could not be shown when this one began.
        """
        while True:
            await asyncio.sleep(self.patience / 3)
            await self.commit(self.replica.renew)
            self.held.doubt()

    # What is done with it

    async def run(self) -> None:
        """
        Work until cancelled.
        """
        while True:
            is_quiet = await self._wait()
            self.held.changed.clear()
            if self.held.is_in_doubt:
                await self._left_over.take_up()
            group = self.held.take()
            if group or self.unit.has_arrived:
                for one in await self._work(group):
                    self.replies.begin([one])
            elif (spoken := self.unit.spoken) and (
                is_quiet or not self.replica.is_alone or len(spoken.update_ids) > _MANY
            ):
                await self.unit.advance(_nothing)
            self.held.rest()

    async def _wait(self) -> bool:
        """
        Until something can be worked; or until all has been quiet for a moment, and then this returns true.
        """
        try:
            # Not wait_for: before Python 3.12 that can swallow the cancellation that ends the program.
            async with asyncio.timeout(_QUIET if self.unit.spoken else None):
                await self.held.changed.wait()
        except TimeoutError:
            return True
        return False

    async def quiet(self) -> None:
        """
        Wait until everything received is worked and shown, and nobody is told any more that it is not.
        """
        await self.held.quiet()
        await self.reassurance.over()

    async def _work(self, chat_ids: list[int]) -> list[Outgoing]:
        """
        Commit the next turns of these chats together. If that fails each is tried alone, and the failing one set aside.
        """
        claimed: list[StoredUpdate] = []

        async def turn(session: AsyncSession) -> tuple[set[int], set[int], list[Outgoing]]:
            mine = await self.held.may_talk(session, chat_ids)
            mine -= await self._left_over.chats(session, mine)
            found = await inbox.claim(session, chat_ids=mine)
            claimed[:] = [updates.opened(session, one) for one in found]
            await self.held.give_back(session, mine - {one.chat_id for one in found})
            said = await turns.work(session, deployment=self.deployment, group=claimed, now=self.clock())
            return mine, {one.chat_id for one in found if one.has_more}, said

        try:
            mine, more, outgoing = await self.unit.advance(turn)
        except Exception as error:
            if len(chat_ids) > 1:
                return [outgoing for chat_id in chat_ids for outgoing in await self._work([chat_id])]
            if not claimed:
                raise
            return [await self._set_aside(claimed[0], error)]
        finally:
            clear_contextvars()
        self.held.line_up(more)
        self.held.look_again(set(chat_ids) - mine)
        self.held.free(set(chat_ids) - {one.chat_id for one in claimed})
        self.metrics.worked.inc(len(claimed))
        return outgoing

    async def _set_aside(self, one: StoredUpdate, error: Exception) -> Outgoing:
        """
        Keep a failing update out of the way, tell the log where it failed and the chat how to ask about it.
        """
        reference = turns.new_reference()
        self.metrics.set_aside.inc()
        log.error("update set aside", update=one.update_id, reference=reference, error=error)

        async def put_aside(session: AsyncSession) -> dict[int, Member]:
            is_ours = one.chat_id in await self.held.may_talk(session, {one.chat_id})
            await inbox.set_aside(session, update_id=one.update_id, reference=reference)
            return await access.members(session, telegram_ids=[one.chat_id]) if is_ours else {}

        members = await self.unit.advance(put_aside)
        self.held.line_up([one.chat_id])
        if one.chat_id not in members:
            return Outgoing(one, None)
        language = members[one.chat_id].person.language
        return Outgoing(one, turns.apology(one.chat_id, language, reference, query_id=one.query_id), language)

    def _leave(self, chat_id: int) -> None:
        """
        A chat is talked with no more. Other replicas may have it once what was shown there is written down.
        """
        if self.replica.is_alone:
            self.held.free({chat_id})
        else:
            self.unit.spoken.over.add(chat_id)
        self.held.changed.set()

    async def close(self) -> None:
        """
        Let what is being said be said, for a moment, write down what was shown, and let other replicas go on.
        """
        self.reassurance.stop()
        await self.replies.finish(_LAST_WORDS)
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS):
                await self.unit.advance(self.replica.end)


async def _nothing(_: AsyncSession) -> None:
    """
    What there is to do when only something is to be written down.
    """
