"""
The inbox: what Telegram handed over, from before it is confirmed until its reply has been shown.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Table, bindparam, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db import vault
from db.tables import UNSHOWN, InboxUpdate, UpdateState

# Built once, and on the table itself: every update asks for these.

_INBOX: Table = InboxUpdate.__table__  # type: ignore[attr-defined]  # every mapped class has one

_RECEIVE = {
    dialect.__name__.rpartition(".")[2]: dialect.insert(_INBOX).on_conflict_do_nothing()
    for dialect in (sqlite, postgresql)
}

_CLAIM = (
    update(_INBOX)
    .where(_INBOX.c.update_id.in_(bindparam("ids", expanding=True)), _INBOX.c.state == UpdateState.RECEIVED)
    .values(state=UpdateState.DONE, payload="")
    .returning(_INBOX.c.update_id)
)


async def receive(session: AsyncSession, *, updates: Sequence[InboxUpdate]) -> None:
    """
    Add the updates that are not there yet; Telegram hands some over twice.
    """
    connection = await session.connection()
    rows = [row.model_dump() for row in updates]
    held = vault.of(session)
    if held is not None:
        for row in rows:
            row["payload"] = held.seal(row["payload"], vault.place("inbox", "payload", (row["update_id"],)))
    await connection.execute(_RECEIVE[connection.dialect.name], rows)


async def claim(session: AsyncSession, *, update_ids: Sequence[int]) -> set[int]:
    """
    Mark updates done, in the transaction of their effects, and return those that nobody has done yet.

    The payload goes with that: it holds what a person typed.
    """
    connection = await session.connection()
    return set((await connection.execute(_CLAIM, {"ids": update_ids})).scalars())


async def mark_shown(session: AsyncSession, *, update_ids: Sequence[int]) -> None:
    """
    The replies to these updates have been shown. One that was set aside stays so.
    """
    await session.exec(
        update(InboxUpdate)
        .where(col(InboxUpdate.update_id).in_(update_ids), col(InboxUpdate.state) == UpdateState.DONE)
        .values(state=UpdateState.SHOWN)
    )


async def set_aside(session: AsyncSession, *, update_id: int, reference: str) -> None:
    """
    Set an update aside that cannot be worked, with the reference that finds its log line.
    """
    await session.exec(
        update(InboxUpdate)
        .where(col(InboxUpdate.update_id) == update_id)
        .values(state=UpdateState.SET_ASIDE, reference=reference)
    )


async def in_state(session: AsyncSession, *, state: UpdateState) -> Sequence[InboxUpdate]:
    """
    The updates in this state, in Telegram's order.
    """
    query = select(InboxUpdate).where(UNSHOWN, InboxUpdate.state == state).order_by(col(InboxUpdate.update_id))
    return (await session.exec(query)).all()


async def unshown(session: AsyncSession, *, update_ids: Sequence[int]) -> Sequence[InboxUpdate]:
    """
    Those of these updates that are done but not known to be shown.
    """
    query = select(InboxUpdate).where(col(InboxUpdate.update_id).in_(update_ids), InboxUpdate.state == UpdateState.DONE)
    return (await session.exec(query)).all()


async def forget_before(session: AsyncSession, *, day: datetime) -> None:
    """
    Drop what was shown before this time. Telegram hands nothing over again after a day.
    """
    await session.exec(
        delete(InboxUpdate).where(col(InboxUpdate.state) == UpdateState.SHOWN, col(InboxUpdate.received_at) < day)
    )
