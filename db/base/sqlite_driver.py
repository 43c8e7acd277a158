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
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self, TypeVar

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


class Cursor:
    """
    A cursor with the asynchronous methods that SQLAlchemy's dialect for aiosqlite uses.
    """

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor

    async def __aenter__(self) -> Self:
        return self

    @property
    def description(self) -> Any:  # noqa: ANN401  as sqlite3 gives it
        """
        The columns of the result.
        """
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        """
        How many rows were changed.
        """
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        """
        The id of the row added last.
        """
        return self._cursor.lastrowid

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        """
        Run a statement.
        """
        try:
            self._cursor.execute(statement, parameters)
        except sqlite3.OperationalError as error:
            if not statement.startswith("BEGIN") or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            await _in_thread(lambda: self._wait_for_others(statement))

    def _wait_for_others(self, statement: str) -> None:
        self._cursor.execute(f"PRAGMA busy_timeout = {PATIENCE_MS}")
        try:
            self._cursor.execute(statement)
        finally:
            self._cursor.execute("PRAGMA busy_timeout = 0")

    async def executemany(self, statement: str, parameters: Iterable[Sequence[Any]]) -> None:
        """
        Run a statement for each of the parameters.
        """
        self._cursor.executemany(statement, parameters)

    async def fetchall(self) -> list[Any]:
        """
        The rows of the result.
        """
        return self._cursor.fetchall()

    async def close(self) -> None:
        """
        Let go of the result.
        """
        self._cursor.close()


class Connection:
    """
    A connection with the asynchronous methods that SQLAlchemy's dialect for aiosqlite uses.
    """

    def __init__(self, path: str) -> None:
        self._connection: sqlite3.Connection | None = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=PATIENCE_MS / 1000
        )
        _write_ahead(self._connection)

    @property
    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            raise sqlite3.OperationalError("connection closed")
        return self._connection

    def cursor(self) -> Cursor:
        """
        A new cursor.
        """
        return Cursor(self._open.cursor())

    async def create_function(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401  as sqlite3 takes them
        """
        Make a function known to SQL.
        """
        self._open.create_function(*arguments, **options)

    async def commit(self) -> None:
        """
        End the transaction, once it is on the disk.
        """
        self._open.commit()

    async def rollback(self) -> None:
        """
        Undo the transaction.
        """
        self._open.rollback()

    async def close(self) -> None:
        """
        Close the file.
        """
        self.stop()

    def stop(self) -> None:
        """
        Close the file at once.
        """
        if self._connection is not None:
            self._connection.close()
            self._connection = None


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
