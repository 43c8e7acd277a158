"""
The visits of a recipient: what is recorded of each is only ever added.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.frozen import Frozen
from bot.rules.schedule import Recorded, VisitState
from db.base.tables import ENDED, Case, PlannedVisit, VisitRecord
from db.cases.everything import Ids
from db.cases.records import Record
from db.follow_up import planned
from db.trail import audit, entries, told
from db.trail.audit import Actor


class ChangedError(Exception):
    """
    Somebody else was faster: the follow-up is no longer as it was when it was shown. Nothing is changed.
    """


class DeviatesError(Exception):
    """
    What is to be recorded deviates from the protocol, and nobody has said that it did happen, and why. `words` say in
    what.
    """

    def __init__(self, words: Collection[str]) -> None:
        super().__init__(" ".join(words))
        self.words = tuple(words)


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


class Followed(Frozen):
    """
    A visit as it stands, with the record that holds.
    """

    visit: PlannedVisit
    record: VisitRecord | None

    def state(self, record: Record) -> VisitState:
        """
        Its state today, in the case that it is of.
        """
        return planned.standing_of(self.visit).state(record.as_of, has_ended=record.case.stage in ENDED)


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


def deviations(visit: PlannedVisit, kind: Recorded, day: date | None, infused_on: date) -> tuple[str, ...]:
    """
    In what a visit done on a day deviates: it is "outside_window", or "on_infusion_day".
    """
    if kind is not Recorded.DONE or day is None:
        return ()
    found = {"outside_window": not visit.opens <= day <= visit.closes, "on_infusion_day": day == infused_on}
    return tuple(word for word, is_so in found.items() if is_so)


def agreed(deviation: Collection[str], accepted: Collection[str], reason: str | None) -> str | None:
    """
    A deviation as it is kept. Raises DeviatesError where nobody has said yes to all of it, and why.
    """
    if deviation and not (reason and set(deviation) <= set(accepted)):
        raise DeviatesError(deviation)
    return " ".join(deviation) or None


async def meant(session: AsyncSession, *, case: Case, day: date) -> list[PlannedVisit]:
    """
    The visits that may be meant by a day: those still to take place whose window holds it.
    """
    rows = await planned.rows(session, case=case)
    return [row for row in rows.values() if row.is_pending and row.opens <= day <= row.closes]


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
    accepted: Collection[str] = (),
) -> PlannedVisit:
    """
    Record something of a visit, and return the visit as it then stands. `expected` is the sequence that it had when
    this was decided; `day` belongs to "done" and "rescheduled", `detail` is the remark, or the reason. `accepted` are
    the deviations to which somebody has said yes; each takes a reason.

    Raises ChangedError, DayRefusedError and DeviatesError.
    """
    case = record.case
    await hold(session, case)
    begun = await planned.infusion(session, case=case)
    visit = (await planned.rows(session, case=case)).get(month)
    if begun is None or visit is None or visit.sequence != expected:
        raise ChangedError
    is_undoing = kind is Recorded.UNDONE
    if visit.record_id is None if is_undoing else not visit.is_pending:
        raise ChangedError
    if day is not None:
        check_day(record, visit, kind, day, begun.day)
    deviation = agreed(deviations(visit, kind, day, begun.day), accepted, detail)
    old = visit.kind
    written = VisitRecord(
        case_id=case.id,
        month=month,
        kind=kind,
        day=day,
        detail=detail,
        deviation=deviation,
        due=visit.due,
        opens=visit.opens,
        closes=visit.closes,
        undoes=visit.record_id if is_undoing else None,
        person_id=by.person_id,
        role=by.role,
        at=now,
    )
    session.add(written)
    await entries.about_case(
        session,
        case,
        f"visit.{kind}",
        at=now,
        by=by,
        field=f"month {month}",
        old=f"{old or 'planned'} {visit.day.isoformat()}",
        new=day.isoformat() if day else None,
        reason=detail,
        more=told.of_visit(written),
    )
    case.touched_at = now
    after = await planned.project(session, case=case, margin=margin, now=now)
    return next(one for one in after if one.month == month)


async def undone(session: AsyncSession, *, number: int) -> tuple[VisitRecord, VisitRecord] | None:
    """
    What was recorded of a visit, and what took that back.
    """
    await session.flush()
    old = await session.get(VisitRecord, number)
    taken = (await session.exec(select(VisitRecord).where(VisitRecord.undoes == number))).first()
    return None if old is None or taken is None else (old, taken)


async def deviated(session: AsyncSession, *, number: int | None) -> bool:
    """
    Whether what was recorded of a visit deviates.
    """
    record = None if number is None else await session.get(VisitRecord, number)
    return record is not None and bool(record.deviation)


async def hold(session: AsyncSession, case: Case) -> None:
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


async def of_cases(session: AsyncSession, *, ids: Ids) -> Sequence[PlannedVisit]:
    """
    The visits of many recipients as they stand, case by case in their order.
    """
    is_planned = or_(col(PlannedVisit.kind).is_(None), PlannedVisit.kind != planned.TAKEN_BACK)
    query = select(PlannedVisit).where(col(PlannedVisit.case_id).in_(ids), is_planned)
    return (await session.exec(query.order_by(col(PlannedVisit.case_id), col(PlannedVisit.month)))).all()


async def records_of(session: AsyncSession, *, ids: Ids) -> Sequence[VisitRecord]:
    """
    All that was ever recorded of their visits, the oldest first.
    """
    query = select(VisitRecord).where(col(VisitRecord.case_id).in_(ids))
    return (await session.exec(query.order_by(col(VisitRecord.id)))).all()
