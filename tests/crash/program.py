"""
`python -m bot` in a process of its own, with its files in a folder, and a look into its database from outside.
"""

import asyncio
import os
import signal
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.rules import file_form
from bot.rules.assessment import Assessment, assess, read_answers
from bot.rules.versions import PROTOCOLS

TOKEN = "123456789:" + "Abcde" * 7
_ROOT = Path(__file__).parents[2]
_ZONE = ZoneInfo("Europe/Paris")


class Ended(NamedTuple):
    """
    How a command ended, and what it printed.
    """

    status: int
    output: str
    errors: str


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
    The program with its settings. `start` waits until it is ready; `launch` does not.
    """

    folder: Path
    api_url: str
    settings: Mapping[str, str | None] = field(default_factory=dict)
    setup_code: str = ""
    _process: Process | None = None

    @property
    def process(self) -> Process:
        """
        The process that was started last.
        """
        assert self._process is not None
        return self._process

    @property
    def errors(self) -> str:
        """
        All that it logged so far, over every start.
        """
        return (self.folder / "errors.txt").read_text(encoding="utf-8")

    async def start(self) -> None:
        """
        Start the program and wait until it says that it is ready.
        """
        await self.launch()
        await self.ready()

    async def launch(self) -> None:
        """
        Start the program.
        """
        with (self.folder / "errors.txt").open("ab") as errors:
            self._process = await self._execute("run", errors=errors.fileno())

    async def ready(self) -> None:
        """
        Wait until it says that it is ready. Takes the setup code where there is one.
        """
        assert self.process.stdout is not None
        async with asyncio.timeout(20):
            line = await self.process.stdout.readline()
            assert b"is ready" in line, f"not ready: {line!r}, {self.errors}"
            if not self.setup_code:
                await self.process.stdout.readline()
                self.setup_code = (await self.process.stdout.readline()).decode().removeprefix("/start ").strip()

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

    async def run(self, *arguments: str) -> Ended:
        """
        Run a command to its end.
        """
        process = await self._execute(*arguments, errors=PIPE)
        try:
            async with asyncio.timeout(20):
                output, errors = await process.communicate()
        except TimeoutError:
            process.kill()
            await process.communicate()
            raise
        assert process.returncode is not None
        return Ended(process.returncode, output.decode(), errors.decode())

    async def _execute(self, *arguments: str, errors: int) -> Process:
        settings: dict[str, str | None] = {
            "BOT_TOKEN": TOKEN,
            "BOT_API_URL": self.api_url,
            "DATABASE_URL": f"sqlite:///{self.folder / 'screening.db'}",
            "AUDIT_KEY_FILE": str(self.folder / "audit.key"),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(_ROOT),
            **self.settings,
        }
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *arguments,
            cwd=self.folder,
            env={name: value for name, value in settings.items() if value is not None},
            stdout=PIPE,
            stderr=errors,
        )

    # What it has stored

    def answers(self) -> list[Stored]:
        """
        Every answer, by case in the order given.
        """
        with self._rows() as database:
            rows = database.execute("SELECT case_id, revision, item, value FROM answers ORDER BY case_id, revision")
            return [
                Stored(case_id, revision, item, None if value is None else file_form.loads(value))
                for case_id, revision, item, value in rows
            ]

    def count_of_cases(self) -> int:
        """
        How many cases there are.
        """
        with self._rows() as database:
            number: int = database.execute("SELECT count(*) FROM cases").fetchone()[0]
        return number

    def unfinished(self) -> list[tuple[int, str]]:
        """
        The updates in the inbox that are not through, with their state.
        """
        with self._rows() as database:
            return database.execute("SELECT update_id, state FROM inbox WHERE state != 'shown'").fetchall()

    def focus(self) -> "Focus | None":
        """
        The case that the only chat has in focus, as its answers stand; None for another screen than its questions.
        """
        with self._rows() as database:
            row = database.execute(
                "SELECT cases.id, cases.kind, cases.protocol, cases.in_full, cases.revision "
                "FROM chats JOIN cases ON cases.id = chats.case_id WHERE chats.screen = 'ask'"
            ).fetchone()
        if row is None:
            return None
        case_id, kind, protocol, in_full, revision = row
        current = {one.item: one.value for one in self.answers() if one.case_id == case_id}
        population = PROTOCOLS[protocol].population(kind)
        today = datetime.now(UTC).astimezone(_ZONE).date()
        awaited = frozenset(item for item, value in current.items() if value is None)
        assessment = assess(population, read_answers(population, current, today), today, awaited=awaited)
        return Focus(case_id, revision, bool(in_full), assessment)

    @contextmanager
    def _rows(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self.folder / "screening.db", timeout=10)
        try:
            yield database
        finally:
            database.close()


class Focus(NamedTuple):
    """
    A case in focus.
    """

    case_id: int
    revision: int
    in_full: bool
    assessment: Assessment
