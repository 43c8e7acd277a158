"""
Reminders raised and told: once an occurrence, in one message in the morning, or at once where it is urgent.

One sweep works through the cases whose day has come, raises what is true of them for whom it concerns, and writes the
notices that tell it. These are sent afterwards, and what has been settled by then is left out.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.slices import Slice
from db.base.tables import AT_ONCE, SNOOZED, UNTOLD, Case, Membership, Person, PersonRole, Reminder, Site
from db.delivery import notices
from db.follow_up import due
from db.follow_up.due import Timing
from db.follow_up.raising import SiteNow, raise_due, withdraw
from db.follow_up.staff import Hours, hours, staff_of
from db.people.sites import sites_within
from db.trail import audit

_AT_ONCE = 500
"""So many ids are named in one statement."""


async def sweep(session: AsyncSession, *, now: datetime, timing: Timing) -> bool:
    """
    Raise what is due, as far as it fits into one slice; once nothing is left to raise, tell it, person by person.
    Whether there is more to do.
    """
    slice_ = Slice()
    places = []
    for site in await sites_within(session, sites=None):
        moment = hours(site, now)
        if not moment.is_quiet and await _has_work(session, site, moment):
            await audit.lock(session)  # of several replicas one does it
            places.append(SiteNow(site, moment, await staff_of(session, site_id=site.id)))
    for place in places:
        await _reopen(session, place)
        if await raise_due(session, place, slice_, now=now, timing=timing):
            return True
    handed_over = [await _hand_over(session, place, now) for place in places]
    return any(handed_over) or await _tell(session, places, slice_, now)


async def _tell(session: AsyncSession, places: Sequence[SiteNow], slice_: Slice, now: datetime) -> bool:
    """
    Write to each person what waits for them; whether somebody is left for another transaction.
    """
    told: dict[int, dict[date, list[int]]] = {}
    for place in places:
        for person_id, ids in (await _ready(session, place)).items():
            told.setdefault(person_id, {}).setdefault(place.hours.today, []).extend(ids)
    for at, (person_id, by_day) in enumerate(told.items(), start=1):
        known = {one for ready in by_day.values() for one in ready}
        left = await _left_over(session, person_id, now)
        next(iter(by_day.values())).extend(one for one in left if one not in known)
        for today, ready in by_day.items():
            await _mark_told(session, ready, now, today)
        ids = [one for ready in by_day.values() for one in ready]
        notices.add(session, person_id=person_id, key=notices.REMINDERS, now=now, ids=ids)
        if slice_.is_over and at < len(told):
            return True
    return False


async def _mark_told(session: AsyncSession, ids: Sequence[int], now: datetime, today: date) -> None:
    for first in range(0, len(ids), _AT_ONCE):
        some = col(Reminder.id).in_(ids[first : first + _AT_ONCE])
        await session.exec(update(Reminder).where(some).values(sent_at=now, sent_on=today))


async def _left_over(session: AsyncSession, person_id: int, now: datetime) -> Sequence[int]:
    """
    What a person was to be told earlier and has not been sent yet goes into the same message.
    """
    ids = await notices.take_back_reminders(session, person_id=person_id, now=now)
    query = select(Reminder.id).where(col(Reminder.id).in_(ids), col(Reminder.closed_at).is_(None))
    return (await session.exec(query.where(col(Reminder.snoozed_until).is_(None)))).all() if ids else ()


async def _has_work(session: AsyncSession, site: Site, moment: Hours) -> bool:
    untold = select(Reminder.id).where(UNTOLD, Reminder.site_id == site.id, col(Reminder.snoozed_until).is_(None))
    if not moment.is_working_day:
        untold = untold.where(col(Reminder.is_urgent))
    queries = (
        select(Case.id).where(Case.site_id == site.id, col(Case.remind_on) <= moment.today),
        untold,
        select(Reminder.id).where(SNOOZED, Reminder.site_id == site.id, col(Reminder.snoozed_until) <= moment.today),
    )
    for query in queries:
        if (await session.exec(query.limit(1))).first() is not None:
            return True
    return False


async def _reopen(session: AsyncSession, place: SiteNow) -> None:
    """
    What was put off until today is told again. `sent_on` stays: it was told once.
    """
    query = select(Reminder).where(SNOOZED, Reminder.site_id == place.site.id)
    for row in (await session.exec(query.where(col(Reminder.snoozed_until) <= place.hours.today))).all():
        row.snoozed_until = row.sent_at = None
    await session.flush()


async def _untold(session: AsyncSession, place: SiteNow) -> Sequence[tuple[int, int, str, bool]]:
    """
    Of each reminder that waits at a site its id, for whom it is, its kind, and whether it is urgent.
    """
    await session.flush()
    query = select(Reminder.id, Reminder.person_id, Reminder.kind, Reminder.is_urgent)
    query = query.where(UNTOLD, Reminder.site_id == place.site.id, col(Reminder.snoozed_until).is_(None))
    return (await session.exec(query.order_by(col(Reminder.day), col(Reminder.id)))).all()


async def _hand_over(session: AsyncSession, place: SiteNow, now: datetime) -> bool:
    """
    Withdraw what was raised for people who can no longer be told; whether there was any.
    """
    untold = await _untold(session, place)
    lost = [row_id for row_id, person_id, kind, _ in untold if not place.staff.may_hear(person_id, kind)]
    if lost:
        some = lost[:_AT_ONCE]
        await _pass_on(session, (await session.exec(select(Reminder).where(col(Reminder.id).in_(some)))).all(), now)
    return bool(lost)


async def _pass_on(session: AsyncSession, rows: Sequence[Reminder], now: datetime) -> None:
    """
    Withdraw reminders that nobody was told, so that they are raised anew for those whose business it is by then.
    """
    for row in rows:
        withdraw(row, now)
        row.sent_at = row.sent_on = None
        (await session.get_one(Case, row.case_id)).remind_on = AT_ONCE
    await session.flush()


async def _ready(session: AsyncSession, place: SiteNow) -> dict[int, list[int]]:
    """
    What is told now, by person: on a working day all that waits, once for each; of later, and on other days, what is
    urgent.
    """
    waiting: dict[int, list[tuple[int, bool]]] = {}
    for row_id, person_id, _, is_urgent in await _untold(session, place):
        waiting.setdefault(person_id, []).append((row_id, is_urgent))
    ready = {}
    for person_id, rows in waiting.items():
        has_digest = not place.hours.is_working_day or await _was_told_today(session, place, person_id)
        if ids := [row_id for row_id, is_urgent in rows if is_urgent or not has_digest]:
            ready[person_id] = ids
    return ready


async def _was_told_today(session: AsyncSession, place: SiteNow, person_id: int) -> bool:
    query = select(Reminder.id).where(
        Reminder.person_id == person_id,
        Reminder.site_id == place.site.id,
        Reminder.sent_on == place.hours.today,
        col(Reminder.is_urgent).is_(False),
    )
    return (await session.exec(query.limit(1))).first() is not None


async def still_to_tell(
    session: AsyncSession, *, ids: Sequence[int], now: datetime, timing: Timing
) -> list[tuple[Reminder, Case]]:
    """
    Those of these reminders that can be told at this moment, with their cases, urgent ones first. Of the others, what
    is settled is withdrawn, what somebody may hear no longer is passed on, and what comes at the wrong time waits for
    the next sweep.
    """
    await audit.lock(session)
    query = select(Reminder, Case).join(Case, col(Case.id) == col(Reminder.case_id))
    order = col(Reminder.is_urgent).desc(), col(Reminder.day), col(Reminder.id)
    rows = (await session.exec(query.where(col(Reminder.id).in_(ids)).order_by(*order))).all()
    open_ = [(row, case) for row, case in rows if row.closed_at is None and row.snoozed_until is None]
    occurrences = await due.of_cases(session, cases=[case for _, case in open_], now=now, timing=timing)
    places: dict[int, SiteNow] = {}
    found = []
    for row, case in open_:
        if row.site_id not in places:
            site = await session.get_one(Site, row.site_id)
            places[site.id] = SiteNow(site, hours(site, now), await staff_of(session, site_id=site.id))
        place = places[row.site_id]
        if row.key not in {one.key for one in occurrences[case.id]}:
            withdraw(row, now)
        elif not place.staff.may_hear(row.person_id, row.kind):
            await _pass_on(session, [row], now)
        elif row.sent_on != place.hours.today or not place.hours.allow(is_urgent=row.is_urgent):
            row.sent_at = row.sent_on = None
        else:
            found.append((row, case))
    return found


async def unreachable(session: AsyncSession, *, person: Person, now: datetime) -> None:
    """
    Telegram refuses messages to a person: the reminders that wait go to somebody else, who is told.
    """
    await audit.lock(session)
    if person.unreachable_at is None:
        person.unreachable_at = now
        for other in await _others(session, person):
            notices.add(session, person_id=other, key="notice.unreachable", now=now, name=person.name)
    ids = await notices.take_back_reminders(session, person_id=person.id, now=now)
    query = select(Reminder).where(col(Reminder.id).in_(ids), col(Reminder.closed_at).is_(None))
    await _pass_on(session, (await session.exec(query)).all(), now)


async def _others(session: AsyncSession, person: Person) -> list[int]:
    """
    A coordinator at one of the person's sites, or an administrator.
    """
    held = (await session.exec(select(Membership).where(Membership.person_id == person.id))).all()
    for site_id in dict.fromkeys(one.site_id for one in held):
        for site in await sites_within(session, sites=None if site_id is None else {site_id}):
            team = await staff_of(session, site_id=site.id)
            for role in (PersonRole.COORDINATOR, PersonRole.ADMINISTRATOR):
                found = [one for one in team.with_role(role) if one != person.id]
                if found:
                    return found[:1]
    return []
