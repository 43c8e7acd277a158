"""
Updates fetched from Telegram by long polling. A batch is confirmed by the next call, so only once it is in the inbox.
"""

import asyncio
from time import monotonic

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
            updates = [update for update in fetched if id_in(update, "update_id") is not None]
            if updates:
                await intake.receive(updates)
                offset = max(update["update_id"] for update in updates) + 1
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
