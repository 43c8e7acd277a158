"""
The one place that wires the parts together.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from telegram.request import BaseRequest

from bot import keys, logs
from bot.engine import anchoring, chores
from bot.engine.chores import remind
from bot.engine.notifier import Notifier
from bot.engine.unit_of_work import UnitOfWork
from bot.engine.worker import Worker
from bot.handlers.routes import menu
from bot.rules.frozen import Frozen
from bot.settings import Settings
from bot.turn import Deployment
from bot.wire.backoff import BackOff
from bot.wire.client import TelegramBot
from bot.wire.menu import offer
from bot.wire.polling import StoppedError, poll
from bot.wire.speaker import Speaker
from bot.wire.throttle import Throttle
from bot.wire.updates import Intake
from db.base.engine import Database, cause, is_passing
from db.base.migrate import upgrade
from db.cases import projections
from db.delivery import notices
from db.follow_up import planned
from db.people import joining
from db.trail import keyring

log = logs.named(__name__)


class Application(Frozen):
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


@dataclass
class Watched:
    """
    The bot that is watched, once it runs; until then what it waits for.
    """

    application: Application | None = None
    waits_for: str = "starting"

    def wait(self, why: str) -> None:
        """
        It waits for something.
        """
        self.waits_for = why


@asynccontextmanager
async def running(
    settings: Settings,
    *,
    token: str,
    api_url: str,
    request: BaseRequest,
    polling: BaseRequest,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    serve: Callable[[TelegramBot, Intake], Coroutine[None, None, None]] = poll,
    is_paced: bool = False,
    on_wait: Callable[[str], None] = lambda _: None,
) -> AsyncIterator[Application]:
    """
    Start everything, and stop it in order. Whatever stops the bot by itself is raised where it is used. `serve` brings
    the updates. A bot that `is_paced` speaks no faster than Telegram allows. `on_wait` is told why, while a server that
    holds the database is waited for.

    Raises bot.keys.KeyFileError, db.base.migrate.NewerDatabaseError, StoppedError or telegram.error.InvalidToken.
    """
    # Locks of a replica that hangs are given up well before it is taken for dead.
    database = keys.database_of(settings, patience=settings.takeover_seconds / 3)
    bot = TelegramBot(token, base_url=f"{api_url}/bot", request=request, get_updates_request=polling)
    try:
        key, code = await _prepare(database, settings, clock, on_wait)
        async with bot:
            unit = UnitOfWork(database, key, settings.takeover_seconds)
            speaker = Speaker(bot, Throttle(unit.commit) if is_paced else None)
            deployment = Deployment(bot.username, settings.study, settings.timing, menu(), settings.audit_anchor_file)
            worker = Worker(unit, bot, speaker, deployment, clock)
            notifier = Notifier(unit, worker.between_turns, speaker, settings.timing, clock)
            unit.on_notices = notifier.wake
            await worker.begin()
            anchored = partial(anchoring.try_now, database, settings.audit_anchor_file, key, clock)
            parts = (
                worker.run(),
                worker.beat(),
                notifier.run(),
                _serve(bot, worker, serve),
                chores.refresh(worker),
                chores.keep_reminding(worker),
                chores.anchor(anchored),
            )
            tasks = tuple(map(asyncio.create_task, parts))
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


async def _prepare(
    database: Database, settings: Settings, clock: Callable[[], datetime], on_wait: Callable[[str], None]
) -> tuple[bytes, str | None]:
    """
    The same as `prepare`, and waits for a server that is away. What is wrong with a file does not pass by itself.
    """
    back_off = BackOff()
    while True:
        try:
            return await prepare(database, settings, clock())
        except Exception as error:
            if database.is_sqlite or not is_passing(error):
                raise
            on_wait(cause(error))
            log.warning("waiting for the database", cause=cause(error), error=error)
            await back_off.pause()


async def prepare(database: Database, settings: Settings, now: datetime) -> tuple[bytes, str | None]:
    """
    Migrate, find or make the audit key, bring what time alone has changed up to date, and give out a setup code while
    nobody has a place here yet.
    """
    await upgrade(database)
    async with database.transaction() as session:
        key = await keys.use_audit_key(session, settings.audit_key_file)
        await keyring.use(session, now=now)
        await notices.try_again(session)
        await projections.refresh_due(session, now=now)
        await planned.refresh_margins(session, margin=settings.follow_up_window_days, now=now)
        code = await joining.setup_code(
            session, site_name=settings.site_name, time_zone=settings.site_time_zone, now=now
        )
    return key, code


async def _serve(
    bot: TelegramBot, intake: Intake, serve: Callable[[TelegramBot, Intake], Coroutine[None, None, None]]
) -> None:
    offered = asyncio.create_task(offer(bot, list(menu())))
    try:
        await serve(bot, intake)
    finally:
        offered.cancel()


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


__all__ = ["Application", "StoppedError", "Watched", "prepare", "remind", "running"]
