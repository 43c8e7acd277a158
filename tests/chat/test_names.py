"""
How people are called: whatever Telegram says of them, there is something to be seen.
"""

import pytest
from sqlmodel import update

from bot.texts import words
from db.base.tables import Person
from tests.chat.staff import invite, person_of
from tests.conftest import Chatter, Clinic

NEWCOMER = 303
INVISIBLE = ["", " ", "\u3164", "\u2800", "\u200b", "\u200b\u200d\ufeff", "\u115f\u1160", "\u00ad", "\u0301", "\ue000"]


async def invited(clinic: Clinic, coordinator: Chatter, name: str, language: str = "en") -> Chatter:
    """
    Somebody of this name who has come in.
    """
    code = await invite(coordinator)
    newcomer = clinic.person(NEWCOMER, language)
    clinic.api.send(NEWCOMER, f"/start {code}", language=language, first_name=name)
    await newcomer.look()
    return newcomer


@pytest.mark.parametrize("name", INVISIBLE)
async def test_a_name_that_cannot_be_seen_gets_a_stand_in(clinic: Clinic, coordinator: Chatter, name: str) -> None:
    """
    It is stored and shown, in the team's list and on its button.
    """
    await invited(clinic, coordinator, name)
    person = await person_of(clinic, NEWCOMER)
    assert person is not None
    assert person.name == "(no name)"
    card = await coordinator.say("/team")
    assert "(no name)" in card.text
    await coordinator.press("(no name)")
    assert "(no name)" in coordinator.card.text


@pytest.mark.parametrize("name", ["\u674e", "O", "7", "\U0001f600", "\u200bA", "\u0645"])
async def test_a_name_of_which_something_can_be_seen_stays(clinic: Clinic, coordinator: Chatter, name: str) -> None:
    """
    In whatever script, and a single sign too.
    """
    await invited(clinic, coordinator, name)
    person = await person_of(clinic, NEWCOMER)
    assert person is not None
    assert person.name == name


async def test_a_name_stored_before_gets_its_stand_in_where_it_is_shown(clinic: Clinic, coordinator: Chatter) -> None:
    """
    In the language of whoever reads it.
    """
    await invited(clinic, coordinator, "Ana")
    async with clinic.application.database.transaction() as session:
        await session.exec(update(Person).where(Person.telegram_id == NEWCOMER).values(name="\u3164"))
    await coordinator.say("/team")
    await coordinator.press("(no name)")
    assert "(no name)" in coordinator.card.text
    async with clinic.application.database.transaction() as session:
        await session.exec(update(Person).where(Person.telegram_id != NEWCOMER).values(language="fr"))
    assert "(sans nom)" in (await coordinator.say("/team")).text


async def test_a_stand_in_is_in_the_language_of_the_person(clinic: Clinic, coordinator: Chatter) -> None:
    """
    As Telegram tells it.
    """
    await invited(clinic, coordinator, "\u2800", "fr")
    person = await person_of(clinic, NEWCOMER)
    assert person is not None
    assert person.name == "(sans nom)"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_is_no_person_gets_no_stand_in(language: str) -> None:
    """
    Where a section or a criterion has no name, nothing is said; the names of people have a place of their own.
    """
    text = words(language)
    stand_in = text("name.stand_in")
    assert text("edit.title", name="") == "<b></b>"
    assert text("team.add_role", person="\u2800").startswith(f"<b>{stand_in}</b>")
