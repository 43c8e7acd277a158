"""
The follow-up of a recipient: the infusion, and what is recorded of each visit. Both are only ever added.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.schedule import Recorded, Standing
from db.base.tables import (
    ENDED,
    Case,
    Decision,
    DecisionKind,
    PlannedVisit,
    VisitRecord,
)
from db.cases import decisions
from db.cases.records import Record
from db.follow_up import planned
from db.follow_up.planned import Infusion
from db.trail import audit
from db.trail.audit import Actor


class ChangedError(Exception):
    """
    Somebody else was faster: the follow-up is no longer as it was when it was shown. Nothing is changed.
    """


class DayRefusedError(ValueError):
    """
    A day that cannot be. `problem` is "future", "before_infusion", "outside_window", "past", "same", or "done_before":
    the visit of `month` was done on `day`, before the infusion would have taken place.
    """

    def __init__(self, problem: str, *, day: date | None = None, month: int | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.day = day
        self.month = month


@dataclass(frozen=True)
class Move:
    """
    A visit that was planned for one day and now is for another.
    """

    month: int
    old: date
    new: date


@dataclass(frozen=True)
class Followed:
    """
    A visit as it stands, with the record that holds.
    """

    visit: PlannedVisit
    record: VisitRecord | None

    @property
    def standing(self) -> Standing:
        """
        The same for the rules.
        """
        return planned.standing_of(self.visit)


async def included_on(session: AsyncSession, *, record: Record) -> date | None:
    """
    The day, at the site, on which the inclusion was decided; None where that is not recorded.
    """
    await session.flush()
    query = select(Decision.at).where(
        or_(Decision.case_id == record.case.id, Decision.partner_id == record.case.id),
        Decision.kind == DecisionKind.INCLUDED,
    )
    at = (await session.exec(query.order_by(col(Decision.id).desc()).limit(1))).first()
    return None if at is None else record.local_day(at)


async def infuse(
    session: AsyncSession,
    *,
    record: Record,
    day: date,
    expected: int,
    margin: int,
    by: Actor,
    now: datetime,
    reason: str | None = None,
) -> list[Move]:
    """
    Store the day of the infusion, with which the follow-up begins; or store another one, and move what is not done yet.
    The moves, in the order of the visits; none for a first infusion.

    `expected` is the number of the infusion that stood when this was decided, 0 for none. `margin` is the days on
    either side of a due day. Raises ChangedError and DayRefusedError.
    """
    case = record.case
    await _hold(session, case)
    before = await planned.infusion(session, case=case)
    if (before.number if before else 0) != expected:
        raise ChangedError
    visits = await planned.rows(session, case=case)
    _check_infusion(record, day, before, visits.values())
    session.add(
        Decision(
            case_id=case.id,
            kind=DecisionKind.INFUSED,
            about=day.isoformat(),
            reason=reason,
            protocol=case.protocol,
            digest=decisions.digest_of([record]),
            person_id=by.person_id,
            role=by.role,
            at=now,
        )
    )
    await audit.record(
        session,
        at=now,
        by=by,
        action="decision.infused",
        entity=case.code,
        site=case.site_id,
        field="infusion",
        old=before.day.isoformat() if before else None,
        new=day.isoformat(),
        reason=reason,
    )
    case.touched_at = now
    old = {month: visit.day for month, visit in visits.items()}
    after = await planned.project(session, case=case, margin=margin, now=now)
    pairs = [(visit.month, old.get(visit.month), visit.day) for visit in after if visit.is_pending]
    return [Move(month, was, new) for month, was, new in pairs if was not in {None, new}]


def _check_infusion(record: Record, day: date, before: Infusion | None, visits: Iterable[PlannedVisit]) -> None:
    if day > record.as_of:
        raise DayRefusedError("future")
    if before is not None and before.day == day:
        raise DayRefusedError("same")
    for visit in visits:
        if visit.kind == Recorded.DONE and visit.day < day:
            raise DayRefusedError("done_before", day=visit.day, month=visit.month)


async def check_infusion(session: AsyncSession, *, record: Record, day: date) -> None:
    """
    Raises DayRefusedError for a day on which the infusion cannot have taken place.
    """
    visits = await planned.rows(session, case=record.case)
    _check_infusion(record, day, await planned.infusion(session, case=record.case), visits.values())


def check_day(record: Record, visit: PlannedVisit, kind: Recorded, day: date, infused_on: date) -> None:
    """
    Raises DayRefusedError for a day on which a visit cannot have been done, or to which it cannot be moved.
    """
    if kind is Recorded.DONE and day > record.as_of:
        raise DayRefusedError("future")
    if kind is Recorded.DONE and day < infused_on:
        raise DayRefusedError("before_infusion", day=infused_on)
    if kind is Recorded.RESCHEDULED and not visit.opens <= day <= visit.closes:
        raise DayRefusedError("outside_window")
    if kind is Recorded.RESCHEDULED and day < record.as_of:
        raise DayRefusedError("past")


async def note(
    session: AsyncSession,
    *,
    record: Record,
    month: int,
    expected: int,
    kind: Recorded,
    margin: int,
    by: Actor,
    now: datetime,
    day: date | None = None,
    detail: str | None = None,
) -> PlannedVisit:
    """
    Record something of a visit, and return the visit as it then stands. `expected` is the sequence that it had when
    this was decided; `day` belongs to "done" and "rescheduled", `detail` is the remark, or the reason.

    Raises ChangedError and DayRefusedError.
    """
    case = record.case
    await _hold(session, case)
    begun = await planned.infusion(session, case=case)
    visit = (await planned.rows(session, case=case)).get(month)
    if begun is None or visit is None or visit.sequence != expected:
        raise ChangedError
    is_undoing = kind is Recorded.UNDONE
    if visit.record_id is None if is_undoing else not visit.is_pending:
        raise ChangedError
    if day is not None:
        check_day(record, visit, kind, day, begun.day)
    old = visit.kind
    written = VisitRecord(
        case_id=case.id,
        month=month,
        kind=kind,
        day=day,
        detail=detail,
        due=visit.due,
        opens=visit.opens,
        closes=visit.closes,
        undoes=visit.record_id if is_undoing else None,
        person_id=by.person_id,
        role=by.role,
        at=now,
    )
    session.add(written)
    await audit.record(
        session,
        at=now,
        by=by,
        action=f"visit.{kind}",
        entity=case.code,
        site=case.site_id,
        field=f"month {month}",
        old=f"{old or 'planned'} {visit.day.isoformat()}",
        new=day.isoformat() if day else None,
        reason=detail,
    )
    case.touched_at = now
    after = await planned.project(session, case=case, margin=margin, now=now)
    return next(one for one in after if one.month == month)


async def _hold(session: AsyncSession, case: Case) -> None:
    """
    Keep others from writing, and see the case as they left it. Raises ChangedError where it is followed no more.
    """
    await audit.lock(session)
    await session.flush()
    await session.refresh(case, ["stage"])
    if case.stage in ENDED:
        raise ChangedError


async def of_case(session: AsyncSession, *, case: Case) -> list[Followed]:
    """
    The visits of a recipient as they stand, in their order.
    """
    rows = await planned.rows(session, case=case)
    kept = [row.record_id for row in rows.values() if row.record_id is not None]
    found = (await session.exec(select(VisitRecord).where(col(VisitRecord.id).in_(kept)))).all() if kept else ()
    records = {record.id: record for record in found}
    return [Followed(row, records.get(row.record_id or 0)) for row in rows.values()]
