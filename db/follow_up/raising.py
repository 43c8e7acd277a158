"""
Reminders raised: each occurrence of which the day has come, for whom it concerns, once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.frozen import Frozen
from bot.rules.protocol import Kind
from db.base.slices import Slice
from db.base.tables import AT_ONCE, Case, Reminder, Site
from db.cases.partners import linked_cases
from db.follow_up import due
from db.follow_up.due import Occurrence, Timing
from db.follow_up.staff import Hours, Staff

_TOGETHER = 5
"""So many cases are looked at before it is asked whether the slice is over."""


class SiteNow(Frozen):
    """
    A site where people may be reminded now.
    """

    site: Site
    hours: Hours
    staff: Staff


async def raise_due(session: AsyncSession, place: SiteNow, slice_: Slice, *, now: datetime, timing: Timing) -> bool:
    """
    Raise what is due of the cases whose day has come; whether some are left for another transaction.
    """
    query = select(Case).where(Case.site_id == place.site.id, col(Case.remind_on) <= place.hours.today)
    query = query.order_by(col(Case.remind_on), col(Case.id)).limit(_TOGETHER)
    while cases := (await session.exec(query)).all():
        await _raise_of(session, place, cases, now=now, timing=timing)
        if slice_.is_over:
            return True
    return False


async def _raise_of(
    session: AsyncSession, place: SiteNow, cases: Sequence[Case], *, now: datetime, timing: Timing
) -> None:
    occurrences = await due.of_cases(session, cases=cases, now=now, timing=timing)
    raised: dict[int, list[Reminder]] = {case.id: [] for case in cases}
    for row in (await session.exec(select(Reminder).where(col(Reminder.case_id).in_(raised)))).all():
        raised[row.case_id].append(row)
    for case in cases:
        _settle(raised[case.id], occurrences[case.id], now)
        known = {row.key for row in raised[case.id]}
        reached = [one for one in occurrences[case.id] if one.day <= place.hours.today]
        is_nobodys = False
        for one in reached:
            if one.key not in known:
                concerned = place.staff.concerned(case, one.kind)
                is_nobodys = is_nobodys or not concerned
                session.add_all(_row(one, case, person_id, place.staff, now) for person_id in concerned)
        days = [one.day for one in occurrences[case.id] if one not in reached]
        if is_nobodys:
            days.append(place.hours.today + timedelta(days=1))
        case.remind_on = min(days, default=None)
    for donor in cases:
        # What a recipient is reminded of hangs on the donors, who may have changed alone.
        for recipient in await linked_cases(session, case=donor) if donor.kind == Kind.DONOR else ():
            recipient.remind_on = AT_ONCE
    await session.flush()


def _settle(rows: Sequence[Reminder], occurrences: Sequence[Occurrence], now: datetime) -> None:
    """
    Close what is true no longer. What was told is not told again, should it be true again, but for the kinds that are.
    What it speaks of may be another thing by now.
    """
    still = {one.key: one for one in occurrences}
    for row in rows:
        is_open = row.closed_at is None
        if row.key in still:
            row.detail = still[row.key].detail if is_open else row.detail
        elif row.kind in due.AGAIN or (is_open and row.sent_on is None):
            withdraw(row, now)
        elif is_open:
            row.closed_at = now


def _row(one: Occurrence, case: Case, person_id: int, staff: Staff, now: datetime) -> Reminder:
    return Reminder(
        person_id=person_id,
        case_id=case.id,
        site_id=case.site_id,
        kind=one.kind,
        key=one.key,
        detail=one.detail,
        day=one.day,
        is_urgent=one.is_urgent,
        closed_at=None if staff.wants(person_id, one.kind, case.id) else now,
    )


def withdraw(row: Reminder, now: datetime) -> None:
    """
    Close a reminder so that its occurrence, if it is true again, is raised anew. The row and its id stay: a button may
    speak of it.
    """
    row.closed_at = row.closed_at or now
    row.key = f"{row.key.partition(' ')[0]} {row.id}"
