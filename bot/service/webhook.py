"""
Updates pushed by Telegram to an address of one's own. Each is answered 200 only once it is in the inbox; whatever else
is answered, Telegram sends it again.
"""

import asyncio
import hmac
import json
from typing import Any

from aiohttp import web
from telegram.error import BadRequest, NetworkError, RetryAfter

from bot import logs
from bot.service.door import DOOR, listening
from bot.wire.backoff import BackOff
from bot.wire.client import KINDS, TelegramBot
from bot.wire.polling import StoppedError
from bot.wire.speaker import seconds
from bot.wire.updates import Intake, id_in

PATH = "/telegram"
_SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  the header's name
_MOST_BYTES = 2**20
_SIDE_BY_SIDE = 100

log = logs.named(__name__)


async def serve(bot: TelegramBot, intake: Intake, *, url: str, secret: str, host: str, port: int) -> None:
    """
    Take updates until cancelled: listen on this address, where a proxy with a certificate passes `url` on to, and tell
    Telegram of it.
    """
    async with listening(application(intake, secret), host, port):
        await _announce(bot, url, secret)
        await asyncio.Event().wait()


async def _announce(bot: TelegramBot, url: str, secret: str) -> None:
    back_off = BackOff()
    while True:
        try:
            await bot.set_webhook(url, secret_token=secret, allowed_updates=KINDS, max_connections=_SIDE_BY_SIDE)
        except RetryAfter as error:
            await asyncio.sleep(seconds(error))
        except BadRequest as error:
            raise StoppedError(f"Telegram refuses WEBHOOK_URL: {error.message}") from None
        except NetworkError as error:
            log.warning("the webhook is not set for now", error=error)
            await back_off.pause()
        else:
            return


def application(intake: Intake, secret: str) -> web.Application:
    """
    The application that takes updates, from whoever knows the secret.
    """

    async def take(request: web.Request) -> web.Response:
        # As aiohttp reads bytes that are no text.
        given = request.headers.get(_SECRET, "").encode(errors="surrogateescape")
        if not hmac.compare_digest(given, secret.encode()):
            return web.Response(status=403)  # before a byte of the body is looked at
        update = _update(await request.read())
        request.app[DOOR].completed(request)
        if update is None:
            log.warning("something was sent here that is no update")
            return web.Response(status=400)
        await intake.receive([update])
        return web.Response()

    site = web.Application(client_max_size=_MOST_BYTES)
    site.router.add_post(PATH, take)
    return site


def _update(body: bytes) -> dict[str, Any] | None:
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return update if isinstance(update, dict) and id_in(update, "update_id") is not None else None
