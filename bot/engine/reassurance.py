"""
What people are told while nothing can be stored: silence would make them send it again.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from telegram import Bot
from telegram.error import NetworkError, TelegramError

from bot import logs
from bot.engine.unit_of_work import UnitOfWork
from bot.texts import words
from bot.wire.backoff import BackOff
from bot.wire.updates import Sender, query_id, sender
from db.delivery.pace import BETWEEN_MESSAGES

log = logs.named(__name__)

_PATIENCE = 2.5
_TRIES = 5


class Reassurance:
    """
    Tells a chat, once, that what was sent there is not stored yet and need not be sent again, and ends the spinner of a
    press. When all is stored that message goes; only a process that ends meanwhile leaves it.

    It goes to Telegram straight: the pace that replicas keep together is kept in the database. Whether somebody is a
    member is not known either; what is told is nobody's secret.
    """

    def __init__(self, bot: Bot, unit: UnitOfWork) -> None:
        self._bot = bot
        self._unit = unit
        self._told: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def expect(self, updates: Sequence[dict[str, Any]], stored: asyncio.Future[None]) -> asyncio.TimerHandle:
        """
        Tell those who sent these, unless they are stored within some seconds, or the handle is cancelled.
        """
        return asyncio.get_running_loop().call_later(_PATIENCE, self._begin, updates, stored)

    async def over(self) -> None:
        """
        Wait until whatever was told is taken away.
        """
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def stop(self) -> None:
        """
        Tell nobody any more.
        """
        for task in self._tasks:
            task.cancel()

    def _begin(self, updates: Sequence[dict[str, Any]], stored: asyncio.Future[None]) -> None:
        if stored.done():
            return
        log.warning("updates are not stored yet", number=len(updates), cause=self._unit.why_it_waits)
        task = asyncio.create_task(self._reassure(updates, stored))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _reassure(self, updates: Sequence[dict[str, Any]], stored: asyncio.Future[None]) -> None:
        told: dict[int, int] = {}
        for update in updates:
            if stored.done():
                break
            who = sender(update)
            if who is not None:
                with suppress(TelegramError):
                    await self._tell(who, query_id(update), told)
        await asyncio.wait([stored])
        for chat_id, message_id in told.items():
            await self._take_away(chat_id, message_id)
            self._told.discard(chat_id)

    async def _tell(self, who: Sender, query: str | None, told: dict[int, int]) -> None:
        text = words(who.language)("not_stored_yet").unescape()
        if query is not None:
            await self._bot.answer_callback_query(query, text=text)
        if who.chat_id not in self._told:
            self._told.add(who.chat_id)
            try:
                told[who.chat_id] = (await self._bot.send_message(who.chat_id, text)).message_id
            except TelegramError:
                self._told.discard(who.chat_id)
                raise
            await asyncio.sleep(BETWEEN_MESSAGES)

    async def _take_away(self, chat_id: int, message_id: int) -> None:
        back_off = BackOff()
        for _ in range(_TRIES):
            try:
                await self._bot.delete_message(chat_id, message_id)
            except NetworkError:
                await back_off.pause()
            except TelegramError as error:
                log.debug("a message was not removed", error=error)
                return
            else:
                return
