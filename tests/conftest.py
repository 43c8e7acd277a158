"""
What every test may use: a database of each kind, the running application, and people who chat with it.
"""

import os
import re
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from bot.application import Application, running
from bot.emulator.api import LocalBotApi
from bot.emulator.chat import Message
from bot.emulator.request import LocalRequest
from bot.settings import Settings
from bot.terminal.chat import settled
from db.base.engine import Database
from db.base.migrate import upgrade
from tests.databases import BACKENDS, RUN_FOLDER, Databases, Files, Postgres, fresh
from tests.statements import compile_once
from tests.thorough import QUICK, left_out, mark_second_database

COORDINATOR, STRANGER = 101, 666
TOKEN = "1:local"

# No example fails for a slow machine. What `make mutants` has loaded before stays as it is otherwise.
hypothesis.settings.register_profile("unhurried", hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("unhurried")

compile_once()


def settings_in(folder: Path, **values: object) -> Settings:
    """
    Settings whose files lie in a folder, whatever the environment says. With ENCRYPTION_KEYS in it, every test of the
    chat runs with encryption on.
    """
    defaults = {"database_url": f"sqlite:///{folder / 'screening.db'}", "audit_key_file": folder / "audit.key"}
    return Settings(_env_file=None, **{**defaults, **values})  # type: ignore[arg-type]


@dataclass
class Chatter:
    """
    A person in a private chat with the bot, who sees what Telegram would show.
    """

    api: LocalBotApi
    application: Callable[[], Application]
    user_id: int
    language: str = "en"

    async def say(self, text: str) -> Message:
        """
        Type something and wait for the answer; the bot's last message.
        """
        self.api.send(self.user_id, text, language=self.language, first_name="Test")
        return await self.look()

    async def press(self, label: str, message: Message | None = None) -> Message:
        """
        Press the button with these words on the card, or on another message.
        """
        card = message or self.card
        found = [
            button for row in card.buttons for button in row if re.search(rf"(?:^|\W){re.escape(label)}", button.label)
        ]
        assert found, f"no button {label!r} among {[button.label for row in card.buttons for button in row]}"
        assert found[0].data is not None
        return await self.tap(found[0].data, card)

    async def tap(self, data: str, message: Message | None = None) -> Message:
        """
        Press a button by what it carries.
        """
        self.api.press(self.user_id, (message or self.card).id, data)
        return await self.look()

    async def look(self) -> Message:
        """
        Wait until the bot has answered everything; its last message.
        """
        await settled(self.api, self.application())
        return self.card

    @property
    def card(self) -> Message:
        """
        The bot's last message.
        """
        return [message for message in self.api.chat(self.user_id) if message.from_bot][-1]

    @property
    def labels(self) -> list[str]:
        """
        The words on the card's buttons.
        """
        return [button.label for row in self.card.buttons for button in row]

    @property
    def toasts(self) -> list[str]:
        """
        What was said on presses.
        """
        return self.api.toasts(self.user_id)


@dataclass
class Clinic:
    """
    The real application on a database, in front of a Bot API in the process. `restart` ends it and starts it anew.
    """

    settings: Settings
    api: LocalBotApi = field(default_factory=lambda: LocalBotApi(first_id=1000))
    now: datetime | None = None
    _application: Application | None = None
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    setup_code: str | None = None

    @property
    def application(self) -> Application:
        """
        The running application.
        """
        assert self._application is not None
        return self._application

    async def start(self) -> None:
        """
        Start the application.
        """
        self._stack = AsyncExitStack()
        self._application = await self._stack.enter_async_context(
            running(
                self.settings,
                token=TOKEN,
                api_url="local:",
                request=LocalRequest(self.api),
                polling=LocalRequest(self.api),
                clock=lambda: self.now or datetime.now(UTC),
            )
        )
        self.setup_code = self._application.setup_code or self.setup_code

    async def stop(self) -> None:
        """
        Stop the application.
        """
        await self._stack.aclose()
        self._application = None

    async def restart(self) -> None:
        """
        Stop and start on the same database.
        """
        await self.stop()
        await self.start()

    def person(self, user_id: int = COORDINATOR, language: str = "en") -> Chatter:
        """
        Somebody who chats.
        """
        return Chatter(self.api, lambda: self.application, user_id, language)

    async def coordinator(self, language: str = "en") -> Chatter:
        """
        The first member: administrator and coordinator of site 01.
        """
        person = self.person(language=language)
        await person.say(f"/start {self.setup_code}")
        return person


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def pytest_configure(config: pytest.Config) -> None:
    """
    Make a folder that all processes of this run share, and see to it that a run that is ended leaves in order.
    """
    if not _is_worker(config):
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        os.environ[RUN_FOLDER] = tempfile.mkdtemp(prefix="screening-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """
    Remove it. A server that a crashed process left behind ends by itself once its folder is gone.
    """
    if not _is_worker(config):
        shutil.rmtree(os.environ.pop(RUN_FOLDER), ignore_errors=True)


_LEFT_OUT = pytest.StashKey[dict[str, int]]()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """
    Mark what `make test` leaves out, and count it while it is still there.
    """
    mark_second_database(items)
    if config.option.markexpr != QUICK:
        return
    if _is_worker(config):
        config.workeroutput["left_out"] = dict(left_out(items))  # type: ignore[attr-defined]
    else:
        config.stash[_LEFT_OUT] = left_out(items)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:  # noqa: ANN401  of pytest-xdist, which has no types
    """
    Each process of a run has collected the same.
    """
    node.config.stash[_LEFT_OUT] = getattr(node, "workeroutput", {}).get("left_out", {})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """
    Say what was left out, why, and how to run it.
    """
    if found := config.stash.get(_LEFT_OUT, {}):
        terminalreporter.write_sep("-", f"{sum(found.values())} tests left out; `make test-all` runs these too")
        for reason, number in sorted(found.items(), key=lambda one: -one[1]):
            terminalreporter.write_line(f"{number:5}  {reason}")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """
    The PostgreSQL server of this process, started once.
    """
    server = Postgres()
    server.hurry()
    yield server
    server.stop()


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """
    Each kind of database in turn.
    """
    return str(request.param)


@pytest.fixture
def databases(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Databases:
    """
    Where the databases of a test are.
    """
    return Files(tmp_path) if backend == "sqlite" else request.getfixturevalue("postgres")  # type: ignore[no-any-return]


@pytest.fixture
async def empty_url(databases: Databases) -> AsyncIterator[str]:
    """
    The address of a database without any table.
    """
    async with fresh(databases) as address:
        yield address


@pytest.fixture
def lasting(backend: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """
    Where databases are that outlive a test, for others to be copied from.
    """
    return Files(tmp_path_factory.mktemp("lasting")) if backend == "sqlite" else request.getfixturevalue("postgres")  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def migrated() -> dict[str, str]:
    """
    The address of a migrated database of each kind, once it is made.
    """
    return {}


@pytest.fixture
async def url(backend: str, databases: Databases, lasting: Databases, migrated: dict[str, str]) -> AsyncIterator[str]:
    """
    The address of a database with every table and no row.
    """
    if backend not in migrated:
        made = await lasting.create()
        database = Database(made)
        await upgrade(database)
        await database.close()
        migrated[backend] = made
    async with fresh(databases, migrated[backend]) as address:
        yield address


@pytest.fixture
def settings(url: str, tmp_path: Path) -> Settings:
    """
    Settings on a database with every table and no row.
    """
    return settings_in(tmp_path, database_url=url)


@pytest.fixture
async def clinic(settings: Settings) -> AsyncIterator[Clinic]:
    """
    A bot that has just been started for the first time.
    """
    started = Clinic(settings)
    await started.start()
    yield started
    await started.stop()


@pytest.fixture
async def coordinator(clinic: Clinic) -> Chatter:
    """
    The first coordinator, who has just come in.
    """
    return await clinic.coordinator()
