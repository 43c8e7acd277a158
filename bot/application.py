"""
The one place that wires the parts together.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from telegram import BotCommand
from telegram.error import TelegramError
from telegram.request import BaseRequest

from bot import keys, logs
from bot.engine import anchoring
from bot.engine.notifier import Notifier
from bot.engine.poller import StoppedError, poll
from bot.engine.worker import Worker
from bot.handlers import COMMANDS
from bot.settings import Settings
from bot.texts import LANGUAGES, words
from bot.turn import Place
from bot.wire.client import TelegramBot
from bot.wire.pace import Pace
from bot.wire.speaker import Speaker
from db.base.engine import Database
from db.base.migrate import upgrade
from db.cases import projections
from db.follow_up import planned, sweep
from db.people import invitations, wrong_codes
from db.trail import keyring

_REFRESH_SECONDS = 600
_SWEEP_SECONDS = 60
_ANCHOR_SECONDS = 3600

log = logs.named(__name__)

MENU = (
    "new",
    "cases",
    "resume",
    "status",
    "dashboard",
    "find",
    "why",
    "whatif",
    "history",
    "report",
    "pair",
    "link",
    "unlink",
    "decide",
    "sign",
    "infused",
    "visits",
    "agenda",
    "reminders",
    "team",
    "invite",
    "authenticator",
    "language",
    "help",
    "cancel",
)


@dataclass(frozen=True)
class Application:
    """
    A running bot, with the setup code while nobody has a place here yet.
    """

    database: Database
    worker: Worker
    notifier: Notifier
    bot: TelegramBot
    setup_code: str | None
    tasks: tuple[asyncio.Task[None], ...]

    async def quiet(self) -> None:
        """
        Wait until everything received is worked and shown, and everyone told who was to be.
        """
        await self.worker.quiet()
        await self.notifier.quiet()


@asynccontextmanager
async def running(
    settings: Settings,
    *,
    token: str,
    api_url: str,
    request: BaseRequest,
    polling: BaseRequest,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    serve: Callable[[TelegramBot, Worker], Coroutine[None, None, None]] = poll,
    is_paced: bool = False,
) -> AsyncIterator[Application]:
    """
    Start everything, and stop it in order. Whatever stops the bot by itself is raised where it is used. `serve` brings
    the updates. A bot that `is_paced` speaks no faster than Telegram allows.

    Raises bot.keys.KeyFileError, db.base.migrate.NewerDatabaseError, StoppedError or telegram.error.InvalidToken.
    """
    database = keys.database_of(settings)
    bot = TelegramBot(token, base_url=f"{api_url}/bot", request=request, get_updates_request=polling)
    try:
        key, code = await prepare(database, settings, clock())
        async with bot:
            speaker = Speaker(bot, clock, Pace(database) if is_paced else None)
            commands = {name: COMMANDS[name].roles for name in MENU}
            place = Place(bot.username, settings.study, settings.timing, commands)
            worker = Worker(database, key, bot, speaker, place, clock=clock, patience=settings.takeover_seconds)
            notifier = Notifier(worker, speaker, clock)
            worker.on_notices = notifier.wake
            await worker.begin()
            anchored = partial(anchoring.try_now, database, settings.audit_anchor_file, key, clock)
            parts = (worker.run(), worker.beat(), notifier.run(), _serve(bot, worker, serve))
            tasks = tuple(map(asyncio.create_task, (*parts, _refresh(worker), _remind(worker), _anchor(anchored))))
            try:
                yield Application(database, worker, notifier, bot, code, tasks)
            finally:
                try:
                    await _stop(tasks)
                finally:
                    await worker.close()
                    await anchored()
    finally:
        await database.close()


async def prepare(database: Database, settings: Settings, now: datetime) -> tuple[bytes, str | None]:
    """
    Migrate, find or make the audit key, bring what time alone has changed up to date, and give out a setup code while
    nobody has a place here yet.
    """
    await upgrade(database)
    async with database.transaction() as session:
        key = await keys.use_audit_key(session, settings.audit_key_file)
        await keyring.use(session, now=now)
        await projections.refresh_due(session, now=now)
        await planned.refresh_margins(session, margin=settings.follow_up_window_days, now=now)
        code = await invitations.setup_code(
            session, site_name=settings.site_name, time_zone=settings.site_time_zone, now=now
        )
    return key, code


async def _serve(
    bot: TelegramBot, worker: Worker, serve: Callable[[TelegramBot, Worker], Coroutine[None, None, None]]
) -> None:
    menu = asyncio.create_task(_set_menu(bot))
    try:
        await serve(bot, worker)
    finally:
        menu.cancel()


async def _refresh(worker: Worker) -> None:
    """
    Bring what time alone has changed up to date: a new day begins while the bot runs.
    """
    while True:
        await asyncio.sleep(_REFRESH_SECONDS)
        await worker.commit(lambda session: projections.refresh_due(session, now=worker.clock()))
        await worker.commit(lambda session: wrong_codes.forget(session, now=worker.clock()))
        await worker.forget()


async def _remind(worker: Worker) -> None:
    """
    See again and again whether somebody is to be reminded of something. Whatever goes wrong with that must not stop
    the bot.
    """
    while True:
        try:
            await remind(worker)
        except Exception as error:  # noqa: BLE001  as above
            log.error("nobody can be reminded", error=error)  # noqa: TRY400  no values
        await asyncio.sleep(_SWEEP_SECONDS)


async def remind(worker: Worker) -> None:
    """
    Raise and tell all that is due now, some of it a transaction, so that nobody has to wait for it.
    """
    has_more, timing = True, worker.place.timing
    while has_more:
        has_more = await worker.commit(lambda session: sweep.sweep(session, now=worker.clock(), timing=timing))


async def _anchor(anchored: Callable[[], Awaitable[None]]) -> None:
    """
    Write the head of the audit trail down outside the database, from the start on.
    """
    while True:
        await anchored()
        await asyncio.sleep(_ANCHOR_SECONDS)


async def _set_menu(bot: TelegramBot) -> None:
    """
    Offer the commands in each language, and in English to everyone else. The bot works without.
    """
    try:
        for language in (None, *LANGUAGES):
            text = words(language or "en")
            commands = [BotCommand(name, text(f"menu.{name}").unescape()) for name in MENU]
            await bot.set_my_commands(commands, language_code=language)
    except TelegramError as error:
        log.warning("the command menu was not set", error=error)


async def _stop(tasks: tuple[asyncio.Task[None], ...]) -> None:
    """
    End these; what one of them has failed of is raised when all have ended.
    """
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    for task in tasks:
        if not task.cancelled():
            task.result()


__all__ = ["Application", "StoppedError", "prepare", "remind", "running"]
