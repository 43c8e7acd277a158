"""
The turn, worked: updates are committed to the inbox, their effects are committed, and only then is anything said.

Turns of different chats that are ready together share a commit; a chat's next turn waits until the last one is shown.
What is kept in memory is only which chats to look at, and what has been shown but is not written down yet: all else is
read from the inbox. Of several replicas the one that holds a chat works its updates and talks there.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession
from structlog.contextvars import clear_contextvars
from telegram import Bot

from bot import logs
from bot.engine import received, replica, turns
from bot.engine.counters import Figures
from bot.engine.received import Incoming
from bot.engine.replica import Replica
from bot.engine.replies import Replies, Spoken
from bot.engine.turns import Outgoing
from bot.render.card import Card
from bot.turn import Place
from bot.wire.retry import persist
from bot.wire.speaker import Saying, Speaker
from db.base.engine import Database, is_passing
from db.base.tables import InboxUpdate
from db.delivery import (
    chats,
    inbox,
    leases,
    notices,
    pace,
)
from db.people import access
from db.people.access import Member
from db.trail import audit

log = logs.named(__name__)
T = TypeVar("T")

PATIENCE = 15.0
"""Seconds after which a silent replica is taken for dead."""

_TOGETHER = 64
_QUIET = 0.5
_AGAIN = 0.3
_SOON = 3.0
_LAST_WORDS = 3.0
_MANY = 500
_REMEMBER = timedelta(days=7)


@dataclass
class Worker:
    """
    Works the inbox off. `on_notices` is called when a transaction has written some; `clock` gives the present time.
    A replica that is silent for `patience` seconds is taken for dead.
    """

    database: Database
    audit_key: bytes
    bot: Bot
    speaker: Speaker
    place: Place
    on_notices: Callable[[], None] = field(default=lambda: None)
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    figures: Figures = field(default_factory=Figures)
    patience: float = PATIENCE

    def __post_init__(self) -> None:
        self.replica = Replica(self.database, self.patience)
        self._arrived: list[tuple[list[InboxUpdate], asyncio.Future[None]]] = []
        self._waiting: dict[int, None] = {}
        self._refused: set[int] = set()
        self._busy: set[int] = set()
        self.replies = Replies(self.speaker, self.figures, self.clock, self._leave)
        self._is_in_doubt = False
        self._changed = asyncio.Event()
        self._freed = asyncio.Event()
        self._quiet = asyncio.Event()

    # What comes in

    async def receive(self, updates: Sequence[dict[str, Any]]) -> None:
        """
        Commit updates to the inbox, and have their chats looked at.
        """
        rows = sorted((received.row_of(update, self.clock()) for update in updates), key=lambda row: row.update_id)
        stored = asyncio.get_running_loop().create_future()
        self._arrived.append((rows, stored))
        self._line_up(row.chat_id for row in rows)
        await stored

    def _line_up(self, chat_ids: Iterable[int]) -> None:
        self._waiting.update(dict.fromkeys(chat_ids))
        self._quiet.clear()
        self._changed.set()

    async def begin(self) -> None:
        """
        Forget what is long over, and take up what an earlier process left.
        """
        await self.forget()
        await self._take_up()

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
            self._doubt()

    def _doubt(self) -> None:
        """
        Look into the inbox for what nobody has under way.
        """
        self._is_in_doubt = True
        self._quiet.clear()
        self._changed.set()

    # What is done with it

    async def run(self) -> None:
        """
        Work until cancelled.
        """
        while True:
            is_quiet = await self._wait()
            self._changed.clear()
            if self._is_in_doubt:
                await self._take_up()
            group = self._take()
            if group or self._arrived:
                for one in await self._work(group):
                    self.replies.begin([one])
            elif (spoken := self.replies.spoken) and (
                is_quiet or not self.replica.is_alone or len(spoken.update_ids) > _MANY
            ):
                await self._advance(_nothing)
            self._rest()

    async def _wait(self) -> bool:
        """
        Until something can be worked; or until all has been quiet for a moment, and then this returns true.
        """
        try:
            # Not wait_for: before Python 3.12 that can swallow the cancellation that ends the program.
            async with asyncio.timeout(_QUIET if self.replies.spoken else None):
                await self._changed.wait()
        except TimeoutError:
            return True
        return False

    def _take(self) -> list[int]:
        group = [chat_id for chat_id in self._waiting if chat_id not in self._busy][:_TOGETHER]
        for chat_id in group:
            del self._waiting[chat_id]
        self._busy.update(group)
        return group

    def _rest(self) -> None:
        if any(chat_id not in self._busy for chat_id in self._waiting):
            self._changed.set()
        if not (self._waiting or self._refused or self._busy or self._is_in_doubt):
            self._quiet.set()

    async def quiet(self) -> None:
        """
        Wait until everything received is worked and shown.
        """
        await self._quiet.wait()

    async def _work(self, chat_ids: list[int]) -> list[Outgoing]:
        """
        Commit the next turns of these chats together. If that fails each is tried alone, and the failing one set aside.
        """
        claimed: list[Incoming] = []

        async def turn(session: AsyncSession) -> tuple[set[int], set[int], list[Outgoing]]:
            mine = await self._may_talk(session, chat_ids)
            mine -= await self._left_behind(session, mine)
            found = await inbox.claim(session, chat_ids=mine)
            claimed[:] = [received.opened(session, one) for one in found]
            await self._give_back(session, mine - {one.chat_id for one in found})
            said = await turns.work(session, bot=self.bot, place=self.place, group=claimed, now=self.clock())
            return mine, {one.chat_id for one in found if one.has_more}, said

        try:
            mine, more, outgoing = await self._advance(turn)
        except Exception as error:
            if len(chat_ids) > 1:
                return [outgoing for chat_id in chat_ids for outgoing in await self._work([chat_id])]
            if not claimed:
                raise
            return [await self._set_aside(claimed[0], error)]
        finally:
            clear_contextvars()
        self._line_up(more)
        self._look_again(set(chat_ids) - mine)
        self._free(set(chat_ids) - {one.chat_id for one in claimed})
        self.figures.worked += len(claimed)
        return outgoing

    async def _left_behind(self, session: AsyncSession, chat_ids: set[int]) -> set[int]:
        """
        Those of these chats in which another replica has done something that it did not live to show. That comes first.
        """
        if self.replica.is_alone or not chat_ids:
            return set()
        rows = await inbox.unshown(session, chat_ids=chat_ids)
        left = {row.chat_id for row in rows if row.update_id not in self.replies.unsaid}
        if left:
            await self._give_back(session, left)
            self._doubt()
        return left

    async def _may_talk(self, session: AsyncSession, chat_ids: Collection[int]) -> set[int]:
        """
        Those of these chats that no other replica holds, and that Telegram does not want left alone; they are held now.
        """
        welcome = set(chat_ids) - await pace.left_alone(session, chat_ids=chat_ids) if chat_ids else set()
        held = await self.replica.take(session, {replica.chat(chat_id) for chat_id in welcome})
        return {chat_id for chat_id in welcome if replica.chat(chat_id) in held}

    async def _give_back(self, session: AsyncSession, chat_ids: Collection[int]) -> None:
        await self.replica.give_back(session, {replica.chat(chat_id) for chat_id in chat_ids})

    def _look_again(self, chat_ids: set[int]) -> None:
        """
        Look at chats again in a moment that cannot be talked with now.
        """

        def look() -> None:
            self._refused -= chat_ids
            self._line_up(chat_ids)

        if chat_ids:
            self._refused |= chat_ids
            asyncio.get_running_loop().call_later(_AGAIN, look)

    async def _take_up(self) -> None:
        """
        Take up what nobody has under way: show chats what was done but not shown, and work what was only received.
        """
        waiting, unshown = await self._advance(_look)
        self._line_up(waiting)
        known = self.replies.known
        left = {row.chat_id for row in unshown if row.update_id not in known}
        # What is left in a chat that is talked with now comes to light when that is over.
        self._is_in_doubt = not left.isdisjoint(self._busy)
        left -= self._busy
        self._busy |= left
        for chat_id in left:
            try:
                outgoing = await self.commit(partial(self._present_state, chat_id=chat_id))
            except Exception as error:  # noqa: BLE001  whatever it is, it must stop neither the chat nor the bot
                self.replies.give_up([row.update_id for row in unshown if row.chat_id == chat_id], error)
                outgoing = []
            if outgoing:
                self.replies.begin(outgoing)
            else:
                self._leave(chat_id)

    async def _present_state(self, session: AsyncSession, *, chat_id: int) -> list[Outgoing]:
        if not await self._may_talk(session, {chat_id}):
            return []
        # Looked up anew: who held the chat until now may have shown it all meanwhile.
        rows = await inbox.unshown(session, chat_ids={chat_id})
        return await turns.present_state(session, place=self.place, rows=rows, now=self.clock()) if rows else []

    async def commit(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """
        Do something in a transaction, again and again while the database is away.
        """

        async def attempt() -> T:
            try:
                async with self.database.transaction() as session:
                    audit.use_key(session, self.audit_key)
                    result = await work(session)
            except Exception as error:
                if is_passing(error):
                    # It may have been committed all the same.
                    self._doubt()
                raise
            if notices.were_written(session):
                self.on_notices()
            return result

        return await persist(attempt)

    async def _advance(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """
        The same, and in the same transaction what has arrived goes into the inbox, and what was shown is written down:
        one commit serves all, and nothing is confirmed to Telegram before.
        """
        arrived, self._arrived = self._arrived, []
        spoken = self.replies.take_spoken()

        async def advance(session: AsyncSession) -> T:
            if arrived:
                await inbox.receive(session, updates=[row for rows, _ in arrived for row in rows])
            await spoken.write_down(session, by=self.replica)
            return await work(session)

        try:
            result = await self.commit(advance)
        except BaseException:
            self._arrived[:0] = arrived
            self.replies.put_back(spoken)
            raise
        for _, stored in arrived:
            if not stored.done():
                stored.set_result(None)
        self._free(spoken.over)
        return result

    async def _set_aside(self, one: Incoming, error: Exception) -> Outgoing:
        """
        Keep a failing update out of the way, tell the log where it failed and the chat how to ask about it.
        """
        reference = secrets.token_hex(4)
        self.figures.set_aside += 1
        log.error("update set aside", update=one.update_id, reference=reference, error=error)

        async def put_aside(session: AsyncSession) -> dict[int, Member]:
            is_ours = one.chat_id in await self._may_talk(session, {one.chat_id})
            await inbox.set_aside(session, update_id=one.update_id, reference=reference)
            return await access.members(session, telegram_ids=[one.chat_id]) if is_ours else {}

        members = await self._advance(put_aside)
        self._line_up([one.chat_id])
        if one.chat_id not in members:
            return Outgoing(one, None)
        return Outgoing(one, turns.apology(members[one.chat_id], one, reference))

    # Who is talked with

    def _leave(self, chat_id: int) -> None:
        """
        A chat is talked with no more. Other replicas may have it once what was shown there is written down.
        """
        if self.replica.is_alone:
            self._free({chat_id})
        else:
            self.replies.spoken.over.add(chat_id)
        self._changed.set()

    def _free(self, chat_ids: set[int]) -> None:
        """
        These chats may have their next turns.
        """
        self._busy -= chat_ids
        self._freed.set()
        self._freed.clear()

    @asynccontextmanager
    async def alone_with(self, chat_id: int) -> AsyncIterator[None]:
        """
        Between two turns of a chat, with no other replica talking there. Raises TimeoutError where that takes long.
        """
        end = asyncio.get_running_loop().time() + _SOON
        while not await self._comes_to(chat_id):
            async with asyncio.timeout_at(end):
                await (self._freed.wait() if chat_id in self._busy else asyncio.sleep(_AGAIN))
        try:
            yield
        finally:
            try:
                await self._write_card(chat_id)
            finally:
                self._free({chat_id})
                self._changed.set()

    async def _write_card(self, chat_id: int) -> None:
        """
        Write down where a chat's card is, if that is new, and give the chat back.
        """
        card = self.replies.spoken.cards.pop(chat_id, None)
        spoken = Spoken(cards={} if card is None else {chat_id: card}, over={chat_id})
        if card is not None or not self.replica.is_alone:
            await self.commit(lambda session: spoken.write_down(session, by=self.replica))

    async def _comes_to(self, chat_id: int) -> bool:
        if chat_id in self._busy:
            return False
        self._busy.add(chat_id)
        may_talk: set[int] = set()
        try:
            may_talk = await self.commit(lambda session: self._may_talk(session, {chat_id}))
        finally:
            if not may_talk:
                self._free({chat_id})
                self._changed.set()
        return bool(may_talk)

    async def replace_card(self, chat_id: int, card: Card) -> None:
        """
        Show something in the place of a chat's card. To be called alone with the chat. Raises RetryAfter.
        """
        known = self.replies.spoken.cards.get(chat_id)
        place = known.message_id if known else await self.commit(lambda session: chats.card_of(session, chat_id))
        shown = await self.speaker.say(Saying(chat_id, card, replace=place, can_wait=True))
        if shown is not None:
            self.replies.spoken.cards[chat_id] = chats.Place(chat_id, shown.message_id, None)

    async def close(self) -> None:
        """
        Let what is being said be said, for a moment, write down what was shown, and let other replicas go on.
        """
        await self.replies.finish(_LAST_WORDS)
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS):
                await self._advance(self.replica.end)


async def _nothing(_: AsyncSession) -> None:
    """
    What there is to do when only something is to be written down.
    """


async def _look(session: AsyncSession) -> tuple[Sequence[int], Sequence[InboxUpdate]]:
    return await inbox.waiting_chats(session), await inbox.unshown(session)
