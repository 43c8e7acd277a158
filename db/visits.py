"""
The follow-up of recipients: the infusion, what is recorded of each visit, and the visits as they stand.

Infusions and records are only ever added. The visits beside them are worked out from the newest infusion, the records
that were not taken back, and the site's window, so that an agenda need not look at every case.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.schedule import Entry, Recorded, Standing, Window, last_standing, schedule, standing
from bot.rules.versions import PROTOCOLS
from db import audit, decisions
from db.audit import Actor
from db.decisions import ENDED
from db.records import Record
from db.tables import PENDING, Case, Decision, DecisionKind, PlannedVisit, Site, Stage, VisitRecord


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
class Infusion:
    """
    The infusion as it was recorded last. `number` tells it from earlier recordings of it.
    """

    number: int
    day: date


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
        return standing_of(self.visit)


def standing_of(visit: PlannedVisit) -> Standing:
    """
    How a visit stands, from its row.
    """
    kind = None if visit.kind is None else Recorded(visit.kind)
    return Standing(Window(visit.due, visit.opens, visit.closes), visit.day, kind)


async def infusion(session: AsyncSession, *, case: Case) -> Infusion | None:
    """
    The infusion of a recipient; None where none is recorded.
    """
    await session.flush()
    query = select(Decision).where(Decision.case_id == case.id, Decision.kind == DecisionKind.INFUSED)
    newest = (await session.exec(query.order_by(col(Decision.id).desc()).limit(1))).first()
    return None if newest is None or newest.about is None else Infusion(newest.id, date.fromisoformat(newest.about))


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
    before = await infusion(session, case=case)
    if (before.number if before else 0) != expected:
        raise ChangedError
    visits = await _rows(session, case)
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
    after = await project(session, case=case, margin=margin, now=now)
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
    visits = await _rows(session, record.case)
    _check_infusion(record, day, await infusion(session, case=record.case), visits.values())


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
    begun = await infusion(session, case=case)
    visit = (await _rows(session, case)).get(month)
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
    after = await project(session, case=case, margin=margin, now=now)
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


async def _rows(session: AsyncSession, case: Case) -> dict[int, PlannedVisit]:
    await session.flush()
    query = select(PlannedVisit).where(PlannedVisit.case_id == case.id).order_by(col(PlannedVisit.month))
    rows = (await session.exec(query.execution_options(populate_existing=True))).all()
    return {row.month: row for row in rows}


async def of_case(session: AsyncSession, *, case: Case) -> list[Followed]:
    """
    The visits of a recipient as they stand, in their order.
    """
    rows = await _rows(session, case)
    kept = [row.record_id for row in rows.values() if row.record_id is not None]
    found = (await session.exec(select(VisitRecord).where(col(VisitRecord.id).in_(kept)))).all() if kept else ()
    records = {record.id: record for record in found}
    return [Followed(row, records.get(row.record_id or 0)) for row in rows.values()]


async def project(session: AsyncSession, *, case: Case, margin: int, now: datetime) -> list[PlannedVisit]:
    """
    Work out the visits of a recipient again, with this many days on either side of a due day.
    """
    begun = await infusion(session, case=case)
    if begun is None:
        return []
    query = select(VisitRecord).where(VisitRecord.case_id == case.id).order_by(col(VisitRecord.id))
    recorded: dict[int, list[VisitRecord]] = {}
    for record in (await session.exec(query)).all():
        recorded.setdefault(record.month, []).append(record)
    rows = await _rows(session, case)
    for month, window in schedule(PROTOCOLS[case.protocol].visits, begun.day, margin).items():
        records = recorded.get(month, [])
        row = rows.get(month)
        if row is None:
            row = PlannedVisit(
                case_id=case.id, month=month, site_id=case.site_id, margin=margin, **_values(window, records)
            )
            row.changed_at = now
            session.add(row)
            rows[month] = row
            continue
        changed = {name: value for name, value in _values(window, records).items() if getattr(row, name) != value}
        for name, value in changed.items():
            setattr(row, name, value)
        row.margin = margin
        if changed:
            row.sequence, row.changed_at = row.sequence + 1, now
    await session.flush()
    return [rows[month] for month in sorted(rows)]


def _values(window: Window, records: Sequence[VisitRecord]) -> dict[str, Any]:
    entries = [
        Entry(Recorded(record.kind), record.day, Window(record.due, record.opens, record.closes)) for record in records
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


async def _again(session: AsyncSession, cases: Iterable[Case], margin: int, now: datetime) -> int:
    count = 0
    for case in cases:
        await project(session, case=case, margin=margin, now=now)
        count += 1
    return count


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
    other = or_(col(PlannedVisit.margin) < margin, col(PlannedVisit.margin) > margin)
    planned = select(PlannedVisit.case_id).where(PENDING, other)
    found = (await session.exec(select(Case).where(col(Case.id).in_(planned)).order_by(col(Case.id)))).all()
    return await _again(session, found, margin, now)


async def ahead(
    session: AsyncSession, *, sites: frozenset[int] | None, until: date, limit: int, offset: int = 0
) -> Sequence[tuple[PlannedVisit, Case, Site]]:
    """
    The visits still to take place whose window opens by a day: by site, then by the day planned.
    """
    await session.flush()
    query = (
        select(PlannedVisit, Case, Site)
        .join(Case, col(Case.id) == col(PlannedVisit.case_id))
        .join(Site, col(Site.id) == col(PlannedVisit.site_id))
        .where(PENDING, col(PlannedVisit.opens) <= until, col(Case.stage).not_in(_NOT_FOLLOWED), _at(sites))
    )
    query = query.order_by(
        col(PlannedVisit.site_id), col(PlannedVisit.day), col(PlannedVisit.case_id), col(PlannedVisit.month)
    )
    return (await session.exec(query.limit(limit).offset(offset))).all()


async def count_ahead(session: AsyncSession, *, sites: frozenset[int] | None, until: date) -> int:
    """
    How many visits `ahead` finds without a limit.
    """
    await session.flush()
    query = (
        select(func.count())
        .select_from(PlannedVisit)
        .join(Case, col(Case.id) == col(PlannedVisit.case_id))
        .where(PENDING, col(PlannedVisit.opens) <= until, col(Case.stage).not_in(_NOT_FOLLOWED), _at(sites))
    )
    return (await session.exec(query)).one()


_NOT_FOLLOWED = frozenset({*ENDED, Stage.DISCARDED})


def _at(sites: frozenset[int] | None) -> ColumnElement[bool]:
    """
    At these sites. All of them are named too: the indexes begin with the site.
    """
    return col(PlannedVisit.site_id).in_(select(Site.id) if sites is None else sites)


@dataclass(frozen=True)
class Dated:
    """
    A visit for a calendar. `sequence` grows and `changed_at` is later with every change of the visit, or of what was
    decided about its case.
    """

    visit: PlannedVisit
    case: Case
    sequence: int
    changed_at: datetime


async def dated(session: AsyncSession, *, sites: frozenset[int] | None, since: date, limit: int) -> list[Dated]:
    """
    The visits from a day on, whatever became of them: what was in somebody's calendar has to be taken out there.
    """
    await session.flush()
    query = select(PlannedVisit, Case).join(Case, col(Case.id) == col(PlannedVisit.case_id))
    query = query.where(col(PlannedVisit.day) >= since, Case.stage != Stage.DISCARDED, _at(sites))
    query = query.order_by(col(PlannedVisit.day), col(PlannedVisit.case_id)).limit(limit)
    rows = (await session.exec(query)).all()
    decided = select(Decision.case_id, func.count(), func.max(Decision.at)).group_by(col(Decision.case_id))
    ids = {case.id for _, case in rows}
    found = (await session.exec(decided.where(col(Decision.case_id).in_(ids)))).all()
    about = {case_id: (number, at) for case_id, number, at in found}
    return [
        Dated(
            visit,
            case,
            visit.sequence + about.get(case.id, (0, visit.changed_at))[0],
            max(visit.changed_at, about.get(case.id, (0, visit.changed_at))[1]),
        )
        for visit, case in rows
    ]
