"""
The audit trail for an inspector: a part of it, and whether all of it is as it was written.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.frozen import Frozen
from db.base.tables import AuditEntry
from db.trail.anchors import Anchor
from db.trail.audit import AuditBrokenError
from db.trail.excerpt import excerpt
from db.upkeep import facts
from db.upkeep.case_told import FactsBrokenError


class Trail(Frozen):
    """
    Entries, the oldest first. `checked` is how many the whole trail has; `problem` says what is wrong with it, if
    anything is; `anchor` is the last one that it was checked against.
    """

    entries: tuple[AuditEntry, ...]
    checked: int
    problem: str | None
    anchor: Anchor | None


async def read_trail(
    session: AsyncSession,
    *,
    key: bytes,
    anchors: Sequence[Anchor],
    zone: ZoneInfo,
    sites: Collection[int] | None = None,
    code: str | None = None,
    person: int | None = None,
    day: date | None = None,
) -> Trail:
    """
    Check every seal, and every fact against the trail; and read the entries about a case, by a person, of a day on the
    clock of `zone`, at these sites: whatever is said.
    """
    checked, problem = 0, None
    try:
        checked = await facts.verify(session, key=key, anchors=anchors)
    except (AuditBrokenError, FactsBrokenError) as error:
        problem = str(error)
    since = datetime.combine(day, time(), zone) if day else None
    before = datetime.combine(day + timedelta(days=1), time(), zone) if day else None
    entries = await excerpt(session, sites=sites, entity=code, person_id=person, since=since, before=before)
    session.expunge_all()  # its rows outlive the session
    return Trail(tuple(entries), checked, problem, anchors[-1] if anchors else None)
