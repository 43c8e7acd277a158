"""
What each chat has in focus.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.frozen import Frozen
from db.base import core
from db.base.tables import Chat
from db.base.types import UtcDateTime


class CardPosition(Frozen):
    """
    Where a chat's card is; and its date, by Telegram's own clock, if it asks something new.
    """

    chat_id: int
    message_id: int
    date: datetime | None


_MOVE = (
    update(Chat)
    .where(col(Chat.chat_id) == bindparam("chat"))
    .values(
        card_message_id=bindparam("message"),
        card_date=func.coalesce(bindparam("date", type_=UtcDateTime), col(Chat.card_date)),
    )
)


async def place_cards(session: AsyncSession, *, cards: Sequence[CardPosition]) -> None:
    """
    Say where chats' cards are.
    """
    if not cards:
        return
    await core.run(
        session, _MOVE, [{"chat": card.chat_id, "message": card.message_id, "date": card.date} for card in cards]
    )


async def card_of(session: AsyncSession, chat_id: int) -> int | None:
    """
    The message that is a chat's card.
    """
    return (await session.exec(select(Chat.card_message_id).where(Chat.chat_id == chat_id))).first()
