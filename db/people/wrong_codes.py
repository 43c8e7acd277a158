"""
Codes that opened nothing. Several in a short time shut the door on a Telegram id, as follows from the rows.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.tables import PersonRole, WrongCode
from db.delivery import notices
from db.people import team
from db.trail import audit
from db.trail.audit import PROGRAM

MOST = 5
WITHIN = timedelta(hours=1)
BLOCK = timedelta(hours=24)
KEEP = timedelta(days=7)


async def is_blocked(session: AsyncSession, *, telegram_id: int, now: datetime) -> bool:
    """
    Whether codes of this Telegram id are not looked at now: less than a day ago came the fifth wrong one within less
    than an hour.
    """
    await session.flush()
    query = (
        select(WrongCode.at)
        .where(WrongCode.telegram_id == telegram_id, col(WrongCode.at) > now - BLOCK - WITHIN)
        .order_by(col(WrongCode.at))
    )
    times = (await session.exec(query)).all()
    runs = zip(times, times[MOST - 1 :], strict=False)
    return any(last - first < WITHIN and now - last < BLOCK for first, last in runs)


async def add(session: AsyncSession, *, telegram_id: int, now: datetime) -> None:
    """
    Count a wrong code, and tell the administrators if it is the one that shuts the door.
    """
    await audit.lock(session)
    session.add(WrongCode(telegram_id=telegram_id, at=now))
    if not await is_blocked(session, telegram_id=telegram_id, now=now):
        return
    await audit.record(
        session, at=now, by=PROGRAM, action="stranger.block", entity=f"telegram {telegram_id}", new=f"{BLOCK}"
    )
    for person in await team.holders(session, roles=frozenset({PersonRole.ADMINISTRATOR})):
        notices.add(session, person_id=person.id, key="notice.blocked", now=now, telegram_id=telegram_id)


async def forget(session: AsyncSession, *, now: datetime) -> None:
    """
    Drop those that no longer matter.
    """
    await session.exec(delete(WrongCode).where(col(WrongCode.at) < now - KEEP))
