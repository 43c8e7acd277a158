"""
Updates fetched from Telegram by long polling. A batch is confirmed by the next call, so only once it is in the inbox.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from time import monotonic
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter

from bot import logs
from bot.wire.backoff import BackOff
from bot.wire.client import TelegramBot
from bot.wire.speaker import seconds
from bot.wire.updates import Intake, id_in

log = logs.named(__name__)

TRIAL = 3.0
"""Seconds in which another program that polls for the same bot is met."""

_AT_ONCE = 0.5
_HOPELESS = 60.0
_ANOTHER = "another program polls with the same BOT_TOKEN: stop that one, or give this one a bot of its own"
_LOOK = 1.0


class StoppedError(Exception):
    """
    Nothing can be received any more. `str()` says why and what to do.
    """


async def poll(bot: TelegramBot, intake: Intake, *, trial: float = 0.0) -> None:
    """
    Fetch until cancelled. Of several replicas one does, and the others stand by. For `trial` seconds nothing is taken
    in, so that a program that was there before notices, and this one makes way without having answered anybody. Raises
    StoppedError where Telegram refuses for good.
    """
    on_trial = _Trial(trial)
    while True:
        if await intake.take_polling():
            await _fetch(bot, intake, on_trial)
        await asyncio.sleep(intake.patience / 3)


class _Trial:
    """
    Whether this program may take updates in. Telegram ends the poll that was there before, and that one polls again at
    once: whoever came last meets the conflict within its trial, or sees that somebody else confirms updates. Whoever
    has stored what came just before goes on where it was, and needs no trial.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._began: float | None = None
        self._first: int | None = None

    @property
    def is_over(self) -> bool:
        """
        Whether nobody else has been met for long enough.
        """
        return self._began is not None and monotonic() - self._began >= self._seconds

    def begin(self) -> None:
        """
        The first poll begins.
        """
        self._began = self._began or monotonic()

    async def passes(self, intake: Intake, updates: Sequence[dict[str, Any]]) -> bool:
        """
        Look at what has been fetched and not confirmed. Raises StoppedError.
        """
        ids = {update["update_id"] for update in updates}
        if self._first is not None and self._first not in ids:
            raise StoppedError(_ANOTHER)
        self._first = min(ids, default=None)
        if self._first is not None and await intake.has_received(self._first - 1):
            self._seconds = 0.0
        return self.is_over


async def _fetch(bot: TelegramBot, intake: Intake, trial: _Trial) -> None:
    """
    Fetch while this replica is the one that does.
    """
    offset: int | None = None
    is_asking = False
    back_off = BackOff()
    contested: float | None = None
    while intake.is_polling:
        try:
            if not is_asking:
                is_asking = await bot.delete_webhook()
            trial.begin()
            updates = _sound(await bot.fetch(offset))
            if not (trial.is_over or await trial.passes(intake, updates)):
                await asyncio.sleep(_AT_ONCE)
                continue
            if updates:
                offset = await _take_in(bot, intake, offset, updates)
            back_off.reset()
            contested = None
        except RetryAfter as error:
            await asyncio.sleep(seconds(error))
        except InvalidToken:
            raise StoppedError("Telegram refuses BOT_TOKEN: check it with BotFather") from None
        except Conflict:
            contested = contested or monotonic()
            if not trial.is_over or monotonic() - contested > _HOPELESS:
                raise StoppedError(_ANOTHER) from None
            log.warning("another program polls with the same BOT_TOKEN")
            await asyncio.sleep(_AT_ONCE)
        except (NetworkError, SQLAlchemyError, OSError) as error:
            log.warning("no updates for now", error=error)
            await back_off.pause()


def _sound(fetched: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [update for update in fetched if id_in(update, "update_id") is not None]


async def _take_in(bot: TelegramBot, intake: Intake, offset: int | None, updates: list[dict[str, Any]]) -> int:
    """
    Have updates stored; what to ask for next. While that takes long look for what comes meanwhile, without confirming
    anything: who sent that is to be told as well.
    """
    known: set[int] = set()
    storing: set[asyncio.Task[None]] = set()
    try:
        while True:
            new = [update for update in updates if update["update_id"] not in known]
            known.update(update["update_id"] for update in new)
            if new:
                storing.add(asyncio.create_task(intake.receive(new)))
            done, storing = await asyncio.wait(storing, timeout=_LOOK)
            for task in done:
                task.result()
            if not storing:
                return max(known) + 1
            with suppress(NetworkError, RetryAfter, Conflict):  # met again as soon as this is over
                updates = _sound(await bot.fetch(offset))
    finally:
        for task in storing:
            task.cancel()
