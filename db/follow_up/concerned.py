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
) -> int:
    """
    Tell whoever holds one of these roles at the site of a case, but not the one who did it. How many these are.
    """
    staff = await staff_of(session, site_id=case.site_id)
    concerned = sorted({person_id for role in roles for person_id in staff.with_role(role)} - {but})
    for person_id in concerned:
        notices.add(session, person_id=person_id, key=key, now=now, code=case.code, case=case.id, **about)
    return len(concerned)
