"""
Several-of questions in the chat: each option is there, is not, or its result is awaited.
"""

from datetime import UTC, datetime, timedelta

import pytest

from bot.rules import file_form
from bot.taps import TICKED, Toggle
from bot.texts import words
from tests.chat.conversation import asked, find, item_of, mark, skip, stored, values
from tests.conftest import Chatter, Clinic

SEROLOGY = item_of("recipient", "positive_serology")
CASE = "01-R-001"


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_one_option_is_awaited_and_another_is_not_there(clinic: Clinic, language: str) -> None:
    """
    HIV negative, HTLV pending: one tap, and Done. The item is awaited until the result comes.
    """
    person = await clinic.coordinator(language)
    text = words(language)
    await skip(clinic, person, "recipient", until=SEROLOGY.key)
    await mark(person, SEROLOGY, "?htlv")
    await person.press(text.count("button.done", 1).unescape())
    assert (await values(clinic, CASE))[SEROLOGY.key] == '["?htlv"]'
    await person.say(f"/status {CASE}")
    assert text.label(SEROLOGY, "recipient").unescape() in person.card.text


async def test_the_state_of_an_option_is_the_last_one_tapped(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Awaited, then there, then not there: never two at once.
    """
    await skip(clinic, coordinator, "recipient", until=SEROLOGY.key)
    await mark(coordinator, SEROLOGY, "?hiv")
    assert "☑ ⏳ awaited" in coordinator.labels
    await mark(coordinator, SEROLOGY, "hiv")
    assert "☑ HIV-1/2" in coordinator.labels
    assert "☑ ⏳ awaited" not in coordinator.labels
    await mark(coordinator, SEROLOGY, "?htlv")
    await coordinator.press("Done (2)")
    assert file_form.loads((await values(clinic, CASE))[SEROLOGY.key]) == ["?htlv", "hiv"]


@pytest.mark.parametrize(("option", "value"), [("htlv", '["htlv"]'), (None, "[]")])
async def test_a_result_that_was_awaited_is_no_change_of_an_answer(
    clinic: Clinic, coordinator: Chatter, option: str | None, value: str
) -> None:
    """
    It comes a day later, positive or negative: what was said of the other options stands, and no reason is asked for.
    """
    await skip(clinic, coordinator, "recipient", positive_serology=["?htlv"])
    clinic.now = datetime.now(UTC) + timedelta(days=1)
    await coordinator.say(f"/status {CASE}")
    await coordinator.press("Continue")
    assert asked(coordinator.card) == SEROLOGY.key
    if option is None:
        await coordinator.press("☑ ⏳ awaited")
        await coordinator.press("None of these")
    else:
        await mark(coordinator, SEROLOGY, option)
        await coordinator.press("Done (1)")
    last = (await stored(clinic, CASE))[-1]
    assert (last.item, last.value, last.reason) == (SEROLOGY.key, value, None)


@pytest.mark.parametrize("state", [3, 9])
async def test_a_state_that_no_option_has_changes_nothing(clinic: Clinic, coordinator: Chatter, state: int) -> None:
    """
    Forged data.
    """
    await skip(clinic, coordinator, "recipient", until=SEROLOGY.key)
    tap = find(coordinator.card, lambda tap: isinstance(tap, Toggle) and tap.state == TICKED)
    await coordinator.tap(str(tap).removesuffix("1") + str(state))
    assert asked(coordinator.card) == SEROLOGY.key
    assert not any("☑" in label for label in coordinator.labels)
    assert SEROLOGY.key not in [row.item for row in await stored(clinic, CASE)]
