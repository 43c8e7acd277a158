"""
Somebody who screens at several sites is asked at which one a case is opened; everybody else is not.
"""

from bot.taps import NewAt
from db.base.tables import PersonRole, Site
from tests.chat.conversation import all_cases, asked
from tests.chat.staff import add_member
from tests.conftest import Chatter, Clinic

BOTH, ONE = 301, 302


async def _another_site(clinic: Clinic) -> None:
    async with clinic.application.database.transaction() as session:
        session.add(Site(id=2, number=2, name="Lyon", time_zone="Europe/Paris"))


async def test_the_site_is_asked_where_there_are_several(clinic: Clinic, coordinator: Chatter) -> None:
    """
    By command and by button; the case gets the number of its site, and its questions begin.
    """
    await coordinator.say("/start")
    await _another_site(clinic)
    person = await add_member(clinic, BOTH, (PersonRole.COORDINATOR, 1), (PersonRole.COORDINATOR, 2))
    card = await person.say("/new donor")
    assert "At which site?" in card.text
    await person.press("02 · Lyon")
    assert asked(person.card) == "age"
    assert list(await all_cases(clinic)) == ["02-D-001"]
    await person.press("Pause")
    await person.press("New recipient")
    await person.press("01")
    assert list(await all_cases(clinic)) == ["02-D-001", "01-R-001"]


async def test_nobody_opens_a_case_at_a_site_of_others(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Whoever screens at one site is not asked, and a button for another one opens nothing.
    """
    await coordinator.say("/start")
    await _another_site(clinic)
    person = await add_member(clinic, ONE, (PersonRole.COORDINATOR, 2))
    await person.say("/start")
    await person.tap(NewAt("donor", 1).data)
    assert await all_cases(clinic) == {}
    await person.say("/new donor")
    assert list(await all_cases(clinic)) == ["02-D-001"]
