"""
Entries of the audit trail about a case.
"""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.tables import Case
from db.trail import audit
from db.trail.audit import Actor


async def add(session: AsyncSession, case: Case, action: str, *, at: datetime, by: Actor, **said: str | None) -> None:
    """
    Add an entry about a case, at its site. What is `said` is as in `audit.record`: field, old, new, reason, more.
    """
    await audit.record(session, at=at, by=by, action=action, entity=case.code, site=case.site_id, **said)
