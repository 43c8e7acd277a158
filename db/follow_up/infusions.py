"""
The infusion of a recipient, with which the follow-up begins: recorded, corrected, taken back. It is a fact, also where
it deviates from the protocol; that it does is kept with it.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.assessment import Verdict
from bot.rules.frozen import Frozen
from bot.rules.months import add_months
from bot.rules.schedule import Recorded
from db.base.tables import Decision, DecisionKind, PlannedVisit
from db.cases import decisions
from db.cases.records import Record
from db.follow_up import planned
from db.follow_up.planned import Infusion
from db.follow_up.visits import ChangedError, DayRefusedError, agreed, hold
from db.trail import entries, told
from db.trail.audit import Actor

_LONG_AFTER = 12
"""Months after the inclusion: a day beyond is more likely mistyped."""


class VisitRecordedError(ValueError):
    """
    An infusion after which something was recorded of a visit: it cannot be taken back before that is.
    """


class Move(Frozen):
    """
    A visit that was planned for one day and now is for another.
    """

    month: int
    old: date
    new: date


async def included_on(session: AsyncSession, *, record: Record) -> date | None:
    """
    The day, at the site, on which the inclusion was decided; None where that is not recorded.
    """
    inclusion = await decisions.last(
        session, decisions.concerning(record.case.id), Decision.kind == DecisionKind.INCLUDED
    )
    return None if inclusion is None else record.local_day(inclusion.at)


async def deviations(session: AsyncSession, *, record: Record, day: date) -> tuple[str, ...]:
    """
    In what an infusion on a day deviates: the recipient is "not_eligible" any more or "incomplete", or the donor with
    whom the recipient is included ("donor_not_eligible", "donor_incomplete"); the sign-off is void ("unsigned"); the
    day is "before_inclusion" or "long_after_inclusion".
    """
    found = [] if record.assessment.verdict is Verdict.ELIGIBLE else [str(record.assessment.verdict)]
    donor = await decisions.included_with(session, case=record.case)
    if donor is not None and donor.verdict != Verdict.ELIGIBLE:
        found.append(f"donor_{donor.verdict}")
    if not await decisions.is_signed_eligible(session, case=record.case):
        found.append("unsigned")
    since = await included_on(session, record=record)
    if since is not None and day < since:
        found.append("before_inclusion")
    elif since is not None and day > add_months(since, _LONG_AFTER):
        found.append("long_after_inclusion")
    return tuple(found)


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
    accepted: Collection[str] = (),
) -> list[Move]:
    """
    Store the day of the infusion, with which the follow-up begins; or store another one, and move what is not done yet.
    The moves, in the order of the visits; none for a first infusion.

    `expected` is the number of the infusion that stood when this was decided, 0 for none. `margin` is the days on
    either side of a due day. `accepted` are the deviations to which somebody has said yes; each takes a reason.
    Raises ChangedError, DayRefusedError and DeviatesError.
    """
    case = record.case
    before = await _held(session, record, expected)
    visits = await planned.rows(session, case=case)
    _check(record, day, before, visits.values())
    deviation = agreed(await deviations(session, record=record, day=day), accepted, reason)
    infused = decisions.made(DecisionKind.INFUSED, [record], by=by, now=now, about=day.isoformat(), reason=reason)
    infused.deviation = deviation
    await _write(session, infused, record, old=before.day if before else None, new=day)
    old = {month: visit.day for month, visit in visits.items()}
    after = await planned.project(session, case=case, margin=margin, now=now)
    pairs = [(visit.month, old.get(visit.month), visit.day) for visit in after if visit.is_pending]
    return [Move(month, was, new) for month, was, new in pairs if was not in {None, new}]


async def take_back(
    session: AsyncSession, *, record: Record, expected: int, margin: int, by: Actor, now: datetime, reason: str
) -> None:
    """
    Take back an infusion that was entered by mistake: the recipient waits for it as before. Raises ChangedError, and
    VisitRecordedError where something is recorded of a visit.
    """
    before = await _held(session, record, expected)
    if before is None:
        raise ChangedError
    if any(visit.kind is not None for visit in (await planned.rows(session, case=record.case)).values()):
        raise VisitRecordedError
    taken = decisions.made(DecisionKind.INFUSION_TAKEN_BACK, [record], by=by, now=now, reason=reason)
    taken.voids = before.number
    await _write(session, taken, record, old=before.day, new=None)
    await planned.project(session, case=record.case, margin=margin, now=now)


async def replaced(session: AsyncSession, *, number: int) -> tuple[Decision, Decision] | None:
    """
    An infusion as it was recorded, and what took its place: another day, or that it was taken back.
    """
    old = await session.get(Decision, number)
    if old is None:
        return None
    later = await decisions.since(session, old, kinds=planned.BEGINNINGS)
    return (old, later[0]) if later else None


async def _held(session: AsyncSession, record: Record, expected: int) -> Infusion | None:
    """
    The infusion that stands, which nobody else changes meanwhile. Raises ChangedError where it is another one.
    """
    await hold(session, record.case)
    before = await planned.infusion(session, case=record.case)
    if (before.number if before else 0) != expected:
        raise ChangedError
    return before


async def _write(
    session: AsyncSession, decision: Decision, record: Record, *, old: date | None, new: date | None
) -> None:
    session.add(decision)
    await entries.about_case(
        session,
        record.case,
        f"decision.{decision.kind}",
        at=decision.at,
        by=Actor(decision.person_id, decision.role),
        field="infusion",
        old=old.isoformat() if old else None,
        new=new.isoformat() if new else None,
        reason=decision.reason,
        more=told.of_decision(decision),
    )
    record.case.touched_at = decision.at


def _check(record: Record, day: date, before: Infusion | None, visits: Iterable[PlannedVisit]) -> None:
    if day > record.as_of:
        raise DayRefusedError("future")
    if before is not None and before.day == day:
        raise DayRefusedError("same")
    for visit in visits:
        if visit.kind == Recorded.DONE and visit.day < day:
            raise DayRefusedError("done_before", day=visit.day, month=visit.month)


async def check(session: AsyncSession, *, record: Record, day: date) -> None:
    """
    Raises DayRefusedError for a day on which the infusion cannot have taken place.
    """
    visits = await planned.rows(session, case=record.case)
    _check(record, day, await planned.infusion(session, case=record.case), visits.values())
