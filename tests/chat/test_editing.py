"""
A coordinator changes an answer from the summary, with a reason, and is told what changed by it.
"""

import pytest

from bot.screens.editing import EditScreen
from bot.screens.questions import REASONS
from bot.screens.screening import Continue
from bot.taps import Go
from bot.texts import words
from db.base.tables import Stage
from tests.chat.conversation import AWAITED, all_cases, asked, everything, find, skip, stored, trail, values
from tests.conftest import Chatter, Clinic


async def to_edit(person: Chatter, *labels: str) -> None:
    """
    From a summary through Edit: section, answer, reason.
    """
    for label in ("Edit", *labels):
        await person.press(label)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("reason", REASONS)
async def test_an_answer_is_changed_with_a_reason_and_what_changed_is_told(
    clinic: Clinic, language: str, reason: str
) -> None:
    """
    Old and new value, the criterion that moved and its statuses, the verdict; the reason is in the audit trail.
    """
    person, text = await clinic.coordinator(language), words(language)
    await skip(clinic, person, "donor")
    await person.press(text("button.edit"))
    await person.press(text("section.person"))
    assert "45" in person.card.text
    await person.press(text("item.age"))
    await person.press(text(f"reason.{reason}"))
    assert asked(person.card) == "age"
    await person.say("66")
    card = person.card.text
    assert "45" in card
    assert "66" in card
    moved = [line for line in card.splitlines() if line.startswith("•")]
    assert len(moved) == 1
    assert "D-I1" in moved[0]
    assert text("status.fail") in moved[0]
    assert "🔴" in card
    entry = (await trail(clinic))[-1]
    assert (entry.field, entry.old, entry.new, entry.reason) == ("age", "45", "66", reason)
    assert [row.value for row in await stored(clinic, "01-D-001") if row.item == "age"] == ["45", "66"]


async def test_a_change_that_moves_no_criterion_is_told_as_such(clinic: Clinic, coordinator: Chatter) -> None:
    """
    From 45 to 46 nothing changes.
    """
    await skip(clinic, coordinator, "donor")
    await to_edit(coordinator, "Person", "Age", "Typing error")
    card = await coordinator.say("46")
    assert "D-I1" not in card.text
    assert "🟢" in card.text
    assert "46" in card.text


async def test_a_change_to_not_available_opens_the_criterion_again(clinic: Clinic, coordinator: Chatter) -> None:
    """
    A result withdrawn is awaited from then on.
    """
    await skip(clinic, coordinator, "donor")
    await to_edit(coordinator, "Infections", "Positive PCR", "Source document")
    card = await coordinator.press("Not available yet")
    assert "D-E2" in card.text
    assert "🟡" in card.text
    assert (await values(clinic, "01-D-001"))["positive_pcr"] is None


async def test_a_change_may_open_further_questions(clinic: Clinic, coordinator: Chatter) -> None:
    """
    From male to female: Continue asks what is relevant now.
    """
    await skip(clinic, coordinator, "donor", sex="male")
    await to_edit(coordinator, "Person", "Sex", "Source document")
    card = await coordinator.press("Female")
    assert "D-I5" in card.text
    assert asked(await coordinator.press("Continue")) == "childbearing_potential"


async def test_an_unusual_change_is_confirmed_and_keeps_its_reason(clinic: Clinic, coordinator: Chatter) -> None:
    """
    An age of 15 is asked about; typed again, it is still the change with its reason.
    """
    await skip(clinic, coordinator, "donor")
    await to_edit(coordinator, "Person", "Age", "New result")
    await coordinator.say("15")
    await coordinator.press("Type it again")
    await coordinator.say("14")
    assert (await values(clinic, "01-D-001"))["age"] == "45"
    await coordinator.press("Yes, store it")
    row = (await stored(clinic, "01-D-001"))[-1]
    assert (row.item, row.value, row.reason) == ("age", "14", "new")


async def test_a_look_at_why_keeps_the_change_and_its_reason(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Why? and Return in the middle of a change lead back into it.
    """
    await skip(clinic, coordinator, "donor")
    await to_edit(coordinator, "Person", "Age", "New result", "Why?", "Return")
    card = await coordinator.say("66")
    row = (await stored(clinic, "01-D-001"))[-1]
    assert (row.item, row.value, row.reason) == ("age", "66", "new")
    assert "D-I1" in card.text


async def test_a_refused_change_keeps_its_reason_too(clinic: Clinic, coordinator: Chatter) -> None:
    """
    A slip while changing asks the same again.
    """
    await skip(clinic, coordinator, "donor")
    await to_edit(coordinator, "Person", "Age", "New result")
    await coordinator.say("forty")
    await coordinator.say("40")
    row = (await stored(clinic, "01-D-001"))[-1]
    assert (row.item, row.value, row.reason) == ("age", "40", "new")


async def test_a_change_can_be_left_at_every_step(clinic: Clinic, coordinator: Chatter) -> None:
    """
    From the sections, the reasons or the question back to the summary: nothing is stored.
    """
    await skip(clinic, coordinator, "donor")
    before = await everything(clinic)
    await to_edit(coordinator, "Person", "Age", "New result", "Cancel", "Person", "Sex", "Cancel", "Person", "Return")
    await coordinator.press("Summary")
    assert "🟢" in coordinator.card.text
    assert await everything(clinic) == before


async def test_every_answer_given_can_be_changed(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The sections of Edit hold each answered item once, awaited ones included.
    """
    await skip(clinic, coordinator, "recipient", spap=AWAITED)
    await coordinator.press("Edit")
    sections = [label for label in coordinator.labels if label.endswith(")")]
    found = []
    for section in sections:
        await coordinator.press(section)
        found += [label for label in coordinator.labels if "Return" not in label]
        await coordinator.press("Return")
    assert len(found) == len(await values(clinic, "01-R-001"))
    assert any("Systolic PAP" in label for label in found)


async def test_a_change_of_a_finished_case_takes_it_up_again(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The relationship was wrong: the case is in screening again, and the questions left are offered.
    """
    await skip(clinic, coordinator, "donor", relationship="unrelated", until="lidocaine_allergy")
    await coordinator.press("Finish")
    await to_edit(coordinator, "Donation", "Relationship", "Source document")
    await coordinator.press("Spouse")
    assert (await all_cases(clinic))["01-D-001"].stage == Stage.SCREENING
    assert asked(await coordinator.press("Continue")) == "lidocaine_allergy"


async def test_a_case_without_answers_has_nothing_to_edit(coordinator: Chatter) -> None:
    """
    Its summary offers no Edit.
    """
    await coordinator.say("/new donor")
    card = await coordinator.say("/status 1-d-1")
    assert find(card, lambda tap: isinstance(tap, Go) and tap.screen == EditScreen()) is None
    assert find(card, lambda tap: isinstance(tap, Go) and tap.screen == Continue()) is not None
