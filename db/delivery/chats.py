"""
What each chat has in focus.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.tables import Chat
from db.base.types import UtcDateTime


@dataclass(frozen=True)
class Place:
    """
    Where a chat's card is; and since when, if it asks something new.
    """

    chat_id: int
    message_id: int
    at: datetime | None


_PLACE = (
    update(Chat)
    .where(col(Chat.chat_id) == bindparam("chat"))
    .values(
        card_message_id=bindparam("message"),
        card_shown_at=func.coalesce(bindparam("shown_at", type_=UtcDateTime), col(Chat.card_shown_at)),
    )
)


async def place_cards(session: AsyncSession, *, places: Sequence[Place]) -> None:
    """
    Say where chats' cards are.
    """
    if not places:
        return
    connection = await session.connection()
    await connection.execute(
        _PLACE, [{"chat": place.chat_id, "message": place.message_id, "shown_at": place.at} for place in places]
    )


async def card_of(session: AsyncSession, chat_id: int) -> int | None:
    """
    The message that is a chat's card.
    """
    return (await session.exec(select(Chat.card_message_id).where(Chat.chat_id == chat_id))).first()
