"""
What leaves the database as a document leaves an entry in the trail: which kind, about what, for whom, and its hash.
"""

import hashlib
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from db.trail import audit
from db.trail.audit import Actor

EVERYTHING = "trial"
"""What a document is about that is about no case and no site alone."""


async def hand_over(
    session: AsyncSession, *, kind: str, about: str | None, site: int | None, content: bytes, by: Actor, now: datetime
) -> None:
    """
    Write down that a document was handed over. `about` is a case's code or a site; None for all.
    """
    await audit.record(
        session,
        at=now,
        by=by,
        action=f"document.{kind}",
        entity=about or EVERYTHING,
        site=site,
        new=f"sha256 {hashlib.sha256(content).hexdigest()}",
    )
