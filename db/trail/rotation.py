"""
Rewriting what older keys wrote, or none did, with the key that writes now.

Append-only tables let it happen while a permit stands: a row that lives within one transaction, follows the audit entry
that tells of the rotation, and lets a ciphertext be put in the place of a text or of another ciphertext, and nothing
else. What was said does not change by it, so seals of the trail go on to match, and a swapped value would show there.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, and_, bindparam, func, or_, select, tuple_, update
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base import vault
from db.base.tables import Permit, PermitKind
from db.base.vault import PROTECTED, Vault
from db.trail import audit
from db.trail.audit import PROGRAM

GUARDED = frozenset({"answers", "audit_entries", "decisions", "visit_records"})
"""The protected tables that are append-only."""


@asynccontextmanager
async def permitted(
    session: AsyncSession, *, kind: PermitKind, case_id: int | None = None, code: str | None = None
) -> AsyncIterator[int]:
    """
    Let rows that are only ever added be changed for a moment, as the audit entry just recorded says; its sequence.
    """
    head = await audit.lock(session)
    await session.flush()
    permit = Permit(kind=kind, case_id=case_id, code=code, sequence=head.sequence)
    session.add(permit)
    await session.flush()
    yield head.sequence
    await session.delete(permit)
    await session.flush()


async def rotate(
    session: AsyncSession, *, name: str, after: Sequence[Any] | None, now: datetime, limit: int
) -> tuple[int, Sequence[Any] | None]:
    """
    Rewrite the next rows of a table that need it, beyond the primary key `after`. How many there were, and the last of
    their primary keys: None where there are no more. Raises db.vault.VaultError.
    """
    held = _held(session)
    await audit.lock(session)
    table = SQLModel.metadata.tables[name]
    rows = await _stale(session, table, held, after, limit)
    if not rows:
        return 0, None
    keys = [column.name for column in table.primary_key]
    changes = [_rewritten(row, name, keys, held) for row in rows]
    await audit.record(
        session,
        at=now,
        by=PROGRAM,
        action="keys.rotate",
        entity=f"table {name}",
        new=f"{len(rows)} rows: {held.current}",
    )
    if name in GUARDED:
        async with permitted(session, kind=PermitKind.ROTATE):
            await _write(session, table, keys, changes)
    else:
        await _write(session, table, keys, changes)
    return len(rows), [getattr(rows[-1], key) for key in keys]


async def left(session: AsyncSession) -> int:
    """
    How many rows the present key has not written.
    """
    held = _held(session)
    connection, count = await session.connection(), 0
    for name in PROTECTED:
        table = SQLModel.metadata.tables[name]
        query = select(func.count()).select_from(table).where(_is_stale(table, held))
        count += (await connection.execute(query)).scalar_one()
    return count


def _held(session: AsyncSession) -> Vault:
    held = vault.of(session)
    if held is None:
        raise ValueError("there is no key to write with")
    return held


def _is_stale(table: Table, held: Vault) -> Any:  # noqa: ANN401  an expression
    beginning = held.beginning
    return or_(
        *(
            and_(table.c[column] != "", func.substr(table.c[column], 1, len(beginning)) != beginning)
            for column in PROTECTED[table.name].columns
        )
    )


async def _stale(
    session: AsyncSession, table: Table, held: Vault, after: Sequence[Any] | None, limit: int
) -> Sequence[Row[Any]]:
    protected, keys = PROTECTED[table.name], list(table.primary_key)
    names = dict.fromkeys((*(key.name for key in keys), *protected.row, *protected.columns))
    query = select(*(table.c[name] for name in names)).where(_is_stale(table, held)).order_by(*keys).limit(limit)
    if after is not None:
        query = query.where(tuple_(*keys) > tuple_(*after))
    # What a turn is about to change it writes with the present key itself, and waiting for it could be mutual.
    query = query.with_for_update(skip_locked=True)
    return (await (await session.connection()).execute(query)).all()


def _rewritten(row: Row[Any], name: str, keys: Sequence[str], held: Vault) -> dict[str, Any]:
    protected = PROTECTED[name]
    of_row = tuple(getattr(row, column) for column in protected.row)
    changed: dict[str, Any] = {f"of_{key}": getattr(row, key) for key in keys}
    for column in protected.columns:
        text, place = getattr(row, column), vault.place(name, column, of_row)
        is_current = not text or text.startswith(held.beginning)
        changed[f"to_{column}"] = text if is_current else held.seal(held.open(text, place), place)
    return changed


async def _write(session: AsyncSession, table: Table, keys: Sequence[str], changes: list[dict[str, Any]]) -> None:
    columns = PROTECTED[table.name].columns
    statement = (
        update(table)
        .where(*(table.c[key] == bindparam(f"of_{key}") for key in keys))
        .values({column: bindparam(f"to_{column}") for column in columns})
    )
    await (await session.connection()).execute(statement, changes)
