"""
What is kept beside a case for lists, brought up to date.
"""

from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db import cases, records
from db.tables import Case


async def refresh_due(session: AsyncSession, *, now: datetime) -> int:
    """
    Assess again the cases that time alone has changed, and return how many there were.
    """
    # The day begins at some site before it does in UTC; a case assessed a day early stays due.
    due = await cases.due_for_recheck(session, on=(now + timedelta(days=1)).date())
    for case in due:
        records.project(await records.load(session, case=case, now=now))
    return len(due)


async def rebuild(session: AsyncSession, *, now: datetime) -> int:
    """
    Assess every case again, and return how many there are.
    """
    found = (await session.exec(select(Case).order_by(col(Case.id)))).all()
    for case in found:
        records.project(await records.load(session, case=case, now=now))
    return len(found)
