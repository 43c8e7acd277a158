"""
What is kept beside a case for lists, brought up to date.
"""

from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.tables import Case
from db.cases import cases, records
from db.trail import audit


async def refresh_due(session: AsyncSession, *, now: datetime) -> int:
    """
    Assess again the cases that time alone has changed, and return how many there were.
    """
    await audit.alone(session)
    count = 0
    # The day begins at some sites before it does in UTC.
    for case in await cases.due_for_recheck(session, on=(now + timedelta(days=1)).date()):
        record = await records.load(session, case=case, now=now)
        if case.recheck_on is not None and case.recheck_on <= record.as_of:
            records.project(record)
            count += 1
    return count


async def rebuild(session: AsyncSession, *, now: datetime) -> int:
    """
    Assess every case again, and return how many there are.
    """
    await audit.alone(session)
    found = (await session.exec(select(Case).order_by(col(Case.id)))).all()
    for case in found:
        records.project(await records.load(session, case=case, now=now))
    return len(found)
