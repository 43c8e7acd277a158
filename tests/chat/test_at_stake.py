"""
That a sign-off falls with an answer is said before the answer is given, on every way to give it.
"""

import pytest

from bot.texts import words
from tests.chat.conversation import skip
from tests.chat.test_decisions import NOW, sign, stages
from tests.conftest import Chatter, Clinic

pytestmark = pytest.mark.usefixtures("on_a_day")


async def signed(clinic: Clinic, coordinator: Chatter, investigator: Chatter) -> None:
    """
    01-R-001, eligible and signed.
    """
    await skip(clinic, coordinator, "recipient")
    await sign(clinic, investigator)
    assert clinic.now is not None
    assert clinic.now > NOW
    assert await stages(clinic) == {"01-R-001": "signed"}


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_a_list_that_ends_a_sign_off_says_so_first(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter, language: str
) -> None:
    """
    And that taking it back restores the values, not the signature; a list that changes nothing says nothing.
    """
    text = words(language)
    await signed(clinic, coordinator, investigator)
    await coordinator.say(f"/language {language}")
    warning = text.plain("at_stake.list", code="01-R-001")
    card = await coordinator.say("01-R-001 dlco 25")
    assert warning in card.text
    assert await stages(clinic) == {"01-R-001": "signed"}
    await coordinator.press(text.plain("button.cancel"))
    assert warning not in (await coordinator.say("01-R-001 age 45")).text


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_an_edit_that_ends_a_sign_off_says_so_first(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter, language: str
) -> None:
    """
    Where the reason is asked, at the question, and where an unusual value is to be confirmed; not once it is void.
    """
    text = words(language)
    await signed(clinic, coordinator, investigator)
    await coordinator.say(f"/language {language}")
    warning = text.plain("at_stake.answer", code="01-R-001")
    path = ("button.edit", "section.lung", "item.dlco", "reason.typo")
    await coordinator.say("/status 01-R-001")
    shown = [(await coordinator.press(text.plain(key))).text for key in path]
    assert [warning in card for card in shown] == [False, False, True, True]
    assert warning in (await coordinator.say("5")).text
    await coordinator.press(text.plain("button.confirm"))
    assert await stages(clinic) == {"01-R-001": "screening"}
    await coordinator.say("/status 01-R-001")
    assert not any([warning in (await coordinator.press(text.plain(key))).text for key in path])


async def test_what_a_donor_lends_to_a_signed_recipient_says_so_first(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    The donor is signed by nobody, but the recipient's sign-off rests on what the donor lends; on nothing else of it.
    """
    await skip(clinic, coordinator, "recipient")
    await skip(clinic, coordinator, "donor")
    await coordinator.say("/link 01-R-001 01-D-001")
    await sign(clinic, investigator)
    assert (await stages(clinic))["01-R-001"] == "signed"
    warning = words("en").plain("at_stake.linked", codes="01-R-001")
    assert warning in (await coordinator.say("01-D-001 consent refused")).text
    await coordinator.press("Cancel")
    assert warning not in (await coordinator.say("01-D-001 social security no")).text
