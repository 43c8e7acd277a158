"""
Whatever somebody sends is seen to be read: where the answer is what the card says already, the card comes below it.
"""

import pytest

from bot.texts import words
from tests.chat.conversation import everything, skip, values
from tests.chat.test_decisions import change
from tests.chat.test_visits import included
from tests.conftest import Chatter, Clinic

pytestmark = pytest.mark.usefixtures("on_a_day")


async def assert_heard(clinic: Clinic, person: Chatter, *sent: str, note: str) -> None:
    """
    Each of these shows the card anew, with what became of it; one card stands, what was sent is gone, nothing stored.
    """
    before = await everything(clinic)
    for text in sent:
        old = person.card
        new = await person.say(text)
        assert new.id > old.id, f"nothing was seen of {text!r}"
        assert note in new.text
        assert person.api.chat(person.user_id)[-1] == new
        assert old.id not in {message.id for message in person.api.chat(person.user_id)}
        assert all(message.from_bot for message in person.api.chat(person.user_id)[-2:])
    after = await everything(clinic)
    assert after == before


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_what_nobody_asked_for_is_seen_to_be_read(clinic: Clinic, coordinator: Chatter, language: str) -> None:
    """
    On a summary: one word after another that is no answer, also what looks like a name.
    """
    await skip(clinic, coordinator, "donor", until="sex")
    await coordinator.say(f"/language {language}")
    await coordinator.say("/status 01-D-001")
    await coordinator.say("bonjour")
    await assert_heard(clinic, coordinator, "oui", "Dupont Jean", "45", note=words(language).plain("note.not_asked"))


async def test_a_value_that_is_refused_twice_is_seen_to_be_read(clinic: Clinic, coordinator: Chatter) -> None:
    """
    At a question: the second refusal says the same as the first, and the question still takes its answer.
    """
    await skip(clinic, coordinator, "donor", until="age")
    await coordinator.say("x" * 3)
    text, old = coordinator.card.text, coordinator.card.id
    card = await coordinator.say("y" * 3)
    assert (card.text, card.id > old) == (text, True)
    await coordinator.say("44")
    assert (await values(clinic, "01-D-001"))["age"] == "44"


@pytest.mark.parametrize("first", ["KCO 55", "DLCO/VA 70", "zzz"])
async def test_a_value_that_nothing_can_be_made_of_is_seen_in_what_if(
    clinic: Clinic, coordinator: Chatter, first: str
) -> None:
    """
    The card of /whatif comes anew for each.
    """
    await skip(clinic, coordinator, "recipient")
    await coordinator.say("/whatif 01-R-001")
    await coordinator.say(first)
    old = coordinator.card.id
    assert (await coordinator.say(first)).id > old


async def test_a_reason_that_is_refused_twice_is_seen_to_be_read(clinic: Clinic, coordinator: Chatter) -> None:
    """
    A name, and then a telephone number, as the reason of a deviation: nothing of either is quoted.
    """
    code = await included(clinic)
    await change(coordinator, code, "Person", "Age", "71")
    await coordinator.say(f"/infused {code} 4/5/2026")
    await coordinator.say("the call from Marie Dupont")
    await assert_heard(clinic, coordinator, "patient 0612345678", note=words("en").plain("note.reason_personal"))
    assert "0612345678" not in coordinator.card.text


async def test_a_second_press_shows_no_second_card(clinic: Clinic, coordinator: Chatter) -> None:
    """
    What a press shows already stays where it is; an update that comes twice is heard once.
    """
    await skip(clinic, coordinator, "donor", until="sex")
    await coordinator.say("/status 01-D-001")
    button = coordinator.card.buttons[-1][-1].data
    assert button is not None
    card = await coordinator.tap(button)
    stood = [message.id for message in coordinator.api.chat(coordinator.user_id)]
    again = await coordinator.tap(button, card)
    assert again.id == card.id
    assert [message.id for message in coordinator.api.chat(coordinator.user_id)] == stood
