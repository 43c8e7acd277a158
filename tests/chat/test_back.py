"""
Going back through the answers: a slip is corrected at once, anything else for a reason.
"""

from datetime import UTC, datetime, timedelta

import pytest

from bot import taps
from bot.screens.screening import ItemScreen
from bot.texts import words
from db.base.tables import PersonRole
from tests.chat.conversation import AWAITED, asked, find, skip, stored, trail, values
from tests.chat.test_decisions import code, enrol, staff
from tests.conftest import Chatter, Clinic

NOW = datetime(2026, 5, 4, 10, 0, 7, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_a_known_time(clinic: Clinic) -> None:
    """
    On 4 May 2026.
    """
    clinic.now = NOW


@pytest.mark.parametrize(("minutes", "is_at_once"), [(9, True), (10, True), (11, False), (60 * 24 * 20, False)])
async def test_back_onto_an_older_value_asks_for_the_reason(
    clinic: Clinic, coordinator: Chatter, minutes: int, *, is_at_once: bool
) -> None:
    """
    Ten minutes long it is a slip; weeks later it is a change, and the trail does not say "corrected at once".
    """
    await skip(clinic, coordinator, "donor", until="sex")
    clinic.now = NOW + timedelta(minutes=minutes)
    await coordinator.press("Back")
    if not is_at_once:
        await coordinator.press("Typing error")
    await coordinator.say("46")
    row = (await stored(clinic, "01-D-001"))[-1]
    assert (row.item, row.value, row.reason) == ("age", "46", "back" if is_at_once else "typo")


async def test_something_else_done_in_between_makes_it_a_change(clinic: Clinic, coordinator: Chatter) -> None:
    """
    A donor linked since: the reason is asked for.
    """
    await skip(clinic, coordinator, "recipient")
    await skip(clinic, coordinator, "donor", until="sex")
    await coordinator.say("/link 01-R-001 01-D-001")
    await coordinator.say("/resume 01-D-001")
    await coordinator.press("Back")
    assert any("Typing error" in label for label in coordinator.labels)


async def test_ten_minutes_that_pass_on_the_card_ask_for_the_reason(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The question was shown in time and answered too late: nothing is stored without a reason.
    """
    await skip(clinic, coordinator, "donor", until="sex")
    await coordinator.press("Back")
    clinic.now = NOW + timedelta(minutes=11)
    card = await coordinator.say("46")
    assert "Why is it to be changed?" in card.text
    assert (await values(clinic, "01-D-001"))["age"] == "45"
    await coordinator.say("read from the wrong line")
    await coordinator.say("46")
    assert (await trail(clinic))[-1].reason == "read from the wrong line"


async def test_a_press_after_ten_minutes_asks_for_the_reason(clinic: Clinic, coordinator: Chatter) -> None:
    """
    As for what is typed.
    """
    await skip(clinic, coordinator, "donor", until="relationship")
    await coordinator.press("Back")
    clinic.now = NOW + timedelta(minutes=11)
    card = await coordinator.press("No")
    assert "Meanwhile that is a change" in card.text
    assert (await values(clinic, "01-D-001"))["social_security"] == "true"


async def test_back_reaches_answers_behind_a_gate_that_has_closed(clinic: Clinic, coordinator: Chatter) -> None:
    """
    From female to male: the answers about pregnancy are still reached.
    """
    await skip(clinic, coordinator, "donor", sex="female", until="relationship")
    await coordinator.press("Back")
    for _ in range(5):
        await coordinator.press("Back")
    assert "Sex" in coordinator.card.text
    await coordinator.press("Typing error")
    await coordinator.press("Male")
    await coordinator.press("Continue")
    reached = []
    while any("Back" in label for label in coordinator.labels):
        reached.append((await coordinator.press("Back")).text)
    assert any("Pregnan" in text for text in reached)


async def test_the_first_value_of_an_awaited_item_is_no_change(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Edit asks at once for the value, and not why.
    """
    await skip(clinic, coordinator, "donor", positive_pcr=AWAITED)
    clinic.now = NOW + timedelta(days=3)
    for label in ("Edit", "Infections", "Positive PCR"):
        await coordinator.press(label)
    assert asked(coordinator.card) == "positive_pcr"
    await coordinator.press("None of these")
    row = (await stored(clinic, "01-D-001"))[-1]
    assert (row.item, row.value, row.reason) == ("positive_pcr", "[]", None)


@pytest.mark.parametrize("typed", [".", "xxx", "ab", "12345", "Marie Dupont called"])
async def test_another_reason_is_given_in_words(clinic: Clinic, coordinator: Chatter, typed: str) -> None:
    """
    Three letters at least, not one letter repeated, and nobody's name; history and report show what was typed.
    """
    await skip(clinic, coordinator, "donor")
    for label in ("Edit", "Person", "Age"):
        await coordinator.press(label)
    await coordinator.say(typed)
    assert any("Typing error" in label for label in coordinator.labels)
    await coordinator.say("the chart says: other year")
    await coordinator.say("46")
    assert (await trail(clinic))[-1].reason == "the chart says: other year"
    assert "the chart says: other year" in (await coordinator.say("/history 01-D-001")).text
    await coordinator.say("/report 01-D-001")
    report = next(one.file for one in reversed(coordinator.api.chat(coordinator.user_id)) if one.file)
    assert "the chart says: other year" in report.content.decode()


async def test_a_dismissed_query_given_the_same_value_again_is_dismissed_before_signing(
    clinic: Clinic, coordinator: Chatter
) -> None:
    """
    Even back to the same value: until somebody says once more why it stands, nothing is signed.
    """
    person = await staff(clinic, 202, PersonRole.INVESTIGATOR)
    await enrol(clinic, person)
    await skip(clinic, coordinator, "recipient")
    await skip(clinic, coordinator, "donor", relationship="parent", age="50")
    await coordinator.say("/link 01-R-001 01-D-001")
    await person.say("/sign 01-D-001")
    await person.press("Dismiss Q9")
    await person.press("Checked against the source")
    await coordinator.say("/status 01-D-001")
    for label in ("Edit", "Person", "Age", "Source document"):
        await coordinator.press(label)
    await coordinator.say("50")
    card = await person.say("/sign 01-D-001")
    assert "dismiss the open queries first" in card.text
    await person.say(await code(clinic, 202))
    assert not [entry for entry in await trail(clinic) if entry.action == "decision.signed"]
    await person.press("Dismiss Q9")
    await person.press("Checked against the source")
    await person.say("/sign 01-D-001")
    card = await person.say(await code(clinic, 202))
    assert [entry for entry in await trail(clinic) if entry.action == "decision.signed"]


async def test_back_after_a_list_opens_what_the_list_gave_last(clinic: Clinic, coordinator: Chatter) -> None:
    """
    On the summary: also an item that was awaited long before, and not what had been answered for the first time last.
    """
    await skip(clinic, coordinator, "donor", positive_serology=AWAITED)
    await coordinator.say("/status 01-D-001")
    await coordinator.say("positive serology: none")
    await coordinator.press(words("en").count("button.store", 1).unescape())
    card = await coordinator.say("/status 01-D-001")
    assert (await values(clinic, "01-D-001"))["positive_serology"] == "[]"
    back = find(card, lambda tap: isinstance(tap, taps.Go) and tap.screen == ItemScreen("positive_serology"))
    assert back is not None
