"""
Codes that make whoever presents one first a member. The first of all is the setup code.
"""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db import audit
from db.audit import PROGRAM, Actor
from db.tables import Invitation, Membership, Person, PersonRole, Site

_BYTES = 16


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


async def setup_code(session: AsyncSession, *, site_name: str, time_zone: str, now: datetime) -> str | None:
    """
    A new setup code while nobody has a place here yet, else None. It replaces the one printed before.

    Whoever presents it becomes administrator and coordinator of the first site, which is made here.
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
    await session.exec(delete(Invitation))
    code = secrets.token_urlsafe(_BYTES)
    roles = f"{PersonRole.ADMINISTRATOR} {PersonRole.COORDINATOR}"
    session.add(Invitation(code_hash=_hash(code), roles=roles, site_id=site.id, created_at=now))
    return code


async def redeem(
    session: AsyncSession, *, code: str, telegram_id: int, name: str, language: str, now: datetime
) -> Person | None:
    """
    Make this Telegram id a member by a code that nobody has redeemed yet; None for any other code.
    """
    await audit.lock(session)
    if (await session.exec(select(Person).where(Person.telegram_id == telegram_id))).first() is not None:
        return None
    claimed = await session.exec(
        update(Invitation)
        .where(col(Invitation.code_hash) == _hash(code), col(Invitation.redeemed_at).is_(None))
        .values(redeemed_at=now)
        .returning(col(Invitation.id))
    )
    claimed_id = claimed.scalar()
    if claimed_id is None:
        return None
    invitation = await session.get_one(Invitation, claimed_id, populate_existing=True)
    person = Person(telegram_id=telegram_id, name=name, language=language, joined_at=now)
    session.add(person)
    await session.flush()
    invitation.redeemed_by = person.id
    roles = invitation.roles.split()
    session.add_all(Membership(person_id=person.id, role=role, site_id=invitation.site_id) for role in roles)
    await audit.record(
        session,
        at=now,
        by=Actor(person.id),
        action="person.join",
        entity=f"person {person.id}",
        site=invitation.site_id,
        new=invitation.roles,
    )
    await session.flush()
    return person
