"""
How fast Telegram lets the bot speak: so many messages a second in all, one a second in a chat, and none in a chat that
it wants left alone. All replicas keep to it together.
"""

from collections.abc import Collection

from sqlalchemy import Table, bindparam, delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.frozen import Frozen
from db.base import core
from db.base.clock import seconds_now
from db.base.tables import Pace

EVERYBODY = 0
"""In the place of a chat: what holds for all of them. No chat has this id."""

BETWEEN_MESSAGES = 1 / 28
"""Seconds. Telegram allows 30 messages a second; some are longer on their way than others, and so arrive closer."""

BETWEEN_MESSAGES_IN_A_CHAT = 1.05
"""Seconds. Telegram allows one a second."""

_PACES: Table = Pace.__table__  # type: ignore[attr-defined]  # every mapped class has one

# Where a row is there already nothing is changed in it: but it is locked, everybody's first, and does not go meanwhile.
_LOCK = core.ForEach(
    lambda dialect: dialect.insert(_PACES).on_conflict_do_update(
        index_elements=["chat_id"], set_={"next_at": _PACES.c.next_at}
    )
)


class Grant(Frozen):
    """
    Whether a message may be sent, `wait` seconds from now; if not, how long to wait before asking again.
    """

    is_given: bool
    wait: float


async def ask(session: AsyncSession, *, chat_id: int) -> Grant:
    """
    Ask to send one message in a chat. What is given counts as sent.
    """
    await core.run(
        session, _LOCK, [{"chat_id": one, "next_at": 0.0, "alone_until": 0.0} for one in (EVERYBODY, chat_id)]
    )
    query = select(Pace).where(col(Pace.chat_id).in_((EVERYBODY, chat_id)))
    found = {pace.chat_id: pace for pace in await session.exec(query)}
    everybody, chat = found[EVERYBODY], found[chat_id]
    # After the rows are there: whoever held them may have taken a while.
    now = (await session.exec(select(seconds_now()))).one()
    ready = max(chat.next_at, chat.alone_until)
    if ready > now:
        return Grant(is_given=False, wait=ready - now)
    at = max(everybody.next_at, now)
    everybody.next_at = at + BETWEEN_MESSAGES
    chat.next_at = at + BETWEEN_MESSAGES_IN_A_CHAT
    return Grant(is_given=True, wait=at - now)


async def leave_alone(session: AsyncSession, *, chat_id: int, seconds: float) -> None:
    """
    Telegram wants a chat left alone for so long from now.
    """
    await core.run(session, _LOCK, {"chat_id": chat_id, "next_at": 0.0, "alone_until": 0.0})
    until = seconds_now() + seconds
    shorter = update(Pace).where(col(Pace.chat_id) == chat_id, col(Pace.alone_until) < until)
    await session.exec(shorter.values(alone_until=until))


async def forget(session: AsyncSession, *, seconds: float) -> None:
    """
    Drop the chats in which nothing was sent for so long.
    """
    until = seconds_now() - seconds
    old = select(Pace.chat_id).where(col(Pace.next_at) < until, col(Pace.alone_until) < until)
    # In the order in which whoever asks locks them.
    old = old.order_by(col(Pace.chat_id)).with_for_update()
    await session.exec(delete(Pace).where(col(Pace.chat_id).in_(old)))


LEFT_ALONE = select(_PACES.c.chat_id).where(_PACES.c.alone_until > seconds_now())
"""The chats that Telegram wants left alone now."""

# On the table itself: every turn asks.
_OF_THESE = LEFT_ALONE.where(_PACES.c.chat_id.in_(bindparam("chats", expanding=True)))


async def left_alone(session: AsyncSession, *, chat_ids: Collection[int]) -> set[int]:
    """
    Those of these chats that Telegram wants left alone now.
    """
    return set((await core.run(session, _OF_THESE, {"chats": list(chat_ids)})).scalars())
