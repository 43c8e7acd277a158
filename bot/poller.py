"""
Updates fetched from Telegram by long polling. A batch is confirmed by the next call, so only once it is in the inbox.
"""

import asyncio
import logging

from sqlalchemy.exc import SQLAlchemyError
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter

from bot.incoming import id_in
from bot.speaker import seconds
from bot.telegram_bot import TelegramBot
from bot.worker import Worker

log = logging.getLogger(__name__)

_LONGEST_PAUSE = 30.0


class StoppedError(Exception):
    """
    Polling cannot go on. `str()` says why and what to do.
    """


async def poll(bot: TelegramBot, worker: Worker) -> None:
    """
    Fetch until cancelled, once there is no webhook any more. Raises StoppedError where Telegram refuses for good.
    """
    offset: int | None = None
    has_webhook = True
    pause = 0.5
    while True:
        try:
            if has_webhook:
                await bot.delete_webhook()
                has_webhook = False
            fetched = await bot.fetch(offset)
            updates = [update for update in fetched if id_in(update, "update_id") is not None]
            if updates:
                await worker.receive(updates)
                offset = max(update["update_id"] for update in updates) + 1
            pause = 0.5
        except RetryAfter as error:
            await asyncio.sleep(seconds(error))
        except InvalidToken:
            raise StoppedError("Telegram refuses BOT_TOKEN: check it with BotFather") from None
        except Conflict:
            raise StoppedError(
                "another program polls with the same BOT_TOKEN: stop that one, or give this one a bot of its own"
            ) from None
        except (NetworkError, SQLAlchemyError, OSError) as error:
            log.warning("no updates for now: %s", type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
