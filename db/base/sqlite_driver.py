"""
SQLite without a change of threads for every call.

aiosqlite hands each call to a thread: three or four times a statement, some sixty times an answered question, which
cost more than all else the bot does. Calls on a small local file take microseconds and are made at once here; a commit
takes as long as the disk does, and nothing could be said before it anyway. Only a transaction that has to wait for
another program's goes to a thread.
"""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Generator
from typing import Any, TypeVar

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL
from sqlalchemy.pool import AsyncAdaptedQueuePool, Pool
from sqlalchemy.util import await_only

T = TypeVar("T")

_TRIES = 100
PATIENCE_MS = 10_000
"""How long a transaction waits for those of other programs."""


async def _in_thread(call: Callable[[], T]) -> T:
    """
    Wait for a call even if nobody wants its result any more: the connection is not to be closed under it.
    """
    future = asyncio.get_running_loop().run_in_executor(None, call)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        await asyncio.wait([future])
        raise


def _write_ahead(connection: sqlite3.Connection) -> None:
    """
    Turn write-ahead on. Where several programs do so at once on a new file SQLite refuses instead of waiting.
    """
    for left in reversed(range(_TRIES)):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or not left:
                raise
            time.sleep(PATIENCE_MS / 1000 / _TRIES)
        else:
            return


class _Done(Awaitable[None]):
    """
    Nothing to wait for. SQLAlchemy takes a driver for a wrong one where no statement waits at all.
    """

    def __await__(self) -> Generator[None, None, None]:
        yield from ()


_DONE = _Done()


class _Cursor(sqlite3.Cursor):
    async def _async_soft_close(self) -> None:
        """
        What SQLAlchemy calls once a statement has run. The rows are still to be read; that closes it.
        """


class _Connection(sqlite3.Connection):
    def cursor(self) -> _Cursor:  # type: ignore[override]  # SQLAlchemy names no factory
        return super().cursor(_Cursor)


def connect(path: str) -> sqlite3.Connection:
    """
    Open a file, with no transaction but those that are begun.
    """
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, timeout=PATIENCE_MS / 1000, factory=_Connection
    )
    _write_ahead(connection)
    return connection


class InPlaceDialect(SQLiteDialect_pysqlite):
    """
    Python's own driver, called where an asynchronous one is expected.
    """

    driver = "in_place"
    is_async = True
    has_terminate = True
    supports_statement_cache = True

    @classmethod
    def get_pool_class(cls, url: URL) -> type[Pool]:  # noqa: ARG003  the signature of the base
        """
        One that waits without holding up the loop.
        """
        return AsyncAdaptedQueuePool

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:  # noqa: ANN401, ARG002  as above
        """
        Run a statement.
        """
        try:
            cursor.execute(statement, parameters)
        except sqlite3.OperationalError as error:
            if not statement.startswith("BEGIN") or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            await_only(_in_thread(lambda: _wait_for_others(cursor, statement)))
        else:
            await_only(_DONE)

    def do_executemany(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:  # noqa: ANN401, ARG002  as above
        """
        Run a statement for each of the parameters.
        """
        cursor.executemany(statement, parameters)
        await_only(_DONE)

    def do_terminate(self, dbapi_connection: Any) -> None:  # noqa: ANN401  as above
        """
        Close the file at once.
        """
        dbapi_connection.close()


registry.register("sqlite.in_place", __name__, InPlaceDialect.__name__)


def _wait_for_others(cursor: sqlite3.Cursor, statement: str) -> None:
    cursor.execute(f"PRAGMA busy_timeout = {PATIENCE_MS}")
    try:
        cursor.execute(statement)
    finally:
        cursor.execute("PRAGMA busy_timeout = 0")


def compact(path: str) -> None:
    """
    Write a file anew without what was deleted, and empty its write-ahead log.
    """
    connection = sqlite3.connect(path, isolation_level=None, timeout=PATIENCE_MS / 1000)
    try:
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
