"""
Coming in by a code: as somebody new or returning, or into a further role. The first of all codes is the setup code.
"""

from datetime import datetime

from sqlalchemy import and_, delete
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.tables import Invitation, Membership, Person, PersonRole, Site
from db.delivery import notices
from db.people import access, invitations, people, team
from db.people.invitations import Open
from db.people.reach import AccessRefusedError
from db.people.team import Colleague, described
from db.trail import audit, entries
from db.trail.audit import PROGRAM, Actor

_COLLEAGUES = frozenset({PersonRole.COORDINATOR, PersonRole.INVESTIGATOR})
_IS_SETUP = and_(col(Invitation.created_by).is_(None), col(Invitation.expires_at).is_(None))


async def setup_code(session: AsyncSession, *, site_name: str, time_zone: str, now: datetime) -> str | None:
    """
    A new setup code while nobody has a place here yet, else None. It replaces the one printed before.

    Whoever presents it becomes administrator of all sites and coordinator of the first, which is made here.
    """
    await audit.lock(session)
    if (await session.exec(select(func.count()).select_from(Person))).one():
        return None
    site = (await session.exec(select(Site).where(Site.number == 1))).first()
    if site is None:
        site = Site(number=1, name=site_name, time_zone=time_zone)
        session.add(site)
        await session.flush()
        await audit.record(session, at=now, by=PROGRAM, action="site.open", entity="site 01", site=site.id)
    await session.exec(delete(Invitation).where(_IS_SETUP))
    code, code_hash = invitations.new_code()
    roles = f"{PersonRole.ADMINISTRATOR} {PersonRole.COORDINATOR}"
    session.add(Invitation(code_hash=code_hash, roles=roles, site_id=site.id, created_at=now))
    return code


async def redeem(
    session: AsyncSession, *, code: str, telegram_id: int, name: str, language: str, now: datetime
) -> Person | None:
    """
    Let this Telegram id in by a code that nobody has used yet; None for any other code, and for a member.

    Somebody who was shut out comes back with the invited role and none of the old ones. Only whoever has the setup code
    need not accept the privacy note first: they run the server.
    """
    await audit.lock(session)
    await session.flush()
    found = (await session.exec(select(Person.id).where(Person.telegram_id == telegram_id))).first()
    known = None if found is None else await team.find(session, person_id=found, sites=None)
    if known is not None and known.person.is_active and known.held:
        return None
    invitation = await invitations.opened(session, code=code, now=now)
    if invitation is None or not await invitations.claim(session, invitation, now=now):
        return None
    accepted_at = now if invitation.expires_at is None else None
    if known is None:
        person = Person(telegram_id=telegram_id, name=name, language=language, joined_at=now, accepted_at=accepted_at)
        session.add(person)
        await session.flush()
    else:
        person = known.person
        for one in known.held:
            await session.delete(one.membership)
        person.is_active, person.accepted_at, person.name = True, accepted_at, name
        await session.flush()
    await _enter(session, invitation, person, before=known, now=now)
    return person


async def _enter(
    session: AsyncSession, invitation: Invitation, person: Person, *, before: Colleague | None, now: datetime
) -> None:
    invitation.redeemed_by = person.id
    for role in invitation.roles.split():
        # The first administrator is one for the sites to come as well.
        is_first = invitation.expires_at is None and role == PersonRole.ADMINISTRATOR
        session.add(Membership(person_id=person.id, role=role, site_id=None if is_first else invitation.site_id))
    action, said = "person.join", {}
    if before is not None:
        action, said = "person.return", {"field": "roles", "old": described(before.held)}
    await entries.about_person(
        session,
        person.id,
        action,
        at=now,
        by=Actor(person.id),
        site=invitation.site_id,
        **said,
        new=invitation.roles,
        reason=None if invitation.expires_at is None else f"invitation {invitation.id}",
    )
    await session.flush()
    access.changed(session)


async def extend(session: AsyncSession, *, code: str, person: Person, now: datetime) -> Open | None:
    """
    Give a member the further role that a code holds, and tell who invited them and their colleagues there; None for a
    code that opens nothing.

    Raises AccessRefusedError for a role that they hold, and for an invitation of their own: the code then stays good.
    """
    await audit.lock(session)
    await session.flush()
    invitation = await invitations.opened(session, code=code, now=now)
    if invitation is None or invitation.expires_at is None:
        return None
    if invitation.created_by == person.id:
        raise AccessRefusedError("own_invitation")
    colleague = await team.find(session, person_id=person.id, sites=None)
    if colleague is None:
        return None
    membership = await people.add_role(
        session,
        colleague=colleague,
        role=invitation.roles,
        site_id=invitation.site_id,
        by=Actor(person.id),
        now=now,
        reason=f"invitation {invitation.id}",
    )
    await invitations.claim(session, invitation, now=now)
    invitation.redeemed_by = person.id
    site = None if invitation.site_id is None else await session.get_one(Site, invitation.site_id)
    found = Open(invitation, site, None)
    _tell_inviter(session, found, "notice.extended", person=person, now=now, undo_membership=membership.id)
    await _tell_colleagues(session, found, "notice.also", person=person, now=now)
    return found


async def accept(session: AsyncSession, *, person: Person, now: datetime) -> None:
    """
    A person accepts the privacy note and is now a member; who invited them hears of it, and their colleagues do.
    """
    await audit.lock(session)
    person.accepted_at = now
    said = {"field": "accepted_at", "new": now.isoformat()}
    await entries.about_person(session, person.id, "person.accept", at=now, by=Actor(person.id), site=None, **said)
    access.changed(session)
    found = await invitations.came_by(session, person=person)
    if found is not None:
        _tell_inviter(session, found, "notice.joined", person=person, now=now, undo_person=person.id)
        await _tell_colleagues(session, found, "notice.joined", person=person, now=now)


async def decline(session: AsyncSession, *, person: Person, now: datetime) -> None:
    """
    A person does not accept it and is shut out again; who invited them hears of it.
    """
    await audit.lock(session)
    await people.switch(session, person=person, to=False, by=Actor(person.id), now=now, action="person.decline")
    found = await invitations.came_by(session, person=person)
    if found is not None:
        _tell_inviter(session, found, "notice.declined", person=person, now=now)


def _tell_inviter(session: AsyncSession, found: Open, key: str, *, person: Person, now: datetime, **undo: int) -> None:
    inviter = found.invitation.created_by
    if inviter is not None:
        notices.add(session, person_id=inviter, key=key, now=now, **_told(found, person), **undo)


async def _tell_colleagues(session: AsyncSession, found: Open, key: str, *, person: Person, now: datetime) -> None:
    """
    Tell the coordinators and investigators of the site but for whoever invited, who is told already.
    """
    invitation = found.invitation
    for one in await team.holders(session, roles=_COLLEAGUES, site_id=invitation.site_id):
        if one.id not in {invitation.created_by, person.id}:
            notices.add(session, person_id=one.id, key=key, now=now, **_told(found, person))


def _told(found: Open, person: Person) -> dict[str, str | int | None]:
    return {"name": person.name, "role": found.invitation.roles, "site": found.site.number if found.site else None}
