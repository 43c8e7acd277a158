"""
What each chat has in focus.
"""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.tables import Chat


async def of(session: AsyncSession, *, chat_ids: list[int]) -> dict[int, Chat]:
    """
    The chats with these ids that are known.
    """
    rows = await session.exec(select(Chat).where(col(Chat.chat_id).in_(chat_ids)))
    return {chat.chat_id: chat for chat in rows}
