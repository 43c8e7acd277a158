"""
Whether the facts are as the audit trail tells: every row that is only ever added, every link, and each case's stage.

The trail's seals show what was changed in the trail. What was added, changed or taken away beside it, by somebody who
took the guards off the tables, shows here: case by case, what its entries tell is laid beside the rows it has.
"""

from collections.abc import AsyncIterator, Iterable, Sequence

from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.tables import Answer, AuditEntry, Case, Decision, Link, LogLine, VisitRecord
from db.trail import audit
from db.trail.anchors import Anchor
from db.trail.audit import PURGED
from db.upkeep import purge
from db.upkeep.case_rows import CaseRows, check_case, rows_of
from db.upkeep.case_told import CaseTold, FactsBrokenError

_TOGETHER = 50
"""So many cases are in memory at once."""


_OF_CASES: tuple[tuple[type[SQLModel], str], ...] = (
    (Answer, "case_id"),
    (Decision, "case_id"),
    (Decision, "partner_id"),
    (VisitRecord, "case_id"),
    (Link, "recipient_id"),
    (Link, "donor_id"),
)
"""The columns that name a case."""


async def verify(session: AsyncSession, *, key: bytes, anchors: Sequence[Anchor] = ()) -> int:
    """
    Check the trail, as `audit.verify` does, and then every fact against it; the number of entries. Raises
    AuditBrokenError and FactsBrokenError.
    """
    count = await audit.verify(session, key=key, anchors=anchors)
    await _check_presence(session)
    await _check_log(session)
    async for cases in _cases(session):
        await _check_cases(session, cases)
        session.expunge_all()
    return count


async def _check_presence(session: AsyncSession) -> None:
    """
    See that every case that was opened is there or was purged, and no fact without its case.
    """
    codes, ids = select(Case.code), select(Case.id)
    purged = select(AuditEntry.entity).where(AuditEntry.action == PURGED)
    gone = select(AuditEntry.sequence).where(
        AuditEntry.action == "case.open",
        col(AuditEntry.entity).not_in(codes),
        col(AuditEntry.entity).not_in(purged),
    )
    sequence = (await session.exec(gone.order_by(col(AuditEntry.sequence)).limit(1))).first()
    if sequence is not None:
        raise FactsBrokenError(f"cases: the one that entry {sequence} tells of is missing")
    for table, name in _OF_CASES:
        case_id = col(getattr(table, name))
        found = (await session.exec(select(case_id).where(case_id.is_not(None), case_id.not_in(ids)).limit(1))).first()
        if found is not None:
            raise FactsBrokenError(f"{table.__tablename__}: there is no case {found}")


async def _check_log(session: AsyncSession) -> None:
    """
    See that the screening log has the line of each case that was purged as the trail tells it, and no other.
    """
    lines = {line.code: line for line in (await session.exec(select(LogLine))).all()}
    purged = select(AuditEntry).where(AuditEntry.action == PURGED).order_by(col(AuditEntry.sequence))
    entries = {entry.entity: entry for entry in (await session.exec(purged)).all()}
    for code, line in sorted(lines.items()):
        told = entries.pop(code, None)
        if (
            told is None
            or (told.site, told.at) != (line.site_id, line.purged_at)
            or told.new not in {None, purge.content(line)}  # an earlier version did not tell of it
        ):
            raise FactsBrokenError(f"screening_log {code}: is not as the trail tells")
    for missing in entries.values():
        raise FactsBrokenError(f"screening_log: the line that entry {missing.sequence} tells of is missing")


async def _cases(session: AsyncSession) -> AsyncIterator[Sequence[Case]]:
    last = None
    while True:
        query = select(Case).order_by(col(Case.id)).limit(_TOGETHER)
        cases = (await session.exec(query if last is None else query.where(col(Case.id) > last))).all()
        if cases:
            last = cases[-1].id
            yield cases
        if len(cases) < _TOGETHER:
            return


async def _check_cases(session: AsyncSession, cases: Sequence[Case]) -> None:
    told = {case.code: CaseTold() for case in cases}
    entries = select(AuditEntry).where(col(AuditEntry.entity).in_(told)).order_by(col(AuditEntry.sequence))
    for entry in (await session.exec(entries)).all():
        told[entry.entity].add(entry)
    rows = await rows_of(session, cases)
    codes, purged = await _partners(session, rows, told.values())
    for case in cases:
        check_case(case, told[case.code], rows[case.id], codes, purged)


async def _partners(
    session: AsyncSession, rows: dict[int, CaseRows], told: Iterable[CaseTold]
) -> tuple[dict[int, str], set[str]]:
    """
    The codes of the cases to which these are or were linked, and of those that were purged, with which the link went.
    """
    ids = {one for found in rows.values() for link in found.links for one in (link.recipient_id, link.donor_id)}
    codes = dict((await session.exec(select(Case.id, Case.code).where(col(Case.id).in_(ids)))).all())
    named = {link.partner for one in told for link in one.links}
    purged = select(AuditEntry.entity).where(AuditEntry.action == PURGED, col(AuditEntry.entity).in_(named))
    return codes, set((await session.exec(purged)).all())
