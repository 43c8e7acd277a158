"""
The sites, and what each has set for itself: its name, its clock, and when its people may be reminded.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.tables import AT_ONCE, Case, Site
from db.trail import audit
from db.trail.audit import Actor


async def sites_within(session: AsyncSession, *, sites: Collection[int] | None) -> Sequence[Site]:
    """
    These sites (None: all), by number.
    """
    query = select(Site).order_by(col(Site.number))
    if sites is not None:
        query = query.where(col(Site.id).in_(sites))
    return (await session.exec(query)).all()


async def open_site(session: AsyncSession, *, name: str, time_zone: str, by: Actor, now: datetime) -> Site:
    """
    Add a site under the next number.
    """
    await audit.lock(session)
    numbers = (await session.exec(select(Site.number))).all()
    site = Site(number=max(numbers, default=0) + 1, name=name, time_zone=time_zone)
    session.add(site)
    await session.flush()
    entity = f"site {site.number:02d}"
    await audit.record(session, at=now, by=by, action="site.open", entity=entity, site=site.id, new=name)
    return site


async def change(session: AsyncSession, *, site: Site, values: dict[str, str], by: Actor, now: datetime) -> list[str]:
    """
    Set columns of a site, and return the names of those that were different.
    """
    await audit.lock(session)
    await session.refresh(site)
    changed = [name for name, value in values.items() if getattr(site, name) != value]
    for name in changed:
        await audit.record(
            session,
            at=now,
            by=by,
            action="site.change",
            entity=f"site {site.number:02d}",
            site=site.id,
            field=name,
            old=getattr(site, name),
            new=values[name],
        )
        setattr(site, name, values[name])
    if "time_zone" in changed:
        # Days begin at other times now, those from which a wait is counted included.
        await session.exec(update(Case).where(col(Case.site_id) == site.id).values(remind_on=AT_ONCE))
    return changed
