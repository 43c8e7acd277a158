"""
What people wait for where 100 cases are stored, and where 100,000 are: the same commands to the same application.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.application import Application, prepare, running
from bot.emulator.api import LocalBotApi
from bot.emulator.request import LocalRequest
from bot.rules import file_form
from bot.rules.assessment import Verdict
from bot.rules.protocol import Kind
from bot.rules.versions import LATEST
from bot.settings import Settings
from db.base.engine import Database
from db.base.tables import (
    Answer,
    Case,
    Membership,
    Person,
    PersonRole,
    Site,
    Stage,
)
from db.cases.cases import code_of
from db.cases.given import GivenAnswer
from db.cases.projections import project
from db.cases.records import Record
from tests.bench.figures import Figure, Table
from tests.bench.recipients import complete
from tests.databases import Postgres, fresh

FEW, MANY = 100, 100_000
_READER = 7
_SITES = 3
_RUNS = 60
_WARM = 5
_CHUNK = 5000
_TEMPLATES = 300
_COMMANDS = {
    "/status 02-R-012": "/status 02-R-012",
    "/status": "/status",
    "/dashboard": "/dashboard",
    "/cases": "/cases",
    "/start (home)": "/start",
    "/find": "/find",
    "/find incomplete dlco 02": "/find incomplete dlco 02",
}
_HELD = frozenset({"/status 02-R-012", "/status", "/dashboard", "/cases"})
"""The commands that must not cost more than twice as much."""

_STAGES = {
    Stage.SCREENING: 40,
    Stage.FINISHED: 20,
    Stage.DISCARDED: 3,
    Stage.SIGNED: 8,
    Stage.SCREEN_FAILURE: 20,
    Stage.INCLUDED: 5,
    Stage.WITHDRAWN: 2,
    Stage.CONSENT_REFUSED: 1,
    Stage.LOST: 1,
}


def many(table: Table) -> None:
    """
    Each command's median on the one database beside the other's, on SQLite and on PostgreSQL.
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
    settings = [
        Settings(_env_file=None, database_url=url, audit_key_file=folder / f"{number}.key")  # type: ignore[call-arg, arg-type]
        for url, number in zip(urls, (FEW, MANY), strict=True)
    ]
    for one, number in zip(settings, (FEW, MANY), strict=True):
        await filled(one, number)
    async with AsyncExitStack() as stack:
        readers = [await stack.enter_async_context(_reading(one)) for one in settings]
        for name, text in _COMMANDS.items():
            runs: list[list[float]] = [[], []]
            for run in range(_WARM + _RUNS):
                for reader, found in zip(readers, runs, strict=True):
                    took = await reader.ask(text)
                    if run >= _WARM:
                        found.append(took)
            few, much = map(statistics.median, runs)
            table.add(
                Figure(
                    f"{name}, {MANY:,} cases, {backend}",
                    1000 * much,
                    "ms",
                    beside=f"{FEW} cases: {1000 * few:.2f} ms",
                    reach="<= 2 x" if name in _HELD else "",
                    is_met=much <= 2 * few if name in _HELD else None,
                    spread=[1000 * one for one in sorted(runs[1])[1:-1]],
                )
            )


@dataclass
class _Reader:
    """
    Somebody at all sites who asks, and how long until the answer is in the chat.
    """

    application: Application
    ids: Iterator[int] = field(default_factory=lambda: count(1_000_000))

    async def ask(self, text: str) -> float:
        number = next(self.ids)
        update = {
            "update_id": number,
            "message": {
                "message_id": number,
                "date": int(time.time()) + 1,
                "chat": {"id": _READER, "type": "private", "first_name": "Reader"},
                "from": {"id": _READER, "is_bot": False, "first_name": "Reader", "language_code": "en"},
                "text": text,
            },
        }
        begun = time.perf_counter()
        await self.application.worker.receive([update])
        await self.application.quiet()
        return time.perf_counter() - begun


@asynccontextmanager
async def _reading(settings: Settings) -> AsyncIterator[_Reader]:
    api = LocalBotApi()
    request, polling = LocalRequest(api), LocalRequest(api)
    async with running(settings, token="1:local", api_url="local:", request=request, polling=polling) as application:
        yield _Reader(application)


async def filled(settings: Settings, number: int) -> None:
    """
    Put so many cases into a new database, of every stage and verdict, with their answers, at three sites.
    """
    database = Database(settings.database_url.get_secret_value())
    try:
        await prepare(database, settings, datetime.now(UTC))
        async with database.transaction() as session:
            await _fill(session, number)
        async with database.engine.begin() as connection:
            await connection.exec_driver_sql("ANALYZE" if not database.is_sqlite else "PRAGMA optimize")
    finally:
        await database.close()


async def _fill(session: AsyncSession, number: int) -> None:
    random = Random(1)  # noqa: S311  a sample, no secret
    now = datetime.now(UTC)
    session.add_all(Site(number=at, name=f"Site {at:02d}", time_zone="Europe/Paris") for at in range(2, _SITES + 1))
    person = Person(telegram_id=_READER, name="Reader", language="en", accepted_at=now)
    session.add(person)
    await session.flush()
    session.add(Membership(person_id=person.id, role=PersonRole.COORDINATOR, site_id=None))
    await session.flush()
    connection = await session.connection()
    templates = [_template(random, now.date()) for _ in range(_TEMPLATES)]
    numbers = {(site, kind): count(1) for site in range(1, _SITES + 1) for kind in Kind}
    cases = _cases(random, templates, numbers, person.id, now, number)
    while chunk := list(islice(cases, _CHUNK)):
        await connection.execute(insert(Case), [row for row, _ in chunk])
        await connection.execute(insert(Answer), [answer for _, answers in chunk for answer in answers])


def _cases(  # noqa: PLR0917  a row of everything
    random: Random,
    templates: list[Record],
    numbers: dict[tuple[int, Kind], Iterator[int]],
    person_id: int,
    now: datetime,
    number: int,
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    for case_id in range(1, number + 1):
        record = random.choice(templates)
        kind, site = Kind(record.case.kind), 1 + case_id % _SITES
        own = next(numbers[site, kind])
        at = now - timedelta(minutes=random.randrange(2 * 365 * 24 * 60))
        stage = random.choices(list(_STAGES), list(_STAGES.values()))[0]
        row = record.case.model_dump() | {
            "id": case_id,
            "code": code_of(site=site, kind=kind, number=own),
            "site_id": site,
            "number": own,
            "stage": stage,
            "opened_by": person_id,
            "opened_at": at,
            "touched_at": at,
        }
        yield (
            row,
            [
                {
                    "case_id": case_id,
                    "revision": given.revision,
                    "item": given.item,
                    "value": given.text,
                    "source": given.source,
                    "reason": None,
                    "person_id": person_id,
                    "at": at,
                }
                for given in record.answers
            ],
        )


def _template(random: Random, day: date) -> Record:
    """
    A case somewhere on its way: some of its questions answered, in the order in which they are asked.
    """
    kind = random.choices([Kind.RECIPIENT, Kind.DONOR], [2, 1])[0]
    population = LATEST.population(kind)
    case = Case(
        id=0,
        code="",
        kind=kind,
        site_id=1,
        number=0,
        protocol=LATEST.version,
        opened_by=1,
        verdict="",
        assessed_on=day,
    )
    record = Record(case, population, (), day, ZoneInfo("Europe/Paris"))
    is_well = random.random() < 0.3
    wanted = random.randrange(30, 60) if is_well else random.randrange(1, 30)
    while len(record.assessment.to_ask) > 1 and len(record.answers) < wanted:
        key = record.assessment.to_ask[0]
        for _ in range(20 if is_well else 1):
            text = file_form.dumps(complete(day, random, population)[key])
            given = GivenAnswer(key, text, len(record.answers) + 1, 1, datetime.now(UTC), "asked")
            after = Record(case, population, (*record.answers, given), day, record.zone)
            if after.assessment.verdict != Verdict.NOT_ELIGIBLE:
                break
        record = after
    case.revision = len(record.answers)
    project(record)
    case.recheck_on = None
    case.remind_on = None  # swept long ago: else all of them would be, meanwhile
    return record
