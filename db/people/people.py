"""
What changes who may do what. Each change is audited, told to the person, and made only by who administers the place.

An administrator's own rights are read anew once the change has the audit trail's lock: two changes at once are made one
after the other, and the second sees the first.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.tables import (
    Authenticator,
    Invitation,
    Membership,
    Person,
    PersonRole,
    Site,
)
from db.delivery import notices
from db.people import access, team
from db.people.team import Colleague, covers, described
from db.trail import audit
from db.trail.audit import Actor


class OutOfReachError(LookupError):
    """
    A person, a role or a place that is not there, or is not this administrator's.
    """


class AccessRefusedError(ValueError):
    """
    A change that is not made. `problem` says why.
    """

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


async def begin(session: AsyncSession, *, by: Actor) -> frozenset[int] | None:
    """
    Begin a change of access: the sites that whoever makes it administers now; None for all. The program, in the hands
    of whoever runs the server, administers all.
    """
    await audit.lock(session)
    await session.flush()
    return None if by.person_id is None else await administered(session, person_id=by.person_id)


async def administered(session: AsyncSession, *, person_id: int) -> frozenset[int] | None:
    """
    The sites that a person administers now; None for all.
    """
    query = select(Membership.site_id).join(Person).where(_ADMINISTERS, Person.id == person_id)
    held = (await session.exec(query)).all()
    return None if None in held else frozenset(site for site in held if site is not None)


_ADMINISTERS = (
    (col(Membership.role) == PersonRole.ADMINISTRATOR) & col(Person.is_active) & col(Person.accepted_at).is_not(None)
)


async def check_place(session: AsyncSession, *, role: str, site_id: int | None) -> Site | None:
    """
    The site at which a role would be held; None for all sites. Raises AccessRefusedError, OutOfReachError.
    """
    if role not in set(PersonRole):
        raise OutOfReachError
    if site_id is None:
        if role not in team.AT_ALL_SITES:
            raise AccessRefusedError("single_site")
        return None
    site = await session.get(Site, site_id)
    if site is None:
        raise OutOfReachError
    return site


async def grant(
    session: AsyncSession, *, person_id: int, role: str, site_id: int | None, by: Actor, now: datetime
) -> None:
    """
    Give a person a further role. Raises OutOfReachError, and AccessRefusedError for one that they hold.
    """
    sites = await begin(session, by=by)
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
    await check_place(session, role=role, site_id=site_id)
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
    sites = await begin(session, by=by)
    membership = await session.get(Membership, membership_id, populate_existing=True)
    if membership is None or not covers(sites, membership.site_id):
        raise OutOfReachError
    colleague = await team.find(session, person_id=membership.person_id, sites=None)
    if colleague is None:
        raise OutOfReachError
    await _keep_administrators(session, losing={membership_id})
    await session.delete(membership)
    await session.flush()
    person, role, site_id = colleague.person, membership.role, membership.site_id
    await _changed(session, "membership.remove", before=colleague, site=site_id, by=by, now=now)
    await _void_invitations(session, person=person, by=by, now=now)
    if person.id != by.person_id:
        key = "notice.role_removed" if len(colleague.held) > 1 else "notice.deactivated"
        await _tell(session, key, person_id=person.id, role=role, site_id=site_id, now=now)
    return person


async def deactivate(session: AsyncSession, *, person_id: int, by: Actor, now: datetime) -> bool:
    """
    Shut a person out. What they hold is kept for their return. False where they are out; raises as `remove_role`.
    """
    colleague = await _whole(session, person_id=person_id, by=by)
    person = colleague.person
    if not person.is_active:
        return False
    await _keep_administrators(session, losing={one.membership.id for one in colleague.held})
    await switch(session, person=person, to=False, by=by, now=now, action="person.deactivate")
    await _void_invitations(session, person=person, by=by, now=now)
    if person.id != by.person_id:
        notices.add(session, person_id=person.id, key="notice.deactivated", now=now)
    return True


async def reactivate(session: AsyncSession, *, person_id: int, by: Actor, now: datetime) -> bool:
    """
    Let a person in again, with the roles that they held. False where they are in already. Raises OutOfReachError.
    """
    colleague = await _whole(session, person_id=person_id, by=by)
    person = colleague.person
    if person.is_active:
        return False
    await switch(session, person=person, to=True, by=by, now=now, action="person.reactivate")
    notices.add(session, person_id=person.id, key="notice.reactivated", now=now)
    return True


async def reset_authenticator(session: AsyncSession, *, person_id: int, by: Actor, now: datetime) -> bool:
    """
    Forget a person's authenticator, so that they set up another. False where they have none. Raises OutOfReachError.
    """
    colleague = await _whole(session, person_id=person_id, by=by)
    if not colleague.has_authenticator:
        return False
    await session.exec(delete(Authenticator).where(col(Authenticator.person_id) == person_id))
    await audit.record(
        session,
        at=now,
        by=by,
        action="person.authenticator_reset",
        entity=f"person {person_id}",
        field="authenticator",
        old="set up",
        new="none",
    )
    notices.add(session, person_id=person_id, key="notice.authenticator_reset", now=now)
    return True


async def _whole(session: AsyncSession, *, person_id: int, by: Actor) -> Colleague:
    """
    A person upon whom as a whole this administrator may act. Raises OutOfReachError.
    """
    sites = await begin(session, by=by)
    colleague = await team.find(session, person_id=person_id, sites=sites)
    if colleague is None or not colleague.is_within(sites):
        raise OutOfReachError
    return colleague


async def switch(session: AsyncSession, *, person: Person, to: bool, by: Actor, now: datetime, action: str) -> None:
    """
    Let a person in or shut them out, and write it down.
    """
    old, person.is_active = person.is_active, to
    await audit.record(
        session,
        at=now,
        by=by,
        action=action,
        entity=f"person {person.id}",
        field="is_active",
        old=str(old).lower(),
        new=str(to).lower(),
    )
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
    await audit.record(
        session,
        at=now,
        by=by,
        action=action,
        entity=f"person {before.person.id}",
        site=site,
        field="roles",
        old=described(before.held),
        new=described(after.held) if after else None,
        reason=reason,
    )
    access.changed(session)


async def _keep_administrators(session: AsyncSession, *, losing: set[int]) -> None:
    """
    Raise AccessRefusedError where a site would lose its last active administrator with these memberships.
    """
    query = select(Membership.id, Membership.site_id).join(Person).where(_ADMINISTERS)
    held = (await session.exec(query)).all()
    sites = (await session.exec(select(Site.id))).all()
    before = _administered((site for _, site in held), sites)
    if before - _administered((site for membership, site in held if membership not in losing), sites):
        raise AccessRefusedError("last_administrator")


def _administered(held: Iterable[int | None], sites: Iterable[int]) -> set[int]:
    found = set(held)
    return set(sites) if None in found else {site for site in found if site is not None}


async def _void_invitations(session: AsyncSession, *, person: Person, by: Actor, now: datetime) -> None:
    """
    What a person has handed out but could not hand out any more opens nothing.
    """
    sites = await administered(session, person_id=person.id)
    if sites is None:
        return
    elsewhere = or_(col(Invitation.site_id).is_(None), col(Invitation.site_id).not_in(sites))
    voided = await session.exec(
        update(Invitation)
        .where(
            col(Invitation.created_by) == person.id,
            col(Invitation.redeemed_at).is_(None),
            col(Invitation.revoked_at).is_(None),
            elsewhere,
        )
        .values(revoked_at=now)
        .returning(col(Invitation.id))
        .execution_options(synchronize_session=False)
    )
    for invitation_id in voided.scalars().all():
        await audit.record(
            session,
            at=now,
            by=by,
            action="invitation.revoke",
            entity=f"invitation {invitation_id}",
            field="state",
            old="open",
            new="revoked",
            reason=f"person {person.id} no longer administers there",
        )


async def _tell(
    session: AsyncSession, key: str, *, person_id: int, role: str, site_id: int | None, now: datetime
) -> None:
    number = None if site_id is None else (await session.get_one(Site, site_id)).number
    notices.add(session, person_id=person_id, key=key, now=now, role=role, site=number)


async def open_site(session: AsyncSession, *, name: str, time_zone: str, by: Actor, now: datetime) -> Site:
    """
    Add a site under the next number.
    """
    await audit.lock(session)
    numbers = (await session.exec(select(Site.number))).all()
    site = Site(number=max(numbers, default=0) + 1, name=name, time_zone=time_zone)
    session.add(site)
    await session.flush()
    await audit.record(
        session, at=now, by=by, action="site.open", entity=f"site {site.number:02d}", site=site.id, new=name
    )
    return site
