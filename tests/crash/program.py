"""
`python -m bot` in a process of its own, with its files in a folder, and a look into its database from outside.
"""

import asyncio
import os
import signal
import socket
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import asyncpg

from bot.rules import file_form
from bot.rules.assessment import Assessment, assess, read_answers
from bot.rules.versions import PROTOCOLS
from tests.commands import started

TOKEN = "123456789:" + "Abcde" * 7
_ROOT = Path(__file__).parents[2]
_ZONE = ZoneInfo("Europe/Paris")
_PATIENCE = 60


class Stored(NamedTuple):
    """
    An answer in the database; no value for "not available yet".
    """

    case_id: int
    revision: int
    item: str
    value: object


@dataclass
class Program:
    """
    The program with its settings. `start` waits until it is ready; `launch` does not. `command` is what Python runs.
    """

    folder: Path
    api_url: str
    settings: Mapping[str, str | None] = field(default_factory=dict)
    setup_code: str = ""
    command: tuple[str, ...] = ("-m", "bot")
    _process: Process | None = None

    @property
    def process(self) -> Process:
        """
        The process that was started last.
        """
        assert self._process is not None
        return self._process

    @property
    def is_running(self) -> bool:
        """
        Whether it was started and has not ended.
        """
        return self._process is not None and self._process.returncode is None

    @property
    def errors(self) -> str:
        """
        All that it logged so far, over every start.
        """
        return (self.folder / "errors.txt").read_text(encoding="utf-8")

    @property
    def database_url(self) -> str:
        """
        Where its database is.
        """
        return self.settings.get("DATABASE_URL") or f"sqlite:///{self.folder / 'screening.db'}"

    async def start(self, tries: int = 1) -> None:
        """
        Start the program and wait until it says that it is ready; start it again where it ends before.
        """
        for _ in range(tries):
            await self.launch()
            if await self.ready():
                return
            await self.process.communicate()
        raise AssertionError(f"not ready, {self.errors[-2000:]}")

    async def launch(self) -> None:
        """
        Start the program.
        """
        with (self.folder / "errors.txt").open("ab") as errors:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *self.command,
                "run",
                cwd=self.folder,
                env=self._environment(),
                stdout=PIPE,
                stderr=errors.fileno(),
            )

    async def ready(self) -> bool:
        """
        Wait until it says that it is ready; false where it ends instead. Takes the setup code where there is one.
        """
        assert self.process.stdout is not None
        try:
            async with asyncio.timeout(_PATIENCE):
                if b"is ready" not in await self.process.stdout.readline():
                    return False
                if not self.setup_code:
                    await self.process.stdout.readline()
                    self.setup_code = (await self.process.stdout.readline()).decode().removeprefix("/start ").strip()
                return True
        except TimeoutError:
            raise AssertionError(f"not ready within {_PATIENCE} seconds: {self.errors[-2000:]}") from None

    async def kill(self) -> None:
        """
        End it as a power failure would.
        """
        self.process.kill()
        await self.process.communicate()

    async def stop(self, number: signal.Signals = signal.SIGTERM, within: float = 5) -> int:
        """
        Ask it to end, and return its status.
        """
        self.process.send_signal(number)
        try:
            async with asyncio.timeout(within):
                await self.process.communicate()
        except TimeoutError:
            await self.kill()
            raise AssertionError(f"not stopped within {within} seconds: {self.errors[-2000:]}") from None
        assert self.process.returncode is not None
        return self.process.returncode

    async def run(self, *arguments: str) -> started.Told:
        """
        Run a command to its end.
        """
        return await started.told(self.folder, *arguments, environment=self._environment())

    def _environment(self) -> dict[str, str]:
        settings: dict[str, str | None] = {
            "BOT_TOKEN": TOKEN,
            "BOT_API_URL": self.api_url,
            "DATABASE_URL": self.database_url,
            "AUDIT_KEY_FILE": str(self.folder / "audit.key"),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(_ROOT),
            **self.settings,
        }
        return {name: value for name, value in settings.items() if value is not None}

    # What it has stored

    async def answers(self) -> list[Stored]:
        """
        Every answer, by case in the order given.
        """
        return [
            Stored(case_id, revision, item, None if value is None else file_form.loads(value))
            for case_id, revision, item, value in await self.rows(
                "SELECT case_id, revision, item, value FROM answers ORDER BY case_id, revision"
            )
        ]

    async def count_of_cases(self) -> int:
        """
        How many cases there are.
        """
        ((number,),) = await self.rows("SELECT count(*) FROM cases")
        return int(number)

    async def unfinished(self) -> list[tuple[int, str]]:
        """
        The updates in the inbox that are not through, with their state.
        """
        return await self.rows("SELECT update_id, state FROM inbox WHERE state != 'shown'")

    async def focus(self) -> "Focus | None":
        """
        The case that the only chat has in focus, as its answers stand; None for another screen than its questions.
        """
        rows = await self.rows(
            "SELECT cases.id, cases.kind, cases.protocol, cases.in_full, cases.revision "
            "FROM chats JOIN cases ON cases.id = chats.case_id WHERE chats.screen = 'ask'"
        )
        if not rows:
            return None
        ((case_id, kind, protocol, in_full, revision),) = rows
        current = {one.item: one.value for one in await self.answers() if one.case_id == case_id}
        population = PROTOCOLS[protocol].population(kind)
        today = datetime.now(UTC).astimezone(_ZONE).date()
        awaited = frozenset(item for item, value in current.items() if value is None)
        assessment = assess(population, read_answers(population, current, today), today, awaited=awaited)
        return Focus(case_id, revision, bool(in_full), assessment)

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        """
        What is stored, as another program sees it.
        """
        if self.database_url.startswith("sqlite:///"):
            with closing(sqlite3.connect(self.database_url.removeprefix("sqlite:///"), timeout=10)) as database:
                return database.execute(query).fetchall()
        connection = await asyncpg.connect(self.database_url)
        try:
            return [tuple(row) for row in await connection.fetch(query)]
        finally:
            await connection.close()


class Focus(NamedTuple):
    """
    A case in focus.
    """

    case_id: int
    revision: int
    in_full: bool
    assessment: Assessment


def free_port() -> int:
    """
    A port that nobody listens on.
    """
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
