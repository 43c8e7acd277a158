"""
People of the trial's staff, as the tests of roles need them.
"""

import re
from datetime import UTC, datetime

from sqlmodel import select

from db.base.tables import Membership, Person, PersonRole, Site
from db.people import sites
from db.trail import audit
from db.trail.audit import PROGRAM
from tests.conftest import Chatter, Clinic

LINK = re.compile(r"https://t\.me/local_bot\?start=(\S+)")
JOINED = datetime(2026, 1, 5, tzinfo=UTC)


async def add_site(clinic: Clinic, name: str = "Lyon") -> int:
    """
    A further site, as the command line adds it; its id.
    """
    async with clinic.application.database.transaction() as session:
        audit.use_key(session, clinic.application.worker.audit_key)
        site = await sites.open_site(session, name=name, time_zone="Europe/Paris", by=PROGRAM, now=JOINED)
    return site.id


async def add_member(
    clinic: Clinic,
    user_id: int,
    *held: tuple[PersonRole, int | None],
    is_active: bool = True,
    has_accepted: bool = True,
) -> Chatter:
    """
    Somebody who holds these roles at the sites with these ids; None for all sites.
    """
    async with clinic.application.database.transaction() as session:
        person = Person(
            telegram_id=user_id,
            name=f"P{user_id}",
            language="en",
            is_active=is_active,
            joined_at=JOINED,
            accepted_at=JOINED if has_accepted else None,
        )
        session.add(person)
        await session.flush()
        session.add_all(Membership(person_id=person.id, role=role, site_id=site) for role, site in held)
    return clinic.person(user_id)


async def person_of(clinic: Clinic, user_id: int) -> Person | None:
    """
    What is stored of a person.
    """
    async with clinic.application.database.transaction() as session:
        return (await session.exec(select(Person).where(Person.telegram_id == user_id))).first()


async def roles_of(clinic: Clinic, user_id: int) -> set[tuple[str, int | None]]:
    """
    The roles that a person holds, with the numbers of the sites; None for all sites.
    """
    async with clinic.application.database.transaction() as session:
        query = select(Membership.role, Site.number).join(Person).outerjoin(Site)
        return set((await session.exec(query.where(Person.telegram_id == user_id))).all())


def link_in(person: Chatter) -> str:
    """
    The code of the last invitation that stands in a chat.
    """
    found = [match[1] for message in person.api.chat(person.user_id) if (match := LINK.search(message.text))]
    assert found, "no link in the chat"
    return found[-1]


async def invite(admin: Chatter, role: str = "Coordinator", place: str = "01") -> str:
    """
    Let an administrator make an invitation, by buttons; its code.
    """
    await admin.say("/invite")
    await admin.press(role)
    await admin.press(place)
    return link_in(admin)


async def join(clinic: Clinic, admin: Chatter, user_id: int, role: str = "Coordinator", place: str = "01") -> Chatter:
    """
    Let somebody be invited, come in and accept.
    """
    code = await invite(admin, role, place)
    person = clinic.person(user_id)
    await person.say(f"/start {code}")
    await person.press("Accept")
    await admin.look()
    return person


def said(person: Chatter) -> list[str]:
    """
    What the bot has written into a chat that is still there.
    """
    return [message.text for message in person.api.chat(person.user_id) if message.from_bot]
