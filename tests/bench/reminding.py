"""
What a look for reminders costs where 1,000 cases are open, and where 100,000 are, when the same cases are due.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text
from sqlmodel import delete, func, insert, select, update

from bot.application import remind
from bot.emulator.api import LocalBotApi
from bot.emulator.request import LocalRequest
from bot.engine.unit_of_work import UnitOfWork
from bot.engine.worker import Worker
from bot.settings import Settings
from bot.turn import Deployment
from bot.wire.client import TelegramBot
from bot.wire.speaker import Speaker
from db.base.engine import Database
from db.base.tables import Case, Notice, Reminder, Stage
from tests.bench.figures import Figure, Table
from tests.bench.many import filled
from tests.databases import Postgres, fresh

FEW, MANY = 1000, 100_000
_DUE = 500
_RUNS = 7
_OLD = 2
_CHUNK = 5000
_REACH = 10


def reminders(table: Table) -> None:
    """
    A look with cases due, and one with none, on SQLite and on PostgreSQL.
    """
    with tempfile.TemporaryDirectory() as folder:
        urls = [f"sqlite:///{Path(folder) / str(number)}.db" for number in (FEW, MANY)]
        asyncio.run(_compare(table, "SQLite", Path(folder), urls))
    server = Postgres()
    try:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(_on_postgres(table, Path(folder), server))
    finally:
        server.stop()


async def _on_postgres(table: Table, folder: Path, server: Postgres) -> None:
    async with fresh(server) as few, fresh(server) as much:
        await _compare(table, "PostgreSQL", folder, [few, much])


async def _compare(table: Table, backend: str, folder: Path, urls: list[str]) -> None:
    monday = _monday()
    async with AsyncExitStack() as stack:
        sweepers = []
        for number, url in zip((FEW, MANY), urls, strict=True):
            settings = Settings(_env_file=None, database_url=url, audit_key_file=folder / f"{number}.key")  # type: ignore[call-arg, arg-type]
            await filled(settings, number)
            sweepers.append(await stack.enter_async_context(_sweeping(settings, monday)))
        for sweeper in sweepers:
            await sweeper.open_all()
        due: list[list[float]] = [[], []]
        idle: list[list[float]] = [[], []]
        raised = set()
        for _ in range(_RUNS):
            for at, sweeper in enumerate(sweepers):
                await sweeper.make_due()
                due[at].append(await sweeper.sweep())
                raised.add(await sweeper.count())
                idle[at].append(await sweeper.sweep())
        if len(raised) != 1 or not min(raised):
            raise RuntimeError(f"not the same number of reminders: {raised}")
        _add(table, f"a look, {_DUE} cases due of {MANY:,}, {min(raised)} reminders, {backend}", due)
        _add(table, f"a look, none due of {MANY:,}, {backend}", idle)


def _add(table: Table, name: str, runs: list[list[float]]) -> None:
    few, much = map(median, runs)
    table.add(
        Figure(
            name,
            1000 * much,
            "ms",
            beside=f"{FEW:,} cases: {1000 * few:.2f} ms",
            reach=f"<= {_REACH} x",
            is_met=much <= _REACH * few,
            spread=[1000 * one for one in sorted(runs[1])],
        )
    )


def _monday() -> datetime:
    """
    Ten in the morning of a Monday to come, at the sites.
    """
    local = datetime.now(ZoneInfo("Europe/Paris")).replace(hour=10, minute=0, second=0, microsecond=0)
    return (local + timedelta(days=8 - local.isoweekday())).astimezone(UTC)


@dataclass
class _Sweeper:
    """
    The program's own look, on a database.
    """

    worker: Worker
    monday: datetime

    async def open_all(self) -> None:
        """
        Every case is open, has been reminded of before, and comes up later in the year.
        """
        count = await self._count_cases()
        for first in range(1, count + 1, _CHUNK):
            rows = [
                {
                    "person_id": 1,
                    "case_id": case_id,
                    "site_id": 1,
                    "kind": "untouched",
                    "key": f"untouched:{case_id}:{at}",
                    "detail": "2020-01-01",
                    "day": self.monday.date() - timedelta(days=100),
                    "is_urgent": False,
                    "sent_at": self.monday - timedelta(days=100),
                    "sent_on": self.monday.date() - timedelta(days=100),
                    "closed_at": self.monday - timedelta(days=90),
                }
                for case_id in range(first, min(first + _CHUNK, count + 1))
                for at in range(_OLD)
            ]
            await self._do(lambda connection, rows=rows: connection.execute(insert(Reminder), rows))  # type: ignore[misc]
        tomorrow = self.monday.date() + timedelta(days=1)
        await self._do(
            lambda connection: connection.execute(update(Case).values(stage=Stage.SCREENING, remind_on=tomorrow))
        )
        await self._do(lambda connection: connection.execute(text("ANALYZE")))

    async def _count_cases(self) -> int:
        async with self.worker.unit.database.transaction() as session:
            return (await session.exec(select(func.count()).select_from(Case))).one()

    async def make_due(self) -> None:
        """
        The first cases come up today, and nothing has been said of it.
        """
        raised = delete(Reminder).where(Reminder.id > _OLD * await self._count_cases())

        def undo(connection: Connection) -> None:
            connection.execute(raised)
            connection.execute(delete(Notice))
            connection.execute(update(Case).where(Case.id <= _DUE).values(remind_on=self.monday.date()))

        await self._do(undo)

    async def _do(self, work: Callable[[Connection], object]) -> None:
        async with self.worker.unit.database.engine.begin() as connection:
            await connection.run_sync(work)

    async def count(self) -> int:
        """
        How many reminders were raised.
        """
        first = _OLD * await self._count_cases()
        async with self.worker.unit.database.transaction() as session:
            query = select(func.count()).select_from(Reminder).where(Reminder.id > first)
            return (await session.exec(query)).one()

    async def sweep(self) -> float:
        """
        How many seconds a look takes.
        """
        begun = time.perf_counter()
        await remind(self.worker)
        return time.perf_counter() - begun


@asynccontextmanager
async def _sweeping(settings: Settings, monday: datetime) -> AsyncIterator[_Sweeper]:
    database = Database(settings.database_url.get_secret_value())
    bot = TelegramBot("1:local", base_url="local:/bot", request=LocalRequest(LocalBotApi()))
    deployment = Deployment("local_bot", settings.study, settings.timing)
    worker = Worker(UnitOfWork(database, bytes(32)), bot, Speaker(bot), deployment, clock=lambda: monday)
    try:
        yield _Sweeper(worker, monday)
    finally:
        await database.close()
