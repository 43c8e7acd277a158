"""
Results that grow old: after how many days, if at all, is a site's own setting, by examination. The protocol is silent
about it, so that no verdict changes by it.
"""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.tables import Answer, Case, Examination, Site
from db.cases import projections, records
from db.people import sites
from db.trail.audit import Actor


async def set_old_after(
    session: AsyncSession, *, site: Site, days: Mapping[Examination, int], by: Actor, now: datetime
) -> bool:
    """
    Say after how many days results of a site are old, and return whether that was different; those of examinations
    that are not named never are. Raises ValueError for days that are none.
    """
    if any(number < 1 for number in days.values()):
        raise ValueError("a result is not old on its own day")
    text = json.dumps({str(name): number for name, number in sorted(days.items())})
    if not await sites.change(session, site=site, values={"old_after": text}, by=by, now=now):
        return False
    dated = select(Answer.case_id).where(col(Answer.examined_by).is_not(None))
    for case in (await session.exec(select(Case).where(Case.site_id == site.id, col(Case.id).in_(dated)))).all():
        await projections.write(session, record=await records.load(session, case=case, now=now))
    return True
