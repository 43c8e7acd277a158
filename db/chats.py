"""
What each chat has in focus.
"""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.tables import Chat


async def of(session: AsyncSession, *, chat_ids: list[int]) -> dict[int, Chat]:
    """
    The chats with these ids that are known.
    """
    rows = await session.exec(select(Chat).where(col(Chat.chat_id).in_(chat_ids)))
    return {chat.chat_id: chat for chat in rows}


async def place_card(session: AsyncSession, *, chat_id: int, message_id: int, at: datetime | None) -> None:
    """
    Say where a chat's card is, and since when; the time at which a question was first shown stays.
    """
    shown_at = col(Chat.card_shown_at)
    await session.exec(
        update(Chat)
        .where(col(Chat.chat_id) == chat_id)
        .values(card_message_id=message_id, card_shown_at=shown_at if at is None else func.coalesce(shown_at, at))
    )
