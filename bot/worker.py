"""
The turn, worked: updates are committed to the inbox, their effects are committed, and only then is anything said.

Turns of different chats that are ready together share a commit; a chat's next turn waits until the last one is shown.
What is kept in memory here is only what is on its way: all of it can be read again from the inbox.
"""

import asyncio
import json
import logging
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession
from telegram import Bot

from bot import turns
from bot.figures import Figures
from bot.incoming import Incoming, row_of
from bot.render.card import Card
from bot.speaker import Saying, Speaker
from bot.turn import Place
from bot.turns import Outgoing, Shown
from db import access, audit, chats, inbox, notices
from db.access import Member
from db.engine import Database, is_passing
from db.tables import InboxUpdate, UpdateState

log = logging.getLogger(__name__)
T = TypeVar("T")

_LONGEST_PAUSE = 10.0
_TOGETHER = 64
_ROOM = 1000
_QUIET = 0.5
_LAST_WORDS = 3.0
_MANY = 500
_REMEMBER = timedelta(days=7)


@dataclass
class Worker:
    """
    Works the inbox off. `on_notices` is called when a transaction has written some; `clock` gives the present time.
    """

    database: Database
    audit_key: bytes
    bot: Bot
    speaker: Speaker
    place: Place
    on_notices: Callable[[], None] = field(default=lambda: None)
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    figures: Figures = field(default_factory=Figures)

    def __post_init__(self) -> None:
        self._waiting: dict[int, deque[Incoming]] = {}
        self._busy: set[int] = set()
        self._arrived: list[tuple[list[InboxUpdate], asyncio.Future[None]]] = []
        self._shown: list[int] = []
        self._cards: dict[int, Shown] = {}
        self._speaking: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._freed = asyncio.Event()
        self._quiet = asyncio.Event()

    async def receive(self, updates: Sequence[dict[str, Any]]) -> None:
        """
        Commit updates to the inbox, then line them up. Waits while too many wait already.
        """
        ordered = sorted({update["update_id"]: update for update in updates}.items())
        rows = [row_of(update, self.clock()) for _, update in ordered]
        stored = asyncio.get_running_loop().create_future()
        self._arrived.append((rows, stored))
        # Lined up even if it was there already: it may have been received and never worked. What was is not claimed.
        for row, (_, update) in zip(rows, ordered, strict=True):
            self._line_up(Incoming(row.update_id, row.chat_id, update, row.received_at))
        self._changed.set()
        await stored
        if sum(map(len, self._waiting.values())) > _ROOM:
            self._room.clear()
            await self._room.wait()

    def _line_up(self, incoming: Incoming) -> None:
        self._quiet.clear()
        self._waiting.setdefault(incoming.chat_id, deque()).append(incoming)

    async def recover(self) -> None:
        """
        Take up what an earlier process left: show chats what was done but not shown, and work what was only received.
        """
        async with self.database.transaction() as session:
            await inbox.forget_before(session, day=self.clock() - _REMEMBER)
            unshown = await inbox.in_state(session, state=UpdateState.DONE)
            received = await inbox.in_state(session, state=UpdateState.RECEIVED)
        for row in received:
            self._line_up(Incoming(row.update_id, row.chat_id, json.loads(row.payload), row.received_at))
        for chat_id in dict.fromkeys(row.chat_id for row in unshown):
            rows = [row for row in unshown if row.chat_id == chat_id]
            self._busy.add(chat_id)
            self._quiet.clear()
            async with self.database.transaction() as session:
                self._speak(
                    await turns.present_state(session, place=self.place, rows=rows, now=self.clock(), fresh=True)
                )
        self._changed.set()

    async def run(self) -> None:
        """
        Work until cancelled.
        """
        while True:
            is_quiet = await self._wait()
            self._changed.clear()
            if is_quiet or len(self._shown) > _MANY:
                await self._write_shown()
            group = self._take()
            if group or self._arrived:
                outgoing = await self._work(group)
                self._free({one.chat_id for one in group} - {one.incoming.chat_id for one in outgoing})
                for one in outgoing:
                    self._speak([one])
            self._rest()

    async def _wait(self) -> bool:
        """
        Until something can be worked; or until all has been quiet for a moment, and then this returns true.
        """
        try:
            # Not wait_for: before Python 3.12 that can swallow the cancellation that ends the program.
            async with asyncio.timeout(_QUIET if self._shown or self._cards else None):
                await self._changed.wait()
        except TimeoutError:
            return True
        return False

    def _take(self) -> list[Incoming]:
        group = []
        for chat_id in [chat_id for chat_id in self._waiting if chat_id not in self._busy][:_TOGETHER]:
            line = self._waiting[chat_id]
            group.append(line.popleft())
            self._busy.add(chat_id)
            if not line:
                del self._waiting[chat_id]
        return group

    def _rest(self) -> None:
        waiting = sum(map(len, self._waiting.values()))
        if waiting <= _ROOM // 2:
            self._room.set()
        if any(chat_id not in self._busy for chat_id in self._waiting):
            self._changed.set()
        if not waiting and not self._busy:
            self._quiet.set()

    async def quiet(self) -> None:
        """
        Wait until everything received is worked and shown.
        """
        await self._quiet.wait()

    async def _work(self, group: list[Incoming]) -> list[Outgoing]:
        """
        Commit the effects of a group together. If one fails they are tried alone, and the failing one is set aside.
        """
        cards = {one.chat_id: self._cards[one.chat_id] for one in group if one.chat_id in self._cards}
        try:
            outgoing = await self.commit(lambda session: self._turns(session, group, cards))
        except Exception as error:  # noqa: BLE001  whatever it is, it must stop neither the chat nor the bot
            if len(group) == 1:
                return [await self._set_aside(group[0], error)]
            return [outgoing for one in group for outgoing in await self._work([one])]
        for chat_id in cards:
            del self._cards[chat_id]
        self.figures.worked += len(group)
        return outgoing

    async def _turns(self, session: AsyncSession, group: list[Incoming], cards: dict[int, Shown]) -> list[Outgoing]:
        return await turns.work(session, bot=self.bot, place=self.place, group=group, shown=cards, now=self.clock())

    async def _write_shown(self) -> None:
        """
        Write down what has been shown since the last time. Until then a restart would only show it once more.
        """
        update_ids, cards = list(self._shown), dict(self._cards)

        async def write(session: AsyncSession) -> None:
            await inbox.mark_shown(session, update_ids=update_ids)
            await chats.place_cards(
                session, places=[chats.Place(chat_id, card.message_id, card.since) for chat_id, card in cards.items()]
            )

        await self.commit(write)
        del self._shown[: len(update_ids)]
        self._cards = {chat_id: card for chat_id, card in self._cards.items() if cards.get(chat_id) is not card}

    async def commit(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """
        Do something in a transaction, again and again while the database is away. What has arrived since the last one
        goes into the inbox with it: one commit then serves both, and nothing is confirmed to Telegram before.
        """
        pause = 0.1
        while True:
            arrived = list(self._arrived)
            try:
                async with self.database.transaction() as session:
                    audit.use_key(session, self.audit_key)
                    if arrived:
                        await inbox.receive(session, updates=[row for rows, _ in arrived for row in rows])
                    result = await work(session)
            except Exception as error:
                if not is_passing(error):
                    raise
                log.warning("the database is not reached: %s", type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                # Not the first so many: another commit may have taken some of the same.
                self._arrived = [one for one in self._arrived if not any(one is taken for taken in arrived)]
                for _, stored in arrived:
                    if not stored.done():
                        stored.set_result(None)
                if notices.were_written(session):
                    self.on_notices()
                return result

    async def _set_aside(self, incoming: Incoming, error: Exception) -> Outgoing:
        """
        Keep a failing update out of the way, tell the log where it failed and the chat how to ask about it.
        """
        reference = secrets.token_hex(4)
        self.figures.set_aside += 1
        log.error("update %s set aside, reference %s: %s", incoming.update_id, reference, place_of(error))

        async def put_aside(session: AsyncSession) -> dict[int, Member]:
            await inbox.set_aside(session, update_id=incoming.update_id, reference=reference)
            return await access.members(session, telegram_ids=[incoming.chat_id])

        members = await self.commit(put_aside)
        if incoming.chat_id not in members:
            return Outgoing(incoming, None)
        return Outgoing(incoming, turns.apology(members[incoming.chat_id], incoming, reference))

    def _speak(self, outgoing: list[Outgoing]) -> None:
        task = asyncio.create_task(self._say(outgoing))
        self._speaking.add(task)
        task.add_done_callback(self._speaking.discard)

    async def _say(self, outgoing: list[Outgoing]) -> None:
        chat_id = outgoing[0].incoming.chat_id
        try:
            for one in outgoing:
                if one.saying is not None and (card := await self.speaker.say(one.saying)) is not None:
                    since = card.at if one.saying.asks_anew else None
                    self._cards[chat_id] = Shown(card.message_id, since)
                self._shown.append(one.incoming.update_id)
                self.figures.shown((self.clock() - one.incoming.received_at).total_seconds())
        except Exception as error:  # noqa: BLE001  as above
            # Still done but not shown: the next start shows the chat its state. A traceback may hold values.
            log.error("chat not shown its reply: %s", place_of(error))  # noqa: TRY400
        finally:
            self._free({chat_id})
            self._changed.set()

    def _free(self, chat_ids: set[int]) -> None:
        """
        These chats may have their next turns.
        """
        self._busy -= chat_ids
        self._freed.set()
        self._freed.clear()

    async def replace_card(self, chat_id: int, card: Card) -> None:
        """
        Show something in the place of a chat's card, between two of its turns.
        """
        while chat_id in self._busy:
            await self._freed.wait()
        self._busy.add(chat_id)
        try:
            known = self._cards.get(chat_id)
            place = known.message_id if known else await self.commit(lambda session: chats.card_of(session, chat_id))
            shown = await self.speaker.say(Saying(chat_id, card, replace=place))
            if shown is not None:
                self._cards[chat_id] = Shown(shown.message_id, None)
        finally:
            self._free({chat_id})
            self._changed.set()

    async def close(self) -> None:
        """
        Let what is being said be said, for a moment, and write down what was shown.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS):
                await asyncio.gather(*self._speaking)
                await self._write_shown()


def place_of(error: Exception) -> str:
    """
    What failed and where, without the message: that may hold what a person typed.
    """
    trace, lines = error.__traceback__, []
    while trace is not None:
        lines.append(f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}")
        trace = trace.tb_next
    return f"{type(error).__name__} at {' > '.join(lines[-6:])}"
