"""
A person's own reminders: what is open, what will come; snoozed, closed, muted.
"""

from datetime import date, datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.tables import Case, MutedKind, PersonRole, Reminder
from db.cases.cases import today
from db.follow_up import due
from db.follow_up.due import Occurrence, ReminderKind, Timing
from db.follow_up.staff import staff_of
from db.people.sites import sites_within
from db.trail import audit

_TOGETHER = 50
_AHEAD = 50


async def hold(session: AsyncSession, reminder: Reminder) -> bool:
    """
    Keep sweeps from changing a reminder that somebody is about to change; whether it is still open.
    """
    await audit.lock(session)
    await session.flush()
    await session.refresh(reminder)
    return reminder.closed_at is None


def snooze(reminder: Reminder, *, until: date) -> None:
    """
    Bring it up again on this day, if it is still true then.
    """
    reminder.snoozed_until = until


def close(reminder: Reminder, *, now: datetime) -> None:
    """
    Done: this occurrence is not brought up again.
    """
    reminder.closed_at = reminder.closed_at or now


async def mute(session: AsyncSession, *, person_id: int, kind: ReminderKind, case_id: int, now: datetime) -> None:
    """
    No more of this kind: about one case, or about any where `case_id` is 0. What is open of it is closed.
    """
    if await session.get(MutedKind, (person_id, kind, case_id)) is None:
        session.add(MutedKind(person_id=person_id, kind=kind, case_id=case_id))
    query = select(Reminder).where(Reminder.person_id == person_id, Reminder.kind == kind)
    query = query.where(col(Reminder.closed_at).is_(None))
    if case_id:
        query = query.where(Reminder.case_id == case_id)
    for row in (await session.exec(query)).all():
        row.closed_at = now


async def unmute(session: AsyncSession, *, person_id: int, kind: ReminderKind) -> None:
    """
    Take up a kind again, about every case.
    """
    query = select(MutedKind).where(MutedKind.person_id == person_id, MutedKind.kind == kind)
    for row in (await session.exec(query)).all():
        await session.delete(row)


async def muted(session: AsyncSession, *, person_id: int) -> frozenset[str]:
    """
    The kinds that a person wants no more of altogether.
    """
    await session.flush()
    query = select(MutedKind.kind).where(MutedKind.person_id == person_id, MutedKind.case_id == 0)
    return frozenset((await session.exec(query)).all())


async def of_person(
    session: AsyncSession, *, person_id: int, sites: frozenset[int] | None, limit: int, now: datetime, timing: Timing
) -> list[tuple[Case, list[Reminder]]]:
    """
    What is open for a person at these sites (None: all) and still true: told, to be told, or snoozed; case by case, up
    to so many, of each the oldest first.
    """
    await session.flush()
    query = (
        select(Reminder, Case)
        .join(Case, col(Case.id) == col(Reminder.case_id))
        .where(Reminder.person_id == person_id, col(Reminder.closed_at).is_(None))
        .order_by(col(Reminder.day), col(Reminder.id))
    )
    if sites is not None:
        query = query.where(col(Reminder.site_id).in_(sites))
    by_case: dict[int, tuple[Case, list[Reminder]]] = {}
    for row, case in (await session.exec(query)).all():
        by_case.setdefault(case.id, (case, []))[1].append(row)
    groups = list(by_case.values())
    found: list[tuple[Case, list[Reminder]]] = []
    for at in range(0, len(groups), _TOGETHER):
        some = groups[at : at + _TOGETHER]
        occurrences = await due.of_cases(session, cases=[case for case, _ in some], now=now, timing=timing)
        still = {case_id: {one.key for one in those} for case_id, those in occurrences.items()}
        true = ((case, [row for row in rows if row.key in still[case.id]]) for case, rows in some)
        found += [(case, rows) for case, rows in true if rows]
        if len(found) >= limit:
            break
    return found[:limit]


async def of_case(
    session: AsyncSession, *, person_id: int, case: Case, now: datetime, timing: Timing
) -> list[Reminder]:
    """
    What is open for a person about one case and still true, as in `of_person`; what is urgent first.
    """
    await session.flush()
    query = select(Reminder).where(Reminder.person_id == person_id, Reminder.case_id == case.id)
    query = query.where(col(Reminder.closed_at).is_(None))
    rows = await session.exec(query.order_by(col(Reminder.is_urgent).desc(), col(Reminder.day), col(Reminder.id)))
    still = {one.key for one in (await due.of_cases(session, cases=[case], now=now, timing=timing))[case.id]}
    return [row for row in rows if row.key in still]


async def ahead(
    session: AsyncSession, *, person_id: int, sites: frozenset[int] | None, until: date, now: datetime, timing: Timing
) -> list[tuple[Occurrence, Case]]:
    """
    What a person will be reminded of until a day, if nothing changes; the next ones, where they are many.
    """
    found: list[tuple[Occurrence, Case]] = []
    for site in await sites_within(session, sites=sites):
        team = await staff_of(session, site_id=site.id)
        query = select(Case).where(Case.site_id == site.id, col(Case.remind_on) <= until)
        coordinators = team.with_role(PersonRole.COORDINATOR)
        if coordinators and person_id not in coordinators:
            continue  # what a day brings is theirs
        query = query.where(col(Case.opened_by).not_in([one for one in coordinators if one != person_id]))
        cases = (await session.exec(query.order_by(col(Case.remind_on), col(Case.id)).limit(_AHEAD))).all()
        occurrences = await due.of_cases(session, cases=cases, now=now, timing=timing)
        for case in cases:
            for one in occurrences[case.id]:
                is_mine = person_id in team.concerned(case, one.kind) and team.wants(person_id, one.kind, case.id)
                if is_mine and today(site, now) < one.day <= until:
                    found.append((one, case))
    return sorted(found, key=lambda one: (one[0].day, one[1].code))[:_AHEAD]
