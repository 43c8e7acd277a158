"""
The database: SQLite in a file by default, PostgreSQL by its address, with the same code.
"""

import asyncio
import errno
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base import vault
from db.base.sqlite_driver import InPlaceDialect, compact, connect
from db.base.vault import SealingSession, Vault

_SQLITE_PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    # KiB. The system keeps the file's pages as well: 2,000, as by default, make no statement of a turn quicker.
    "PRAGMA cache_size = -500",
    # INSERT OR REPLACE deletes without firing triggers otherwise, and the triggers keep answers and audit append-only.
    "PRAGMA recursive_triggers = ON",
    # From here on the driver sees to waiting.
    "PRAGMA busy_timeout = 0",
)


_PATIENCE = 15.0


def _patient(patience: float | None) -> dict[str, dict[str, str]]:
    """
    A program that hangs, or a machine that is gone, in the middle of a transaction must not hold up the others; and
    where one does, `patience` says for how many seconds to wait before this is known.
    """
    limit = f"{1000 * (patience or _PATIENCE):.0f}ms"
    settings = {"idle_in_transaction_session_timeout": limit, "tcp_user_timeout": limit}
    return {"server_settings": settings if patience is None else {**settings, "lock_timeout": limit}}


EXPECTED = "expected sqlite:///PATH, or postgresql://HOST/NAME with USER:PASSWORD@ before HOST"

NOT_REACHED = "the database is not reached"

_PASSING_ON_SQLITE = frozenset({5, 6, 7, 8, 10, 13, 14})
"""Busy, locked, out of memory, read-only, input/output, full, cannot open."""

_PASSING_ON_POSTGRESQL = ("08", "40", "53", "55P03", "57", "58", "25006")
"""What an SQLSTATE begins with: connection, rollback of a deadlock, resources, a lock not given, intervention,
system; a server that only
reads, as one does that is not yet the first after another one failed."""


class Database:
    """
    One engine and the sessions on it.

    `url` names a SQLite file (sqlite:///path) or a PostgreSQL database (postgresql://user:password@host/name). A SQLite
    database has one connection: its writers would only wait for each other, and slower.

    With a vault, what is clinical is encrypted at rest. With `patience`, which is for PostgreSQL, a transaction waits
    so many seconds for the locks of others; without, as long as it takes.
    """

    def __init__(self, url: str, held: Vault | None = None, *, patience: float | None = None) -> None:
        self.url = asynchronous(url)
        self.vault = held
        self.engine = (
            _sqlite(self.url)
            if self.is_sqlite
            else create_async_engine(
                self.url, pool_pre_ping=True, hide_parameters=True, connect_args=_patient(patience)
            )
        )

    @property
    def is_sqlite(self) -> bool:
        """
        Whether this is the embedded database.
        """
        return self.url.get_backend_name() == "sqlite"

    @property
    def has_file(self) -> bool:
        """
        Whether SQLite's file is there: whoever looked into it would make one. A server's files are its own concern.
        """
        return not self.is_sqlite or Path(self.url.database or "").is_file()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """
        A session that commits at the end, or rolls back if anything raises.

        Writes go out together at the end, not before every read: whoever reads what this transaction may have changed
        flushes first.
        """
        async with self._session(self.engine) as session, session.begin():
            yield session

    def _session(self, engine: AsyncEngine | AsyncConnection) -> AsyncSession:
        if self.vault is None:
            return AsyncSession(engine, expire_on_commit=False, autoflush=False)
        session = AsyncSession(engine, expire_on_commit=False, autoflush=False, sync_session_class=SealingSession)
        vault.use(session, self.vault)
        return session

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """
        A session that reads the database as it is at the first look, however long it takes, and keeps nobody waiting.
        """
        engine = (
            _sqlite(self.url, begin="BEGIN")
            if self.is_sqlite
            else create_async_engine(self.url, isolation_level="REPEATABLE READ", hide_parameters=True)
        )
        try:
            async with engine.connect() as connection, self._session(connection) as session:
                yield session
                await session.rollback()
        finally:
            await engine.dispose()

    async def compact(self, tables: Iterable[str]) -> None:
        """
        Write these tables anew, on SQLite the whole file, so that nothing of what was changed or deleted is left in it.
        Others wait meanwhile.
        """
        if self.is_sqlite:
            await asyncio.to_thread(compact, self.url.database or ":memory:")
            return
        engine = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            for table in tables:
                await connection.execute(text(f"VACUUM FULL {table}"))

    async def close(self) -> None:
        """
        Close every connection.
        """
        await self.engine.dispose()


def asynchronous(url: str) -> URL:
    """
    The address with the driver used here. Raises ValueError for another kind of database.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError(EXPECTED) from None
    drivers = {
        "sqlite": f"sqlite+{InPlaceDialect.driver}",
        "postgresql": "postgresql+asyncpg",
        "postgres": "postgresql+asyncpg",
    }
    backend = parsed.drivername.partition("+")[0]
    if backend not in drivers:
        raise ValueError(EXPECTED)
    return parsed.set(drivername=drivers[backend])


def is_passing(error: Exception) -> bool:
    """
    Whether an error is one of circumstances, such as a full disk or a lost connection, and the same work may be tried
    again; not one of the work itself.
    """
    if isinstance(error, OSError | InterfaceError | PoolTimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    sqlite, postgresql = getattr(error.orig, "sqlite_errorcode", None), getattr(error.orig, "sqlstate", None)
    if sqlite is not None:
        return sqlite & 0xFF in _PASSING_ON_SQLITE
    if postgresql is not None:
        return error.connection_invalidated or postgresql.startswith(_PASSING_ON_POSTGRESQL)
    return error.connection_invalidated or isinstance(error, OperationalError)


_CAUSES_ON_SQLITE = {
    5: "another program holds the database",
    6: "another program holds the database",
    8: "the database is read-only",
    10: "the disk fails",
    13: "the disk is full",
    14: "the database file cannot be opened",
}
_CAUSES_ON_POSTGRESQL = {
    "25006": "the database is read-only",
    "40": "other transactions are in the way",
    "53100": "the disk is full",
    "53300": "the database has too many connections",
    "55P03": "another program holds the database",
    "57P": "the database is shutting down or starting",
}


def cause(error: Exception) -> str:
    """
    What is the matter, in words for whoever runs the bot; of an error that is_passing.
    """
    origin = getattr(error, "orig", None) or error
    sqlite, postgresql = getattr(origin, "sqlite_errorcode", None), getattr(origin, "sqlstate", None)
    if isinstance(sqlite, int):
        return _CAUSES_ON_SQLITE.get(sqlite & 0xFF, NOT_REACHED)
    if isinstance(postgresql, str):
        return next(
            (words for code, words in _CAUSES_ON_POSTGRESQL.items() if postgresql.startswith(code)), NOT_REACHED
        )
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "the disk is full"
    return NOT_REACHED


def _sqlite(url: URL, begin: str = "BEGIN IMMEDIATE") -> AsyncEngine:
    path = url.database or ":memory:"

    def open_file() -> sqlite3.Connection:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        return connect(path)

    engine = create_async_engine(
        url,
        creator=open_file,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=60,
        hide_parameters=True,  # they are clinical values, and errors are logged
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _: object) -> None:  # noqa: ANN401  the driver's own type
        cursor = connection.cursor()
        for pragma in _SQLITE_PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Any) -> None:  # noqa: ANN401  the driver's own type
        # A deferred transaction that turns into a writer fails at once where another one writes; this one waits.
        connection.exec_driver_sql(begin)

    return engine
