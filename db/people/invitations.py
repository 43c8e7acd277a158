"""
Codes that let whoever presents one first in: handed out, looked up, made worthless.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, update
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.frozen import Frozen
from db.base.tables import Invitation, Person, Site
from db.people import reach
from db.people.reach import OutOfReachError
from db.people.team import covers
from db.trail import audit
from db.trail.audit import Actor

VALID = timedelta(hours=72)
_BYTES = 16
_REVOKED = {"field": "state", "old": "open", "new": "revoked"}


class Open(Frozen):
    """
    An invitation that nobody has used yet, its site (None: all sites), and who invites (None: the program).
    """

    invitation: Invitation
    site: Site | None
    inviter: Person | None


_UNUSED = and_(col(Invitation.redeemed_at).is_(None), col(Invitation.revoked_at).is_(None))
_WITH_PLACE = (
    select(Invitation, Site, Person)
    .outerjoin(Site, col(Site.id) == col(Invitation.site_id))
    .outerjoin(Person, col(Person.id) == col(Invitation.created_by))
)


def new_code() -> tuple[str, str]:
    """
    A code, and its hash, which alone is stored.
    """
    code = secrets.token_urlsafe(_BYTES)
    return code, _hash(code)


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _is_open(now: datetime) -> ColumnElement[bool]:
    return and_(_UNUSED, or_(col(Invitation.expires_at).is_(None), col(Invitation.expires_at) > now))


async def create(
    session: AsyncSession, *, role: str, site_id: int | None, by: Actor, now: datetime
) -> tuple[Open, str]:
    """
    Invite somebody to a role at a site, or at all sites: the invitation and its code, which is told this once. Raises
    OutOfReachError, AccessRefusedError.
    """
    sites = await reach.begin(session, by=by)
    if not covers(sites, site_id):
        raise OutOfReachError
    site = await reach.check_place(session, role=role, site_id=site_id)
    code, code_hash = new_code()
    invitation = Invitation(
        code_hash=code_hash,
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
    query = _WITH_PLACE.where(_is_open(now), col(Invitation.expires_at).is_not(None))
    query = query.order_by(col(Invitation.expires_at), col(Invitation.id))
    if sites is not None:
        query = query.where(col(Invitation.site_id).in_(sites))
    return [Open(*row) for row in await session.exec(query.limit(limit).offset(offset))]


async def came_by(session: AsyncSession, *, person: Person) -> Open | None:
    """
    The invitation by which a person came in last.
    """
    await session.flush()
    query = _WITH_PLACE.where(Invitation.redeemed_by == person.id)
    query = query.order_by(col(Invitation.redeemed_at).desc(), col(Invitation.id).desc())
    row = (await session.exec(query.limit(1))).first()
    return None if row is None else Open(*row)


async def opened(session: AsyncSession, *, code: str, now: datetime) -> Invitation | None:
    """
    The invitation that a code opens, as long as whoever gave it could give it still.
    """
    query = select(Invitation).where(Invitation.code_hash == _hash(code), _is_open(now))
    invitation = (await session.exec(query.execution_options(populate_existing=True))).first()
    if invitation is None or invitation.created_by is None:
        return invitation
    sites = await reach.administered(session, person_id=invitation.created_by)
    return invitation if covers(sites, invitation.site_id) else None


async def claim(session: AsyncSession, invitation: Invitation, *, now: datetime) -> bool:
    """
    Use an invitation up. False where somebody else has, at the same time.
    """
    claimed = await session.exec(
        update(Invitation)
        .where(col(Invitation.id) == invitation.id, col(Invitation.redeemed_at).is_(None))
        .values(redeemed_at=now)
        .returning(col(Invitation.id))
    )
    return claimed.scalar() is not None


async def revoke(session: AsyncSession, *, invitation_id: int, by: Actor, now: datetime) -> bool:
    """
    Make an invitation worthless. False where it was no longer open. Raises OutOfReachError.
    """
    sites = await reach.begin(session, by=by)
    invitation = await session.get(Invitation, invitation_id, populate_existing=True)
    if invitation is None or invitation.expires_at is None or not covers(sites, invitation.site_id):
        raise OutOfReachError
    if invitation.redeemed_at or invitation.revoked_at or invitation.expires_at <= now:
        return False
    invitation.revoked_at = now
    await _audit(session, "invitation.revoke", invitation, by=by, now=now, **_REVOKED)
    return True


async def void(session: AsyncSession, *, person: Person, by: Actor, now: datetime) -> None:
    """
    What a person has handed out but could not hand out any more opens nothing.
    """
    sites = await reach.administered(session, person_id=person.id)
    if sites is None:
        return
    elsewhere = or_(col(Invitation.site_id).is_(None), col(Invitation.site_id).not_in(sites))
    voided = await session.exec(
        update(Invitation)
        .where(col(Invitation.created_by) == person.id, _UNUSED, elsewhere)
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
            **_REVOKED,
            site=None,
            reason=f"person {person.id} no longer administers there",
        )


async def _audit(
    session: AsyncSession, action: str, invitation: Invitation, *, by: Actor, now: datetime, **said: str
) -> None:
    entity = f"invitation {invitation.id}"
    await audit.record(session, at=now, by=by, action=action, entity=entity, site=invitation.site_id, **said)
