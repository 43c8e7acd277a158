"""
What waits to be done.
"""

from datetime import datetime

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.frozen import Frozen
from db.base.tables import (
    UNSENT,
    UNSHOWN,
    UNTOLD,
    InboxUpdate,
    Notice,
    Reminder,
    UpdateState,
)


class Backlog(Frozen):
    """
    Updates received and not worked yet, with the age of the oldest in seconds; notices and reminders not sent yet, and
    notices set aside because they could not be sent.
    """

    waiting: int
    oldest: float
    notices: int
    reminders: int
    set_aside: int


async def look(session: AsyncSession, *, now: datetime) -> Backlog:
    """
    Count, what waits by the indexes over these few rows.
    """
    waiting = select(func.count(), func.min(InboxUpdate.received_at)).where(
        UNSHOWN, InboxUpdate.state == UpdateState.RECEIVED
    )
    number, oldest = (await session.exec(waiting)).one()
    return Backlog(
        number,
        max(0.0, (now - oldest).total_seconds()) if number else 0.0,
        (await session.exec(select(func.count()).select_from(Notice).where(UNSENT))).one(),
        (await session.exec(select(func.count()).select_from(Reminder).where(UNTOLD))).one(),
        (await session.exec(select(func.count()).where(col(Notice.set_aside_at).is_not(None)))).one(),
    )
