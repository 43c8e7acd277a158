"""
What changes who may do what. Each change is audited, told to the person, and made only by who administers the place.
"""

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.tables import Authenticator, Membership, Person, Site
from db.delivery import notices
from db.people import access, invitations, reach, team
from db.people.reach import AccessRefusedError, OutOfReachError
from db.people.team import Colleague, covers, described
from db.trail import entries
from db.trail.audit import Actor


async def grant(
    session: AsyncSession, *, person_id: int, role: str, site_id: int | None, by: Actor, now: datetime
) -> None:
    """
    Give a person a further role. Raises OutOfReachError, and AccessRefusedError for one that they hold.
    """
    sites = await reach.begin(session, by=by)
    colleague = await team.find(session, person_id=person_id, sites=sites)
    if colleague is None or not covers(sites, site_id):
        raise OutOfReachError
    await add_role(session, colleague=colleague, role=role, site_id=site_id, by=by, now=now)
    if person_id != by.person_id:
        await _tell(session, "notice.role_added", person_id=person_id, role=role, site_id=site_id, now=now)


async def add_role(
    session: AsyncSession,
    *,
    colleague: Colleague,
    role: str,
    site_id: int | None,
    by: Actor,
    now: datetime,
    reason: str | None = None,
) -> Membership:
    """
    Add a role to those of a person, whoever that is. Raises as `grant`.
    """
    await reach.check_place(session, role=role, site_id=site_id)
    if any(one.role == role and one.membership.site_id in {site_id, None} for one in colleague.held):
        raise AccessRefusedError("held")
    membership = Membership(person_id=colleague.person.id, role=role, site_id=site_id)
    session.add(membership)
    await session.flush()
    await _changed(session, "membership.add", before=colleague, site=site_id, by=by, now=now, reason=reason)
    return membership


async def remove_role(session: AsyncSession, *, membership_id: int, by: Actor, now: datetime) -> Person:
    """
    Take a role away. Raises OutOfReachError, and AccessRefusedError where a site would have no administrator.
    """
    sites = await reach.begin(session, by=by)
    membership = await session.get(Membership, membership_id, populate_existing=True)
    if membership is None or not covers(sites, membership.site_id):
        raise OutOfReachError
    colleague = await team.find(session, person_id=membership.person_id, sites=None)
    if colleague is None:
        raise OutOfReachError
    await reach.keep_administrators(session, losing={membership_id})
    await session.delete(membership)
    await session.flush()
    person, role, site_id = colleague.person, membership.role, membership.site_id
    await _changed(session, "membership.remove", before=colleague, site=site_id, by=by, now=now)
    await invitations.void(session, person=person, by=by, now=now)
    if person.id != by.person_id:
        key = "notice.role_removed" if len(colleague.held) > 1 else "notice.deactivated"
        await _tell(session, key, person_id=person.id, role=role, site_id=site_id, now=now)
    return person


async def deactivate(session: AsyncSession, *, person_id: int, by: Actor, now: datetime) -> bool:
    """
    Shut a person out. What they hold is kept for their return. False where they are out; raises as `remove_role`.
    """
    colleague = await reach.whole(session, person_id=person_id, by=by)
    person = colleague.person
    if not person.is_active:
        return False
    await reach.keep_administrators(session, losing={one.membership.id for one in colleague.held})
    await switch(session, person=person, to=False, by=by, now=now, action="person.deactivate")
    await invitations.void(session, person=person, by=by, now=now)
    if person.id != by.person_id:
        notices.add(session, person_id=person.id, key="notice.deactivated", now=now)
    return True


async def reactivate(session: AsyncSession, *, person_id: int, by: Actor, now: datetime) -> bool:
    """
    Let a person in again, with the roles that they held. False where they are in already. Raises OutOfReachError.
    """
    person = (await reach.whole(session, person_id=person_id, by=by)).person
    if person.is_active:
        return False
    await switch(session, person=person, to=True, by=by, now=now, action="person.reactivate")
    notices.add(session, person_id=person.id, key="notice.reactivated", now=now)
    return True


async def reset_authenticator(session: AsyncSession, *, person_id: int, by: Actor, now: datetime) -> bool:
    """
    Forget a person's authenticator, so that they set up another. False where they have none. Raises OutOfReachError.
    """
    colleague = await reach.whole(session, person_id=person_id, by=by)
    if not colleague.has_authenticator:
        return False
    await session.exec(delete(Authenticator).where(col(Authenticator.person_id) == person_id))
    said = {"field": "authenticator", "old": "set up", "new": "none"}
    await entries.about_person(session, person_id, "person.authenticator_reset", at=now, by=by, site=None, **said)
    notices.add(session, person_id=person_id, key="notice.authenticator_reset", now=now)
    return True


async def switch(session: AsyncSession, *, person: Person, to: bool, by: Actor, now: datetime, action: str) -> None:
    """
    Let a person in or shut them out, and write it down.
    """
    old, person.is_active = person.is_active, to
    said = {"field": "is_active", "old": str(old).lower(), "new": str(to).lower()}
    await entries.about_person(session, person.id, action, at=now, by=by, site=None, **said)
    await session.flush()
    access.changed(session)


async def _changed(
    session: AsyncSession,
    action: str,
    *,
    before: Colleague,
    site: int | None,
    by: Actor,
    now: datetime,
    reason: str | None = None,
) -> None:
    after = await team.find(session, person_id=before.person.id, sites=None)
    said = {"field": "roles", "old": described(before.held), "new": described(after.held) if after else None}
    await entries.about_person(session, before.person.id, action, at=now, by=by, site=site, **said, reason=reason)
    access.changed(session)


async def _tell(
    session: AsyncSession, key: str, *, person_id: int, role: str, site_id: int | None, now: datetime
) -> None:
    number = None if site_id is None else (await session.get_one(Site, site_id)).number
    notices.add(session, person_id=person_id, key=key, now=now, role=role, site=number)
