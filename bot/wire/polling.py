"""
Updates fetched from Telegram by long polling. A batch is confirmed by the next call, so only once it is in the inbox.
"""

import asyncio
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

_NEWCOMER = 10.0
_HOPELESS = 60.0
_LOOK = 1.0


class StoppedError(Exception):
    """
    Nothing can be received any more. `str()` says why and what to do.
    """


async def poll(bot: TelegramBot, intake: Intake) -> None:
    """
    Fetch until cancelled. Of several replicas one does, and the others stand by. Raises StoppedError where Telegram
    refuses for good.
    """
    while True:
        if await intake.take_polling():
            await _fetch(bot, intake)
        await asyncio.sleep(intake.patience / 3)


async def _fetch(bot: TelegramBot, intake: Intake) -> None:
    """
    Fetch while this replica is the one that does.
    """
    offset: int | None = None
    is_asking = False
    back_off = BackOff()
    began = served = monotonic()
    while intake.is_polling:
        try:
            if not is_asking:
                is_asking = await bot.delete_webhook()
            fetched = await bot.fetch(offset)
            updates = _sound(fetched)
            if updates:
                offset = await _take_in(bot, intake, offset, updates)
            back_off.reset()
            served = monotonic()
        except RetryAfter as error:
            await asyncio.sleep(seconds(error))
        except InvalidToken:
            raise StoppedError("Telegram refuses BOT_TOKEN: check it with BotFather") from None
        except Conflict:
            # Telegram ends the poll that was there before. Whoever came last makes way, so the other may go on.
            if monotonic() - began < _NEWCOMER or monotonic() - served > _HOPELESS:
                raise StoppedError(
                    "another program polls with the same BOT_TOKEN: stop that one, or give this one a bot of its own"
                ) from None
            log.warning("another program polls with the same BOT_TOKEN")
            await back_off.pause()
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
