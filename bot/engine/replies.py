"""
Replies, said: what turns have committed is shown, the chats side by side. What has been shown is kept here until the
next commit writes it down.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession
from structlog.contextvars import bind_contextvars

from bot import logs
from bot.engine import replica
from bot.engine.counters import Figures
from bot.engine.replica import Replica
from bot.engine.turns import Outgoing
from bot.wire.speaker import Speaker
from db.delivery import chats, inbox

log = logs.named(__name__)


@dataclass
class Spoken:
    """
    What has been shown and is not written down yet: updates, and where cards are. The chats in `over` can be given back
    with that.
    """

    update_ids: list[int] = field(default_factory=list)
    cards: dict[int, chats.Place] = field(default_factory=dict)
    over: set[int] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.update_ids or self.cards or self.over)

    def add(self, other: "Spoken") -> None:
        """
        What came later.
        """
        self.update_ids += other.update_ids
        self.cards |= other.cards
        self.over |= other.over

    async def write_down(self, session: AsyncSession, *, by: Replica) -> None:
        """
        Write all of it down. Whoever was silent for too long has lost a chat to another replica, which shows it what
        there is to show.
        """
        # Until this is written down a restart, or another replica, would only show it once more.
        if self.update_ids:
            await inbox.mark_shown(session, update_ids=self.update_ids)
        ours = await by.keeps(session, {replica.chat(chat_id) for chat_id in {*self.over, *self.cards}})
        places = [place for chat_id, place in self.cards.items() if replica.chat(chat_id) in ours]
        await chats.place_cards(session, places=places)
        await by.give_back(session, {replica.chat(chat_id) for chat_id in self.over})


@dataclass
class Replies:
    """
    Says what follows from updates. `on_end` is called when a chat is talked with no more. The updates in `unsaid` have
    replies that could not be said: the next start, or another replica, shows their chats the state.
    """

    speaker: Speaker
    figures: Figures
    clock: Callable[[], datetime]
    on_end: Callable[[int], None]

    def __post_init__(self) -> None:
        self.spoken = Spoken()
        self.unsaid: set[int] = set()
        self._under_way: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def known(self) -> set[int]:
        """
        The updates whose replies are being said, or have been, or cannot be.
        """
        return self._under_way.union(self.unsaid, self.spoken.update_ids)

    def take_spoken(self) -> Spoken:
        """
        Hand over what is to be written down.
        """
        taken, self.spoken = self.spoken, Spoken()
        return taken

    def put_back(self, spoken: Spoken) -> None:
        """
        It could not be written down.
        """
        spoken.add(self.spoken)
        self.spoken = spoken

    def begin(self, outgoing: list[Outgoing]) -> None:
        """
        Say these in their chat, one after the other.
        """
        self._under_way.update(one.incoming.update_id for one in outgoing)
        task = asyncio.create_task(self._say(outgoing))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _say(self, outgoing: list[Outgoing]) -> None:
        chat_id = outgoing[0].incoming.chat_id
        left = [one.incoming.update_id for one in outgoing]
        try:
            for one in outgoing:
                bind_contextvars(update=one.incoming.update_id)
                if one.saying is not None and (card := await self.speaker.say(one.saying)) is not None:
                    since = card.at if one.saying.asks_anew else None
                    self.spoken.cards[chat_id] = chats.Place(chat_id, card.message_id, since)
                self.spoken.update_ids.append(left.pop(0))
                self.figures.shown((self.clock() - one.incoming.received_at).total_seconds())
        except Exception as error:  # noqa: BLE001  whatever it is, it must stop neither the chat nor the bot
            self.give_up(left, error)
        finally:
            self._under_way.difference_update(one.incoming.update_id for one in outgoing)
            self.on_end(chat_id)

    def give_up(self, update_ids: list[int], error: Exception) -> None:
        """
        The replies to these cannot be said.
        """
        self.unsaid.update(update_ids)
        log.error("chat not shown its reply", error=error)

    async def finish(self, seconds: float) -> None:
        """
        Let what is being said be said, for so long.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.gather(*self._tasks)
