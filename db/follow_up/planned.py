"""
The visits of recipients as they stand: worked out from the newest infusion, what was recorded of each visit and not
taken back, and the site's window.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import union_all
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.frozen import Frozen
from bot.rules.schedule import Recorded, Standing, VisitEntry, Window, last_standing, schedule, standing
from bot.rules.versions import PROTOCOLS
from db.base.tables import AT_ONCE, PENDING, Case, Decision, DecisionKind, PlannedVisit, VisitRecord
from db.cases import decisions
from db.trail import audit

TAKEN_BACK = "taken_back"
"""In the place of what was recorded of a visit: the infusion after which it was planned was entered by mistake."""

BEGINNINGS = (DecisionKind.INFUSED, DecisionKind.INFUSION_TAKEN_BACK)
"""What is decided about an infusion."""


class Infusion(Frozen):
    """
    The infusion as it was recorded last. `number` tells it from earlier recordings of it, `deviation` in what it
    deviates from the protocol.
    """

    number: int
    day: date
    deviation: tuple[str, ...] = ()


async def infusion(session: AsyncSession, *, case: Case) -> Infusion | None:
    """
    The infusion of a recipient; None where none is recorded.
    """
    newest = await decisions.last(session, Decision.case_id == case.id, col(Decision.kind).in_(BEGINNINGS))
    if newest is None or newest.about is None:
        return None
    return Infusion(newest.id, date.fromisoformat(newest.about), tuple((newest.deviation or "").split()))


def standing_of(visit: PlannedVisit) -> Standing:
    """
    How a visit stands, from its row.
    """
    kind = None if visit.kind in {None, TAKEN_BACK} else Recorded(visit.kind)
    return Standing(Window(visit.due, visit.opens, visit.closes), visit.day, kind)


async def rows(session: AsyncSession, *, case: Case) -> dict[int, PlannedVisit]:
    """
    The visits of a recipient as they stand, by month and in its order.
    """
    return {month: row for month, row in (await _rows(session, case)).items() if row.kind != TAKEN_BACK}


async def _rows(session: AsyncSession, case: Case) -> dict[int, PlannedVisit]:
    await session.flush()
    query = select(PlannedVisit).where(PlannedVisit.case_id == case.id).order_by(col(PlannedVisit.month))
    found = (await session.exec(query.execution_options(populate_existing=True))).all()
    return {row.month: row for row in found}


async def project(session: AsyncSession, *, case: Case, margin: int, now: datetime) -> list[PlannedVisit]:
    """
    Work out the visits of a recipient again, with this many days on either side of a due day. Those of an infusion that
    was taken back stay, as planned no more: a calendar has to be told.
    """
    begun, known = await infusion(session, case=case), await _rows(session, case)
    query = select(VisitRecord).where(VisitRecord.case_id == case.id).order_by(col(VisitRecord.id))
    recorded: dict[int, list[VisitRecord]] = {}
    for record in (await session.exec(query)).all():
        recorded.setdefault(record.month, []).append(record)
    if begun is None:
        planned: dict[int, dict[str, Any]] = {month: {"kind": TAKEN_BACK, "is_pending": False} for month in known}
    else:
        windows = schedule(PROTOCOLS[case.protocol].visits, begun.day, margin)
        planned = {month: _values(window, recorded.get(month, [])) for month, window in windows.items()}
    for month, values in planned.items():
        row = known.get(month)
        if row is None:
            known[month] = PlannedVisit(
                case_id=case.id, month=month, site_id=case.site_id, margin=margin, changed_at=now, **values
            )
            session.add(known[month])
            continue
        row.margin = margin
        if changed := {name: value for name, value in values.items() if getattr(row, name) != value}:
            for name, value in changed.items():
                setattr(row, name, value)
            row.sequence, row.changed_at = row.sequence + 1, now
    deviating = {record.id for records in recorded.values() for record in records if record.deviation}
    case.deviations = sum(row.record_id in deviating for row in known.values())
    case.deviations += begun is not None and bool(begun.deviation)
    case.remind_on = AT_ONCE
    await session.flush()
    return [known[month] for month in sorted(planned)] if begun else []


def _values(window: Window, records: Sequence[VisitRecord]) -> dict[str, Any]:
    entries = [
        VisitEntry(Recorded(record.kind), record.day, Window(record.due, record.opens, record.closes))
        for record in records
    ]
    stands, last = standing(window, entries), last_standing(entries)
    return {
        "due": stands.window.due,
        "opens": stands.window.opens,
        "closes": stands.window.closes,
        "day": stands.day,
        "kind": stands.kind,
        "record_id": None if last is None or stands.kind is None else records[last].id,
        "is_pending": stands.is_pending,
    }


async def _again(session: AsyncSession, followed: Sequence[Case], margin: int, now: datetime) -> int:
    if followed:
        await audit.lock(session)
    for case in followed:
        await project(session, case=case, margin=margin, now=now)
    return len(followed)


async def rebuild(session: AsyncSession, *, margin: int, now: datetime) -> int:
    """
    Work out the visits of every recipient again, and return how many recipients there are.
    """
    infused = select(Decision.case_id).where(Decision.kind == DecisionKind.INFUSED)
    found = (await session.exec(select(Case).where(col(Case.id).in_(infused)).order_by(col(Case.id)))).all()
    return await _again(session, found, margin, now)


async def refresh_margins(session: AsyncSession, *, margin: int, now: datetime) -> int:
    """
    Work out again what was planned with another window, and return how many recipients that concerned.
    """
    # Two ranges of the index; "not equal" would look at every visit.
    wider, narrower = col(PlannedVisit.margin) > margin, col(PlannedVisit.margin) < margin
    planned = union_all(*(select(PlannedVisit.case_id).where(PENDING, one) for one in (wider, narrower)))
    found = (await session.exec(select(Case).where(col(Case.id).in_(planned)).order_by(col(Case.id)))).all()
    return await _again(session, found, margin, now)
