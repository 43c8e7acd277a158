"""
The inbox: what Telegram handed over, from before it is confirmed until its reply has been shown.
"""

import json
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import BigInteger, Boolean, String, Table, bindparam, delete, func, text, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.frozen import Frozen
from db.base import core, vault
from db.base.tables import UNSHOWN, InboxUpdate, UpdateState
from db.base.types import UtcDateTime

# Built once, and on the table itself: every update asks for these.

_INBOX: Table = InboxUpdate.__table__  # type: ignore[attr-defined]  # every mapped class has one

_RECEIVE = core.ForEach(lambda dialect: dialect.insert(_INBOX).on_conflict_do_nothing())

_CLAIM = (
    update(_INBOX)
    .where(_INBOX.c.update_id.in_(bindparam("ids", expanding=True)), _INBOX.c.state == UpdateState.RECEIVED)
    .values(state=UpdateState.DONE, payload="")
)

_SHOW = (
    update(_INBOX)
    .where(_INBOX.c.update_id.in_(bindparam("ids", expanding=True)), _INBOX.c.state == UpdateState.DONE)
    .values(state=UpdateState.SHOWN)
)

_CHATS = {
    "sqlite": "json_each(:chats)",
    "postgresql": "(SELECT value::bigint FROM json_array_elements_text(CAST(:chats AS json))) AS chats",
}

_NEXT = {
    dialect: text(
        # Whether it was shown is asked for as well: that is what the index holds.
        f"""
        SELECT update_id, chat_id, payload, received_at, EXISTS (
            SELECT 1 FROM inbox AS later WHERE later.chat_id = inbox.chat_id AND later.update_id > inbox.update_id
            AND later.state != 'shown' AND later.state = 'received'
        ) AS has_more
        FROM inbox WHERE update_id IN (
            SELECT (
                SELECT update_id FROM inbox AS first WHERE first.chat_id = value
                AND first.state != 'shown' AND first.state = 'received' ORDER BY update_id LIMIT 1
            ) FROM {chats}
        )
        """  # noqa: S608  names of this file
    ).columns(update_id=BigInteger, chat_id=BigInteger, payload=String, received_at=UtcDateTime, has_more=Boolean)
    for dialect, chats in _CHATS.items()
}


class Next(Frozen):
    """
    The update whose turn it is in a chat, its payload as it is stored, and whether others wait behind it.
    """

    update_id: int
    chat_id: int
    payload: str
    received_at: datetime
    has_more: bool


async def receive(session: AsyncSession, *, updates: Sequence[InboxUpdate]) -> None:
    """
    Add the updates that are not there yet; Telegram hands some over twice.
    """
    await core.run(session, _RECEIVE, [vault.sealed(session, "inbox", row.model_dump()) for row in updates])


async def claim(session: AsyncSession, *, chat_ids: Collection[int]) -> list[Next]:
    """
    The next update of each of these chats that has one, oldest first, marked done in the transaction of its effect.
    Whoever claims must be the only one who works these chats.

    The payload goes with that: it holds what a person typed.
    """
    found = await core.run(session, _NEXT, {"chats": json.dumps(list(chat_ids))})
    claimed = [Next(*row) for row in sorted(found)]
    if claimed:
        await core.run(session, _CLAIM, {"ids": [one.update_id for one in claimed]})
    return claimed


def opened(session: AsyncSession, found: Next) -> str:
    """
    The payload as Telegram wrote it. Raises VaultError.
    """
    held = vault.of(session)
    return held.open(found.payload, vault.place("inbox", "payload", (found.update_id,))) if held else found.payload


async def mark_shown(session: AsyncSession, *, update_ids: Sequence[int]) -> None:
    """
    The replies to these updates have been shown. One that was set aside stays so.
    """
    await core.run(session, _SHOW, {"ids": list(update_ids)})


async def show_again(session: AsyncSession, *, chat_ids: Collection[int]) -> None:
    """
    What these chats show may be out of date: the reply to the last update of each is to be shown once more.
    """
    if chat_ids:
        last = select(func.max(InboxUpdate.update_id)).where(
            col(InboxUpdate.chat_id).in_(chat_ids), col(InboxUpdate.state) == UpdateState.SHOWN
        )
        newest = last.group_by(col(InboxUpdate.chat_id))
        await session.exec(
            update(InboxUpdate).where(col(InboxUpdate.update_id).in_(newest)).values(state=UpdateState.DONE)
        )


async def set_aside(session: AsyncSession, *, update_id: int, reference: str) -> None:
    """
    Set an update aside that cannot be worked, with the reference that finds its log line.
    """
    await session.exec(
        update(InboxUpdate)
        .where(col(InboxUpdate.update_id) == update_id, col(InboxUpdate.state) == UpdateState.RECEIVED)
        .values(state=UpdateState.SET_ASIDE, reference=reference)
    )


async def waiting_chats(session: AsyncSession) -> Sequence[int]:
    """
    The chats with updates to be worked, the one whose turn is the oldest first.
    """
    query = select(InboxUpdate.chat_id).where(UNSHOWN, InboxUpdate.state == UpdateState.RECEIVED)
    return (
        await session.exec(query.group_by(col(InboxUpdate.chat_id)).order_by(func.min(InboxUpdate.update_id)))
    ).all()


async def unshown(session: AsyncSession, *, chat_ids: Collection[int] | None = None) -> Sequence[InboxUpdate]:
    """
    The updates that are done but not known to be shown, of these chats or of all, oldest first.
    """
    query = select(InboxUpdate).where(UNSHOWN, InboxUpdate.state == UpdateState.DONE)
    if chat_ids is not None:
        query = query.where(col(InboxUpdate.chat_id).in_(chat_ids))
    return (await session.exec(query.order_by(col(InboxUpdate.update_id)))).all()


async def is_known(session: AsyncSession, *, update_id: int) -> bool:
    """
    Whether an update is there, whatever has become of it.
    """
    return await session.get(InboxUpdate, update_id) is not None


async def forget_before(session: AsyncSession, *, day: datetime) -> None:
    """
    Drop what was shown before this time. Telegram hands nothing over again after a day.
    """
    await session.exec(
        delete(InboxUpdate).where(col(InboxUpdate.state) == UpdateState.SHOWN, col(InboxUpdate.received_at) < day)
    )
