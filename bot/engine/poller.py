"""
Updates fetched from Telegram by long polling. A batch is confirmed by the next call, so only once it is in the inbox.
"""

import asyncio
from time import monotonic

from sqlalchemy.exc import SQLAlchemyError
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter

from bot import logs
from bot.engine.received import id_in
from bot.engine.replica import POLLING
from bot.engine.worker import Worker
from bot.wire.client import TelegramBot
from bot.wire.speaker import seconds

log = logs.named(__name__)

_LONGEST_PAUSE = 30.0
_NEWCOMER = 10.0
_HOPELESS = 60.0


class StoppedError(Exception):
    """
    Polling cannot go on. `str()` says why and what to do.
    """


async def poll(bot: TelegramBot, worker: Worker) -> None:
    """
    Fetch until cancelled. Of several replicas one does, and the others stand by. Raises StoppedError where Telegram
    refuses for good.
    """
    while True:
        if await worker.commit(lambda session: worker.replica.take(session, [POLLING])):
            await _fetch(bot, worker)
        await asyncio.sleep(worker.patience / 3)


async def _fetch(bot: TelegramBot, worker: Worker) -> None:
    """
    Fetch while this replica is the one that does.
    """
    offset: int | None = None
    is_asking = False
    pause = 0.5
    began = served = monotonic()
    while worker.replica.holds(POLLING):
        try:
            if not is_asking:
                is_asking = await bot.delete_webhook()
            fetched = await bot.fetch(offset)
            updates = [update for update in fetched if id_in(update, "update_id") is not None]
            if updates:
                await worker.receive(updates)
                offset = max(update["update_id"] for update in updates) + 1
            pause = 0.5
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
            await asyncio.sleep(pause)
        except (NetworkError, SQLAlchemyError, OSError) as error:
            log.warning("no updates for now", error=error)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
