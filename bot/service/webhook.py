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
from bot.engine.poller import StoppedError
from bot.engine.received import id_in
from bot.engine.worker import Worker
from bot.wire.client import KINDS, TelegramBot
from bot.wire.speaker import seconds

PATH = "/telegram"
_SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  the header's name
_MOST_BYTES = 2**20
_SIDE_BY_SIDE = 100
_LONGEST_PAUSE = 30.0

log = logs.named(__name__)


async def serve(bot: TelegramBot, worker: Worker, *, url: str, secret: str, host: str, port: int) -> None:
    """
    Take updates until cancelled: listen on this address, where a proxy with a certificate passes `url` on to, and tell
    Telegram of it.
    """
    runner = web.AppRunner(intake(worker, secret), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        await _announce(bot, url, secret)
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


async def _announce(bot: TelegramBot, url: str, secret: str) -> None:
    pause = 0.5
    while True:
        try:
            await bot.set_webhook(url, secret_token=secret, allowed_updates=KINDS, max_connections=_SIDE_BY_SIDE)
        except RetryAfter as error:
            await asyncio.sleep(seconds(error))
        except BadRequest as error:
            raise StoppedError(f"Telegram refuses WEBHOOK_URL: {error.message}") from None
        except NetworkError as error:
            log.warning("the webhook is not set for now", error=error)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        else:
            return


def intake(worker: Worker, secret: str) -> web.Application:
    """
    The application that takes updates, from whoever knows the secret.
    """

    async def take(request: web.Request) -> web.Response:
        if not hmac.compare_digest(request.headers.get(_SECRET, "").encode(), secret.encode()):
            return web.Response(status=403)  # before a byte of the body is looked at
        update = _update(await request.read())
        if update is None:
            log.warning("something was sent here that is no update")
            return web.Response(status=400)
        await worker.receive([update])
        return web.Response()

    application = web.Application(client_max_size=_MOST_BYTES)
    application.router.add_post(PATH, take)
    return application


def _update(body: bytes) -> dict[str, Any] | None:
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return update if isinstance(update, dict) and id_in(update, "update_id") is not None else None
