"""
What every turn asks the database for, on the tables themselves: statements built once, and rows that are only added.

Measured on SQLite, processor time: a statement that is built and run through a session takes 144 microseconds, one of
these 46; of twenty rows added together each takes 43 through the unit of work, and 28 here.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any, TypeVar

from sqlalchemy import CursorResult, Executable, Table, event, insert
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base import vault
from db.base.tables.row import TableRow

T = TypeVar("T")
_ADDED = "rows_added"


class ForEach(dict[str, T]):
    """
    What is built of the words of each kind of database, by the name that its connections give: when it is asked for, as
    the words of the other kind would be loaded for nothing.
    """

    def __init__(self, build: Callable[[ModuleType], T]) -> None:
        super().__init__()
        self._build = build

    def __missing__(self, name: str) -> T:
        self[name] = built = self._build(import_module(f"sqlalchemy.dialects.{name}"))
        return built


async def run(
    session: AsyncSession,
    statement: Executable | Mapping[str, Executable],
    parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] = (),
) -> CursorResult[*tuple[Any, ...]]:
    """
    Run a statement on tables, or the one that `ForEach` has built for this kind of database.
    """
    connection = await session.connection()
    if isinstance(statement, Mapping):
        statement = statement[connection.dialect.name]
    return await connection.execute(statement, parameters or None)


def add(session: AsyncSession, row: TableRow) -> None:
    """
    Add a row that this transaction does not change any more. It is written at the next flush that has a change to write
    as well, or before the commit; not within a savepoint, which would not take it back.
    """
    session.info.setdefault(_ADDED, []).append(row)


@event.listens_for(Session, "before_flush")
def _before_flush(session: Session, *_: object) -> None:
    _write(session)


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    by_table: dict[Table, list[dict[str, Any]]] = {}
    for row in session.info.pop(_ADDED, ()):
        values = vault.sealed(session, row.__tablename__, row.model_dump())
        by_table.setdefault(row.__table__, []).append(values)
    for table, rows in by_table.items():
        session.connection().execute(insert(table), rows)
