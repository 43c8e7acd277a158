"""
A part of the audit trail: the entries about a case, by a person, of a day, or all.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.tables import AuditEntry


async def excerpt(
    session: AsyncSession,
    *,
    sites: Collection[int] | None = None,
    entity: str | None = None,
    person_id: int | None = None,
    since: datetime | None = None,
    before: datetime | None = None,
) -> Sequence[AuditEntry]:
    """
    The entries to which all that is said applies, the oldest first. `since` is in, `before` is not; None for any site
    includes the entries of no site.
    """
    query = select(AuditEntry).order_by(col(AuditEntry.sequence))
    if sites is not None:
        query = query.where(col(AuditEntry.site).in_(sites))
    if entity is not None:
        query = query.where(AuditEntry.entity == entity)
    if person_id is not None:
        query = query.where(AuditEntry.actor == person_id)
    if since is not None:
        query = query.where(AuditEntry.at >= since)
    if before is not None:
        query = query.where(AuditEntry.at < before)
    return (await session.exec(query)).all()
