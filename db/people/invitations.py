"""
Codes that make whoever presents one first a member. The first of all is the setup code.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, update
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.tables import (
    Invitation,
    Membership,
    Person,
    PersonRole,
    Site,
)
from db.delivery import notices
from db.people import access, people, team
from db.people.people import AccessRefusedError, OutOfReachError
from db.people.team import Colleague, covers, described
from db.trail import audit
from db.trail.audit import PROGRAM, Actor

VALID = timedelta(hours=72)
_BYTES = 16
_COLLEAGUES = frozenset({PersonRole.COORDINATOR, PersonRole.INVESTIGATOR})


@dataclass(frozen=True)
class Open:
    """
    An invitation that nobody has used yet, its site (None: all sites), and who invites (None: the program).
    """

    invitation: Invitation
    site: Site | None
    inviter: Person | None


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _is_setup() -> ColumnElement[bool]:
    return and_(col(Invitation.created_by).is_(None), col(Invitation.expires_at).is_(None))


def _is_open(now: datetime) -> ColumnElement[bool]:
    return and_(
        col(Invitation.redeemed_at).is_(None),
        col(Invitation.revoked_at).is_(None),
        or_(col(Invitation.expires_at).is_(None), col(Invitation.expires_at) > now),
    )


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
    await session.exec(delete(Invitation).where(_is_setup()))
    code = secrets.token_urlsafe(_BYTES)
    roles = f"{PersonRole.ADMINISTRATOR} {PersonRole.COORDINATOR}"
    session.add(Invitation(code_hash=_hash(code), roles=roles, site_id=site.id, created_at=now))
    return code


async def create(
    session: AsyncSession, *, role: str, site_id: int | None, by: Actor, now: datetime
) -> tuple[Open, str]:
    """
    Invite somebody to a role at a site, or at all sites: the invitation and its code, which is told this once. Raises
    OutOfReachError, AccessRefusedError.
    """
    sites = await people.begin(session, by=by)
    if not covers(sites, site_id):
        raise OutOfReachError
    site = await people.check_place(session, role=role, site_id=site_id)
    code = secrets.token_urlsafe(_BYTES)
    invitation = Invitation(
        code_hash=_hash(code),
        roles=role,
        site_id=site_id,
        created_at=now,
        created_by=by.person_id,
        expires_at=now + VALID,
    )
    session.add(invitation)
    await session.flush()
    place = "all" if site is None else f"{site.number:02d}"
    await _audit(session, "invitation.create", invitation, by=by, now=now, new=f"{role} {place}")
    inviter = None if by.person_id is None else await session.get(Person, by.person_id)
    return Open(invitation, site, inviter), code


async def still_open(
    session: AsyncSession, *, sites: frozenset[int] | None, now: datetime, limit: int, offset: int = 0
) -> list[Open]:
    """
    The invitations to these sites (None: all) that nobody has used yet, the next to end first.
    """
    await session.flush()
    query = (
        select(Invitation, Site, Person)
        .outerjoin(Site, col(Site.id) == col(Invitation.site_id))
        .outerjoin(Person, col(Person.id) == col(Invitation.created_by))
        .where(_is_open(now), col(Invitation.expires_at).is_not(None))
        .order_by(col(Invitation.expires_at), col(Invitation.id))
    )
    if sites is not None:
        query = query.where(col(Invitation.site_id).in_(sites))
    return [Open(*row) for row in await session.exec(query.limit(limit).offset(offset))]


async def revoke(session: AsyncSession, *, invitation_id: int, by: Actor, now: datetime) -> bool:
    """
    Make an invitation worthless. False where it was no longer open. Raises OutOfReachError.
    """
    sites = await people.begin(session, by=by)
    invitation = await session.get(Invitation, invitation_id, populate_existing=True)
    if invitation is None or invitation.expires_at is None or not covers(sites, invitation.site_id):
        raise OutOfReachError
    if invitation.redeemed_at or invitation.revoked_at or invitation.expires_at <= now:
        return False
    invitation.revoked_at = now
    await _audit(session, "invitation.revoke", invitation, by=by, now=now, field="state", old="open", new="revoked")
    return True


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
    invitation = await _good(session, code=code, now=now)
    if invitation is None or not await _claim(session, invitation, now=now):
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
    await audit.record(
        session,
        at=now,
        by=Actor(person.id),
        action="person.join" if before is None else "person.return",
        entity=f"person {person.id}",
        site=invitation.site_id,
        field=None if before is None else "roles",
        old=None if before is None else described(before.held),
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
    invitation = await _good(session, code=code, now=now)
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
    await _claim(session, invitation, now=now)
    invitation.redeemed_by = person.id
    site = None if invitation.site_id is None else await session.get_one(Site, invitation.site_id)
    await _tell_inviter(session, invitation, "notice.extended", person=person, now=now, undo_membership=membership.id)
    await _tell_colleagues(session, invitation, "notice.also", person=person, now=now)
    return Open(invitation, site, None)


async def came_by(session: AsyncSession, *, person: Person) -> Open | None:
    """
    The invitation by which a person came in last.
    """
    await session.flush()
    query = (
        select(Invitation, Site, Person)
        .outerjoin(Site, col(Site.id) == col(Invitation.site_id))
        .outerjoin(Person, col(Person.id) == col(Invitation.created_by))
        .where(Invitation.redeemed_by == person.id)
        .order_by(col(Invitation.redeemed_at).desc(), col(Invitation.id).desc())
        .limit(1)
    )
    row = (await session.exec(query)).first()
    return None if row is None else Open(*row)


async def accept(session: AsyncSession, *, person: Person, now: datetime) -> None:
    """
    A person accepts the privacy note and is now a member; who invited them hears of it, and their colleagues do.
    """
    await audit.lock(session)
    person.accepted_at = now
    await audit.record(
        session,
        at=now,
        by=Actor(person.id),
        action="person.accept",
        entity=f"person {person.id}",
        field="accepted_at",
        new=now.isoformat(),
    )
    access.changed(session)
    found = await came_by(session, person=person)
    if found is not None:
        await _tell_inviter(session, found.invitation, "notice.joined", person=person, now=now, undo_person=person.id)
        await _tell_colleagues(session, found.invitation, "notice.joined", person=person, now=now)


async def decline(session: AsyncSession, *, person: Person, now: datetime) -> None:
    """
    A person does not accept it and is shut out again; who invited them hears of it.
    """
    await audit.lock(session)
    await people.switch(session, person=person, to=False, by=Actor(person.id), now=now, action="person.decline")
    found = await came_by(session, person=person)
    if found is not None:
        await _tell_inviter(session, found.invitation, "notice.declined", person=person, now=now)


async def _good(session: AsyncSession, *, code: str, now: datetime) -> Invitation | None:
    """
    The invitation that a code opens, as long as whoever gave it could give it still.
    """
    query = select(Invitation).where(Invitation.code_hash == _hash(code), _is_open(now))
    invitation = (await session.exec(query.execution_options(populate_existing=True))).first()
    if invitation is None or invitation.created_by is None:
        return invitation
    sites = await people.administered(session, person_id=invitation.created_by)
    return invitation if covers(sites, invitation.site_id) else None


async def _claim(session: AsyncSession, invitation: Invitation, *, now: datetime) -> bool:
    claimed = await session.exec(
        update(Invitation)
        .where(col(Invitation.id) == invitation.id, col(Invitation.redeemed_at).is_(None))
        .values(redeemed_at=now)
        .returning(col(Invitation.id))
    )
    return claimed.scalar() is not None


async def _tell_inviter(
    session: AsyncSession, invitation: Invitation, key: str, *, person: Person, now: datetime, **about: int
) -> None:
    if invitation.created_by is not None:
        told = await _told(session, invitation, person)
        notices.add(session, person_id=invitation.created_by, key=key, now=now, **told, **about)


async def _tell_colleagues(
    session: AsyncSession, invitation: Invitation, key: str, *, person: Person, now: datetime
) -> None:
    """
    Tell the coordinators and investigators of the site but for whoever invited, who is told already.
    """
    told = await _told(session, invitation, person)
    for one in await team.holders(session, roles=_COLLEAGUES, site_id=invitation.site_id):
        if one.id not in {invitation.created_by, person.id}:
            notices.add(session, person_id=one.id, key=key, now=now, **told)


async def _told(session: AsyncSession, invitation: Invitation, person: Person) -> dict[str, str | int | None]:
    site = None if invitation.site_id is None else await session.get_one(Site, invitation.site_id)
    return {"name": person.name, "role": invitation.roles, "site": None if site is None else site.number}


async def _audit(
    session: AsyncSession, action: str, invitation: Invitation, *, by: Actor, now: datetime, **said: str
) -> None:
    entity = f"invitation {invitation.id}"
    await audit.record(session, at=now, by=by, action=action, entity=entity, site=invitation.site_id, **said)
