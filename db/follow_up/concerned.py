"""
What the people of a site are told at once, because it concerns their work on a case.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.tables import Case, PersonRole
from db.delivery import notices
from db.follow_up.staff import staff_of


async def tell(
    session: AsyncSession,
    *,
    case: Case,
    roles: Collection[PersonRole],
    but: int | None,
    key: str,
    now: datetime,
    **about: Any,  # noqa: ANN401  JSON
) -> None:
    """
    Tell whoever holds one of these roles at the site of a case, but not the one who did it.
    """
    staff = await staff_of(session, site_id=case.site_id)
    concerned = {person_id for role in roles for person_id in staff.with_role(role)}
    for person_id in sorted(concerned - {but}):
        notices.add(session, person_id=person_id, key=key, now=now, code=case.code, case=case.id, **about)
