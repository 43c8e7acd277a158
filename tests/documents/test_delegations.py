"""
Who had which role where: as the chat gave and took it.
"""

from datetime import timedelta

from bot.documents.delegations import Delegation, delegations
from bot.documents.reading import read
from db.base.tables import Person
from db.people import invitations, joining, people
from db.trail import audit
from db.trail.audit import PROGRAM, Actor
from tests.chat.ward import NOW
from tests.conftest import Clinic


async def held(clinic: Clinic) -> list[Delegation]:
    """
    Everything that the trail tells.
    """
    async with clinic.application.database.snapshot() as session:
        return delegations(await read(session, now=NOW))


async def test_the_first_member_administers_every_site(clinic: Clinic) -> None:
    """
    By the setup code, which nobody gave them.
    """
    clinic.now = NOW
    await clinic.coordinator()
    found = {(one.role, one.place, one.until) for one in await held(clinic)}
    assert {("administrator", "all", None), ("coordinator", "01", None)} <= found


async def test_a_role_has_who_gave_it_and_who_took_it_away(clinic: Clinic) -> None:
    """
    By invitation the inviter; what was taken away stays on the log with its end; so does what somebody held who was
    shut out, and holds again.
    """
    clinic.now = NOW
    await clinic.coordinator()
    async with clinic.application.database.transaction() as session:
        audit.use_key(session, clinic.application.worker.audit_key)
        _, code = await invitations.create(session, role="monitor", site_id=1, by=Actor(1, "administrator"), now=NOW)
        person = await joining.redeem(session, code=code, telegram_id=7, name="Mona", language="en", now=NOW)
        assert person is not None
        later = NOW + timedelta(days=1)
        await people.grant(session, person_id=person.id, role="investigator", site_id=None, by=PROGRAM, now=later)
        await people.deactivate(session, person_id=person.id, by=PROGRAM, now=later + timedelta(days=1))
        await people.reactivate(session, person_id=person.id, by=PROGRAM, now=later + timedelta(days=2))
        mona = (await session.get_one(Person, person.id)).id
    found = [one for one in await held(clinic) if one.person == mona]
    assert [(one.role, one.place, one.by, one.until) for one in found] == [
        ("monitor", "01", 1, later + timedelta(days=1)),
        ("investigator", "all", None, later + timedelta(days=1)),
        ("investigator", "all", None, None),
        ("monitor", "01", None, None),
    ]
