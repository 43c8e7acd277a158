"""
Reminders: raised once an occurrence, told in one message in the morning or at once, snoozed, closed.

One sweep works through the cases whose day has come, raises what is true of them for whom it concerns, and writes the
notices that tell it. All of it is one transaction a site; the notices are sent afterwards.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db import audit, notices, records
from db.due import Due, ReminderKind, Timing, of_case
from db.tables import (
    AT_ONCE,
    SNOOZED,
    UNTOLD,
    Case,
    Membership,
    MutedKind,
    Person,
    PersonRole,
    PlannedVisit,
    Reminder,
    Site,
)

_TOGETHER = 100
_AHEAD = 50


@dataclass(frozen=True)
class Hours:
    """
    A moment at a site: the day, whether it is quiet now, and whether the day is one on which people work.
    """

    today: date
    is_quiet: bool
    is_working_day: bool


def hours(site: Site, now: datetime) -> Hours:
    """
    What the clock on the site's wall says.
    """
    local = now.astimezone(ZoneInfo(site.time_zone))
    clock = f"{local:%H:%M}"
    begins, ends = site.quiet_from, site.quiet_until
    is_quiet = begins <= clock < ends if begins <= ends else clock >= begins or clock < ends
    return Hours(local.date(), is_quiet, str(local.isoweekday()) in site.weekdays)


async def sweep(session: AsyncSession, *, now: datetime, timing: Timing) -> bool:
    """
    Raise and tell what is due, as far as it fits into one transaction; whether there is more.
    """
    has_more = False
    for site in (await session.exec(select(Site).order_by(col(Site.id)))).all():
        moment = hours(site, now)
        if not moment.is_quiet and await _has_work(session, site, moment):
            await audit.lock(session)  # of several replicas one does it
            team = await _team(session, site)
            if await _raise(session, site=site, team=team, moment=moment, now=now, timing=timing):
                has_more = True
            else:
                await _tell(session, site, team, moment, now)
    return has_more


async def _has_work(session: AsyncSession, site: Site, moment: Hours) -> bool:
    queries = (
        select(Case.id).where(Case.site_id == site.id, col(Case.remind_on) <= moment.today),
        select(Reminder.id).where(UNTOLD, Reminder.site_id == site.id),
        select(Reminder.id).where(SNOOZED, Reminder.site_id == site.id, col(Reminder.snoozed_until) <= moment.today),
    )
    for query in queries:
        if (await session.exec(query.limit(1))).first() is not None:
            return True
    return False


class Team:
    """
    The people of a site who can be reached, by role, and what each does not want to hear of.
    """

    def __init__(self, held: Iterable[tuple[Person, str]], muted: Iterable[MutedKind]) -> None:
        self.people: dict[int, Person] = {}
        self._by_role: dict[str, list[int]] = {}
        for person, role in held:
            if person.is_active and person.accepted_at is not None and person.unreachable_at is None:
                self.people[person.id] = person
                if person.id not in self._by_role.setdefault(role, []):
                    self._by_role[role].append(person.id)
        self._muted = {(one.person_id, one.kind, one.case_id) for one in muted}

    def concerned(self, case: Case, role: PersonRole) -> list[int]:
        """
        Whose business it is: the case's own coordinator, else the site's others, else its administrators; or every
        investigator of the site.
        """
        held = self.with_role(role)
        if role is PersonRole.COORDINATOR and case.opened_by in held:
            return [case.opened_by]
        return held or self.with_role(PersonRole.ADMINISTRATOR)

    def with_role(self, role: PersonRole) -> list[int]:
        """
        Who holds a role here.
        """
        return self._by_role.get(role, [])

    def wants(self, person_id: int, kind: str, case_id: int) -> bool:
        """
        Whether the person has not muted this kind, neither about this case nor altogether.
        """
        return not {(person_id, kind, 0), (person_id, kind, case_id)} & self._muted


async def _team(session: AsyncSession, site: Site) -> Team:
    query = (
        select(Person, Membership.role)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(or_(Membership.site_id == site.id, col(Membership.site_id).is_(None)))
        .order_by(col(Person.id))
    )
    return Team((await session.exec(query)).all(), (await session.exec(select(MutedKind))).all())


async def _raise(
    session: AsyncSession, *, site: Site, team: Team, moment: Hours, now: datetime, timing: Timing
) -> bool:
    """
    Raise what is due of the cases whose day has come; whether some are left for another transaction.
    """
    query = select(Case).where(Case.site_id == site.id, col(Case.remind_on) <= moment.today)
    cases = (await session.exec(query.order_by(col(Case.remind_on), col(Case.id)).limit(_TOGETHER))).all()
    for case in cases:
        occurrences = await due_of(session, case=case, now=now, timing=timing)
        known = set(
            (await session.exec(select(Reminder.person_id, Reminder.key).where(Reminder.case_id == case.id))).all()
        )
        for due in occurrences:
            if due.day > moment.today:
                continue
            for person_id in team.concerned(case, due.role):
                if (person_id, due.key) not in known:
                    is_wanted = team.wants(person_id, due.kind, case.id)
                    session.add(_row(due, case, person_id, None if is_wanted else now))
        case.remind_on = min((due.day for due in occurrences if due.day > moment.today), default=None)
    await session.flush()
    return len(cases) == _TOGETHER


def _row(due: Due, case: Case, person_id: int, closed_at: datetime | None) -> Reminder:
    return Reminder(
        person_id=person_id,
        case_id=case.id,
        site_id=case.site_id,
        kind=due.kind,
        key=due.key,
        detail=due.detail,
        day=due.day,
        is_urgent=due.is_urgent,
        closed_at=closed_at,
    )


async def due_of(session: AsyncSession, *, case: Case, now: datetime, timing: Timing) -> list[Due]:
    """
    What is true of a case now or later.
    """
    record = await records.load(session, case=case, now=now)
    donors = await records.linked_cases(session, case=case)
    visits = (await session.exec(select(PlannedVisit).where(PlannedVisit.case_id == case.id))).all()
    return of_case(record, visits, donors, timing)


async def _tell(session: AsyncSession, site: Site, team: Team, moment: Hours, now: datetime) -> None:
    """
    Write one notice for each person who has something to hear now.
    """
    for row in (
        await session.exec(
            select(Reminder).where(SNOOZED, Reminder.site_id == site.id, col(Reminder.snoozed_until) <= moment.today)
        )
    ).all():
        row.snoozed_until = row.sent_at = row.sent_on = None
    await session.flush()
    waiting: dict[int, list[Reminder]] = {}
    query = select(Reminder).where(UNTOLD, Reminder.site_id == site.id).order_by(col(Reminder.day), col(Reminder.id))
    for row in (await session.exec(query)).all():
        waiting.setdefault(row.person_id, []).append(row)
    for person_id, rows in waiting.items():
        if person_id not in team.people:
            await _pass_on(session, rows, now)
            continue
        has_digest = not moment.is_working_day or await _was_told_today(session, site, person_id, moment)
        ready = [row for row in rows if row.is_urgent or not has_digest]
        for row in ready:
            row.sent_at, row.sent_on = now, moment.today
        if ready:
            notices.add(session, person_id=person_id, key=notices.REMINDERS, now=now, ids=[row.id for row in ready])


async def _was_told_today(session: AsyncSession, site: Site, person_id: int, moment: Hours) -> bool:
    query = select(Reminder.id).where(
        Reminder.person_id == person_id,
        Reminder.site_id == site.id,
        Reminder.sent_on == moment.today,
        col(Reminder.is_urgent).is_(False),
    )
    return (await session.exec(query.limit(1))).first() is not None


async def _pass_on(session: AsyncSession, rows: Sequence[Reminder], now: datetime) -> None:
    """
    Close what somebody can no longer be told; the next sweep raises it for whose business it is then.
    """
    for row in rows:
        row.closed_at = now
        (await session.get_one(Case, row.case_id)).remind_on = AT_ONCE


async def still_true(
    session: AsyncSession, *, ids: Sequence[int], now: datetime, timing: Timing
) -> list[tuple[Reminder, Case]]:
    """
    Those of these reminders that are true at this moment, with their cases; the others are closed.
    """
    query = select(Reminder, Case).join(Case, col(Case.id) == col(Reminder.case_id))
    rows = (await session.exec(query.where(col(Reminder.id).in_(ids)).order_by(col(Reminder.day)))).all()
    keys = {case.id: {due.key for due in await due_of(session, case=case, now=now, timing=timing)} for _, case in rows}
    found = []
    for row, case in rows:
        if row.key not in keys[case.id]:
            row.closed_at = row.closed_at or now
        if row.closed_at is None:
            found.append((row, case))
    return found


async def unreachable(session: AsyncSession, *, person: Person, ids: Sequence[int], now: datetime) -> None:
    """
    Telegram refuses messages to a person: reminders go to somebody else, who is told.
    """
    if person.unreachable_at is None:
        person.unreachable_at = now
        for other in await _others(session, person):
            notices.add(session, person_id=other, key="notice.unreachable", now=now, name=person.name)
    rows = (await session.exec(select(Reminder).where(col(Reminder.id).in_(ids)))).all()
    await _pass_on(session, rows, now)


async def _others(session: AsyncSession, person: Person) -> list[int]:
    """
    A coordinator at one of the person's sites, or an administrator.
    """
    held = (await session.exec(select(Membership).where(Membership.person_id == person.id))).all()
    for site_id in dict.fromkeys(one.site_id for one in held):
        sites = select(Site) if site_id is None else select(Site).where(Site.id == site_id)
        for site in (await session.exec(sites)).all():
            team = await _team(session, site)
            for role in (PersonRole.COORDINATOR, PersonRole.ADMINISTRATOR):
                found = [one for one in team.with_role(role) if one != person.id]
                if found:
                    return found[:1]
    return []


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


async def of_person(session: AsyncSession, *, person_id: int) -> list[tuple[Reminder, Case]]:
    """
    What is open for a person: told and not closed, or snoozed; the oldest first.
    """
    await session.flush()
    query = (
        select(Reminder, Case)
        .join(Case, col(Case.id) == col(Reminder.case_id))
        .where(Reminder.person_id == person_id, col(Reminder.closed_at).is_(None))
        .order_by(col(Reminder.day), col(Reminder.id))
    )
    return list((await session.exec(query)).all())


async def ahead(
    session: AsyncSession, *, member_id: int, sites: frozenset[int] | None, until: date, now: datetime, timing: Timing
) -> list[tuple[Due, Case]]:
    """
    What a person will be reminded of until a day, if nothing changes.
    """
    await session.flush()
    query = select(Case).where(col(Case.remind_on) <= until)
    if sites is not None:
        query = query.where(col(Case.site_id).in_(sites))
    found = []
    teams: dict[int, Team] = {}
    for case in (await session.exec(query.order_by(col(Case.remind_on)).limit(_AHEAD))).all():
        if case.site_id not in teams:
            teams[case.site_id] = await _team(session, await session.get_one(Site, case.site_id))
        team = teams[case.site_id]
        for due in await due_of(session, case=case, now=now, timing=timing):
            today = (await records.load(session, case=case, now=now)).as_of
            is_mine = member_id in team.concerned(case, due.role) and team.wants(member_id, due.kind, case.id)
            if is_mine and today < due.day <= until:
                found.append((due, case))
    return sorted(found, key=lambda one: (one[0].day, one[1].code))
