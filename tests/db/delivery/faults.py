"""
Ways in which a database fails, as a test says or at random.
"""

import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from enum import StrEnum
from random import Random

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.engine import Database
from db.base.tables import AuditEntry

Fault = Callable[[AsyncSession], Awaitable[object]]


class Faults:
    """
    What is to happen to the next transactions: to any at its end, or to one that changes facts just before its commit
    or once that has succeeded.
    """

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.any: list[Fault] = []
        self.before: list[Fault] = []
        self.after: list[Fault] = []
        self._transaction = database.transaction
        monkeypatch.setattr(database, "transaction", self._faulty)

    @asynccontextmanager
    async def _faulty(self) -> AsyncIterator[AsyncSession]:
        tells = False
        async with self._transaction() as session:
            told = await _told(session)
            yield session
            await session.flush()
            tells = await _told(session) > told
            if self.any:
                await self.any.pop(0)(session)
            if tells and self.before:
                await self.before.pop(0)(session)
        if tells and self.after:
            await self.after.pop(0)(session)


async def _told(session: AsyncSession) -> int:
    return (await session.exec(select(func.count()).select_from(AuditEntry))).one()


def _operational(words: str) -> Exception:
    return OperationalError("COMMIT", {}, sqlite3.OperationalError(words))


ERRORS = {
    "locked": _operational("database is locked"),
    "disk full": _operational("database or disk is full"),
    "unreachable": InterfaceError("COMMIT", {}, Exception("connection is closed")),
    "reset": ConnectionResetError("Connection reset by peer"),
}

SERVER_ERRORS = {
    "ends the connection": "SELECT pg_terminate_backend(pg_backend_pid())",
    "disk full": "DO $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = 'disk_full'; END $$",
    "deadlock": "DO $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = 'deadlock_detected'; END $$",
    "too busy": "DO $$ BEGIN RAISE EXCEPTION 'too many' USING ERRCODE = 'too_many_connections'; END $$",
}


class Mishap(StrEnum):
    """
    What befalls a transaction at random; only PostgreSQL ends a connection.
    """

    LOCKED = "locked"
    FULL = "disk full"
    RESET = "reset"
    ENDED = "ends the connection"
    UNCOMMITTED = "the commit fails"
    UNHEARD = "the commit succeeds and says that it failed"


class RandomFaults:
    """
    A share of all transactions meets a mishap, drawn from a seed; `met` counts them.
    """

    def __init__(self, random: Random, share: float) -> None:
        self.met: Counter[Mishap] = Counter()
        self._random = random
        self._share = share

    def around(
        self, transaction: Callable[..., AbstractAsyncContextManager[AsyncSession]]
    ) -> Callable[..., AbstractAsyncContextManager[AsyncSession]]:
        """
        The same transaction, but for its mishaps: to take the place of a Database's, or of the method of all of them.
        """

        @asynccontextmanager
        async def faulty(*database: Database) -> AsyncIterator[AsyncSession]:
            mishap = self._draw()
            async with transaction(*database) as session:
                yield session
                if mishap is not None:
                    mishap = await self._befall(session, mishap)
            if mishap is Mishap.UNHEARD:
                raise ERRORS["reset"]

        return faulty

    def _draw(self) -> Mishap | None:
        return self._random.choice(list(Mishap)) if self._random.random() < self._share else None

    async def _befall(self, session: AsyncSession, mishap: Mishap) -> Mishap | None:
        await session.flush()
        if mishap is Mishap.ENDED and session.get_bind().dialect.name == "sqlite":
            return None
        self.met[mishap] += 1
        if mishap is Mishap.ENDED:
            await session.exec(text(SERVER_ERRORS[mishap]))  # type: ignore[call-overload]  # plain SQL
        if mishap in ERRORS:
            raise ERRORS[mishap]
        if mishap is Mishap.UNCOMMITTED:
            event.listen(session.sync_session, "before_commit", _fail)
        return mishap


def _fail(_: object) -> None:
    raise ERRORS["unreachable"]
