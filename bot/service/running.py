"""
`make run`: the bot on Telegram.
"""

import asyncio
import gc
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from functools import partial

from telegram.error import InvalidToken, TelegramError

from bot.application import Application, StoppedError, Watched, running
from bot.settings import Settings
from bot.wire.client import TelegramBot
from bot.wire.http import HttpRequest
from bot.wire.polling import TRIAL, poll
from bot.wire.updates import Intake


async def run(settings: Settings) -> None:
    """
    Run until a signal ends it. Raises StoppedError where Telegram refuses.
    """
    token = settings.bot_token.get_secret_value() if settings.bot_token else ""
    url = str(settings.bot_api_url).rstrip("/")
    try:
        async with AsyncExitStack() as stack:
            watch = await _watch(stack, settings)
            bot = await stack.enter_async_context(
                running(
                    settings,
                    token=token,
                    api_url=url,
                    request=HttpRequest(),
                    polling=HttpRequest(),
                    serve=_serve(settings),
                    is_paced=True,
                    on_wait=watch.wait,
                )
            )
            watch.application = bot
            # What was loaded stays for good: the collector need not look through it again and again.
            gc.collect()
            gc.freeze()
            _greet(bot)
            await _until_stopped(bot)
    except InvalidToken:
        raise StoppedError("Telegram refuses BOT_TOKEN: check it with BotFather") from None
    except TelegramError as error:
        raise StoppedError(f"Telegram is not reached at BOT_API_URL: {type(error).__name__}") from None


def _serve(settings: Settings) -> Callable[[TelegramBot, Intake], Coroutine[None, None, None]]:
    """
    How updates come in.
    """
    if settings.bot_mode == "polling" or settings.webhook_url is None or settings.webhook_secret is None:
        return partial(poll, trial=TRIAL)
    from bot.service import webhook  # noqa: PLC0415  polling starts faster without a server

    return partial(
        webhook.serve,
        url=f"{str(settings.webhook_url).rstrip('/')}{webhook.PATH}",
        secret=settings.webhook_secret.get_secret_value(),
        host=settings.webhook_host,
        port=settings.webhook_port,
    )


async def _watch(stack: AsyncExitStack, settings: Settings) -> Watched:
    """
    What is told on the port to watch the bot, if there is one.
    """
    state = Watched()
    if settings.watch_port is not None:
        from bot.service.watch import watched  # noqa: PLC0415  polling starts faster without a server

        await stack.enter_async_context(watched(state, host=settings.watch_host, port=settings.watch_port))
    return state


def _greet(application: Application) -> None:
    print(f"@{application.bot.username} is ready.", flush=True)
    if application.setup_code:
        print(
            "Nobody has a place here yet. Whoever first sends this becomes administrator and coordinator of site 01:\n"
            f"/start {application.setup_code}",
            flush=True,
        )


async def _until_stopped(application: Application) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows has none of these
            loop.add_signal_handler(number, stop.set)
    stopped = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait([stopped, *application.tasks], return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    for task in done:
        task.result()
    print("Stopped.", file=sys.stderr)
