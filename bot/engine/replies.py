"""
Replies, said: what turns have committed is shown, the chats side by side.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace
from structlog.contextvars import bind_contextvars
from telegram.error import BadRequest

from bot import logs
from bot.engine.hand_overs import HandOvers
from bot.engine.metrics import Metrics
from bot.engine.turns import Outgoing, apology, new_reference
from bot.engine.unit_of_work import UnitOfWork
from bot.render import render
from bot.screens.notices import Apology
from bot.texts import words
from bot.turn import Wanted
from bot.wire.speaker import Saying, Shown, Speaker
from db.delivery.chats import CardPosition

log = logs.named(__name__)


@dataclass
class Replies:
    """
    Says what follows from updates; the next commit of `unit` writes down what has been shown. `on_end` is called when a
    chat is talked with no more. The updates in `unsaid` have replies that could not be said: the next start, or another
    replica, shows their chats the state.
    """

    speaker: Speaker
    unit: UnitOfWork
    metrics: Metrics
    hand_overs: HandOvers
    clock: Callable[[], datetime]
    on_end: Callable[[int], None]

    def __post_init__(self) -> None:
        self.unsaid: set[int] = set()
        self._under_way: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def known(self) -> set[int]:
        """
        The updates whose replies are being said, or have been, or cannot be.
        """
        return self._under_way.union(self.unsaid, self.unit.spoken.update_ids)

    def begin(self, outgoing: list[Outgoing]) -> None:
        """
        Say these in their chat, one after the other.
        """
        self._under_way.update(one.update.update_id for one in outgoing)
        task = asyncio.create_task(self._say(outgoing))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _say(self, outgoing: list[Outgoing]) -> None:
        chat_id = outgoing[0].update.chat_id
        left = [one.update.update_id for one in outgoing]
        try:
            for one in outgoing:
                bind_contextvars(update=one.update.update_id)
                if one.saying is not None and (card := await self._show(one, one.saying)) is not None:
                    is_new = one.saying.asks_anew or card.message_id != one.saying.replace
                    date = card.date if is_new else None
                    self.unit.spoken.cards[chat_id] = CardPosition(chat_id, card.message_id, date)
                self.unit.spoken.update_ids.append(left.pop(0))
                self.metrics.seconds.observe((self.clock() - one.update.received_at).total_seconds())
        except Exception as error:  # noqa: BLE001  whatever it is, it must stop neither the chat nor the bot
            self.give_up(left, error)
        finally:
            self._under_way.difference_update(one.update.update_id for one in outgoing)
            self.on_end(chat_id)

    async def _show(self, one: Outgoing, saying: Saying) -> Shown | None:
        """
        Say it; where Telegram never takes it, apologise in its place.
        """
        try:
            if one.wanted is not None:
                saying = await self._hand_over(one.wanted, one.language, saying)
            return await self.speaker.say(saying)
        except BadRequest as error:
            reference = new_reference()
            self.metrics.refused.inc()
            log.error("Telegram refuses a card", reference=reference, error=error)  # noqa: TRY400  no values
            return await self.speaker.say(apology(saying.chat_id, one.language, reference, replace=saying.replace))

    async def _hand_over(self, wanted: Wanted, language: str, saying: Saying) -> Saying:
        """
        Send the document, above the card; what is then left to say. A press is answered before, the document may take
        its time.
        """
        if saying.query_id is not None:
            await self.speaker.say(Saying(saying.chat_id, None, query_id=saying.query_id, toast=saying.toast))
        try:
            cards = await self.hand_overs.make(wanted, chat_id=saying.chat_id, language=language)
        except Exception as error:  # noqa: BLE001  as above
            reference = new_reference()
            log.error("a document was not made", kind=wanted.kind, reference=reference, error=error)  # noqa: TRY400  as above
            cards = [render(Apology(reference), words(language))]
        for card in cards:
            await self.speaker.say(Saying(saying.chat_id, None, also=card))
        return replace(saying, query_id=None, toast=None)

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
