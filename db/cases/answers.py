"""
The one way to add an answer: with all that follows from it, for the case, for its partners and for what was decided.
"""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.tables import Case, Source
from db.cases import decisions, records
from db.cases.records import Record
from db.trail.audit import Actor


async def add(
    session: AsyncSession,
    *,
    record: Record,
    item: str,
    raw: object,
    person_id: int,
    by: Actor,
    now: datetime,
    source: Source = Source.ASKED,
    reason: str | None = None,
) -> Record:
    """
    As `records.append`; linked cases are assessed again, and sign-offs that rested on other answers are voided.
    """
    after = await records.append(
        session,
        record=record,
        item=item,
        raw=raw,
        person_id=person_id,
        by=by,
        now=now,
        source=source,
        reason=reason,
    )
    await follow(session, case=after.case, now=now)
    return after


async def follow(session: AsyncSession, *, case: Case, now: datetime) -> None:
    """
    See to what follows from a change of a case: its own sign-off, and its partners.
    """
    await decisions.review(session, case=case, now=now)
    for partner in await records.linked_cases(session, case=case):
        records.project(await records.load(session, case=partner, now=now))
        await decisions.review(session, case=partner, now=now)
