"""
People who only read: members put in place without an invitation, at this site or at another one.
"""

from sqlmodel import select

from db.base.tables import (
    Membership,
    Person,
    PersonRole,
    Site,
)
from db.base.types import now
from tests.conftest import Chatter, Clinic

MONITOR, ELSEWHERE = 301, 302


async def reader(
    clinic: Clinic,
    user_id: int = MONITOR,
    *,
    site: int | None = 1,
    role: str = PersonRole.MONITOR,
    language: str = "en",
) -> Chatter:
    """
    Somebody with this role at this site, by its number; None for all sites.
    """
    async with clinic.application.database.transaction() as session:
        place = None
        if site is not None:
            place = (await session.exec(select(Site).where(Site.number == site))).first()
            if place is None:
                place = Site(number=site, name=f"Site {site:02d}", time_zone="Europe/Paris")
                session.add(place)
        person = Person(telegram_id=user_id, name="Reader", language=language, accepted_at=now())
        session.add(person)
        await session.flush()
        session.add(Membership(person_id=person.id, role=role, site_id=place.id if place else None))
    return clinic.person(user_id, language)


async def strangers_answer(clinic: Clinic, text: str, unknown: str) -> tuple[str, str]:
    """
    What somebody of another site is told about a case of this one, and about a code that never was.
    """
    person = await reader(clinic, ELSEWHERE, site=2)
    hidden = (await person.say(text)).text
    never = (await person.say(text.replace("01-", "99-"))).text
    assert unknown in hidden
    return hidden, never.replace("99-", "01-")
