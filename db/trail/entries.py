"""
Entries of the audit trail about a case or a person. What is `said` is as in `audit.record`: field, old, new, reason.
"""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.tables import Case
from db.trail import audit
from db.trail.audit import Actor


async def about_case(
    session: AsyncSession, case: Case, action: str, *, at: datetime, by: Actor, **said: str | None
) -> None:
    """
    Add an entry about a case, at its site.
    """
    await audit.record(session, at=at, by=by, action=action, entity=case.code, site=case.site_id, **said)


async def about_person(
    session: AsyncSession,
    person_id: int,
    action: str,
    *,
    at: datetime,
    by: Actor,
    site: int | None,
    **said: str | None,
) -> None:
    """
    Add an entry about a person, at a site if one is meant.
    """
    await audit.record(session, at=at, by=by, action=action, entity=f"person {person_id}", site=site, **said)
