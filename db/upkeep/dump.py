"""
All rows of a database, as they are stored, out and in again: the same for both kinds of database.

Ciphertexts stay what they are. What the database counts by itself is left out: it counts again.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Boolean, Connection, Date, DateTime, column, func, inspect, select, table, text, tuple_
from sqlalchemy.sql.expression import TableClause
from sqlalchemy.types import NullType, TypeEngine
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.frozen import Frozen
from db.base.types import UtcDateTime

_LEFT_OUT = frozenset({"alembic_version", "permits", "tallies"})
_BATCH = 1000


class Shape(Frozen):
    """
    A table as it is in the database: its columns, and those that are its primary key.
    """

    name: str
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    types: tuple[TypeEngine[Any], ...]

    @property
    def table(self) -> TableClause:
        """
        The table for a statement.
        """
        pairs = zip(self.columns, self.types, strict=True)
        return table(self.name, *(column(name, kind) for name, kind in pairs))


async def revision(session: AsyncSession) -> str | None:
    """
    The migration that the database is at; None for one without tables.
    """
    connection = await session.connection()
    if not await connection.run_sync(lambda found: inspect(found).has_table("alembic_version")):
        return None
    found: str | None = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar()
    return found


async def is_empty(session: AsyncSession) -> bool:
    """
    Whether there is no table at all.
    """
    connection = await session.connection()
    return not await connection.run_sync(lambda found: inspect(found).get_table_names())


async def shapes(session: AsyncSession) -> list[Shape]:
    """
    The tables, each after those to which it refers.
    """
    return await (await session.connection()).run_sync(_shapes)


def _shapes(connection: Connection) -> list[Shape]:
    found = inspect(connection)
    names = [name for name, _ in found.get_sorted_table_and_fkc_names() if name and name not in _LEFT_OUT]
    return [
        Shape(
            name,
            tuple(one["name"] for one in found.get_columns(name)),
            tuple(found.get_pk_constraint(name)["constrained_columns"]),
            tuple(_type(one["type"]) for one in found.get_columns(name)),
        )
        for name in names
    ]


def _type(found: TypeEngine[Any]) -> TypeEngine[Any]:
    if isinstance(found, DateTime):
        return UtcDateTime()
    return found if isinstance(found, Boolean | Date) else NullType()


async def rows(session: AsyncSession, shape: Shape) -> AsyncIterator[list[Any]]:
    """
    The rows of a table as JSON has them, by primary key.
    """
    connection = await session.connection()
    found = shape.table
    keys = [found.c[key] for key in shape.keys]
    after: tuple[Any, ...] | None = None
    while True:
        query = select(*found.c).order_by(*keys).limit(_BATCH)
        if after is not None:
            query = query.where(tuple_(*keys) > tuple_(*after))
        batch = (await connection.execute(query)).all()
        for row in batch:
            yield [value.isoformat() if isinstance(value, date) else value for value in row]
        if len(batch) < _BATCH:
            return
        after = tuple(getattr(batch[-1], key) for key in shape.keys)


async def load(session: AsyncSession, shape: Shape, names: Sequence[str], values: Sequence[Sequence[Any]]) -> None:
    """
    Add rows to a table. Raises ValueError where it has other columns.
    """
    if set(names) != set(shape.columns):
        raise ValueError(f"{shape.name} has other columns")
    connection = await session.connection()
    types = dict(zip(shape.columns, shape.types, strict=True))
    if values:
        plain = [{name: _value(types[name], one) for name, one in zip(names, row, strict=True)} for row in values]
        await connection.execute(shape.table.insert(), plain)


def _value(kind: TypeEngine[Any], value: Any) -> Any:  # noqa: ANN401  what JSON holds
    if value is None:
        return None
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value).astimezone(UTC)
    return date.fromisoformat(value) if isinstance(kind, Date) else value


async def make_room(session: AsyncSession) -> None:
    """
    Take out the row that the first migration makes.
    """
    await (await session.connection()).execute(text("DELETE FROM audit_head"))


async def go_on_counting(session: AsyncSession) -> None:
    """
    On PostgreSQL, let the next row of each table get the next number.
    """
    connection = await session.connection()
    if connection.dialect.name == "sqlite":
        return
    for shape in await shapes(session):
        if shape.keys != ("id",):
            continue
        sequence = (await connection.execute(select(func.pg_get_serial_sequence(shape.name, "id")))).scalar()
        highest = (await connection.execute(select(func.max(shape.table.c.id)))).scalar()
        if sequence is not None and highest is not None:
            await connection.execute(select(func.setval(sequence, highest)))
