"""
What was typed or ticked but is no answer yet: it waits for its question, and whoever leaves it is told.
"""

import pytest
from sqlmodel import select

from bot.rules import file_form
from bot.taps import GivePart, Listed, Toggle
from bot.texts import words
from db.base.tables import Chat
from tests.chat.conversation import asked, everything, find, open_case, skip, stored, values
from tests.conftest import Chatter, Clinic

CODE, OTHER = "01-R-001", "01-R-002"
LEAVING = ["/help", "/cases", "/find old", CODE, "/decide", "/nothing", "/language"]


def said(person: Chatter, key: str, **shown: object) -> str:
    """
    A note in the person's language.
    """
    return words(person.language)(key, **shown).unescape()


def waits(person: Chatter, number: int, code: str = CODE) -> str:
    """
    That so many values of a list wait.
    """
    return words(person.language).count("note.list_waits", number, name=code).unescape()


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_a_list_that_waits_is_not_lost_to_another_command(clinic: Clinic, language: str) -> None:
    """
    It is said that its values are not stored and how to come back to them; there they can be stored as if nothing had
    been between.
    """
    person = await clinic.coordinator(language)
    await open_case(person, "recipient")
    await person.say("dlco 58, fvc 66, lvef 60")
    before = await everything(clinic)
    for command in LEAVING:
        card = await person.say(command)
        if card.text.startswith(said(person, "note.unknown_command")):
            assert find(card, lambda tap: isinstance(tap, Listed)), "an unknown command leaves nothing"
            continue
        assert waits(person, 3) in card.text, command
        assert await everything(clinic) == before
        card = await person.say(f"/resume {CODE}")
        assert find(card, lambda tap: isinstance(tap, Listed) and tap.action == "all")
    await person.press(words(language).count("button.store", 3).unescape())
    assert await values(clinic, CODE) == {"dlco": "58", "fvc": "66", "lvef": "60"}
    assert waits(person, 3) not in (await person.say("/help")).text


async def test_a_list_waits_while_another_case_is_screened(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Each case keeps its own, and each is stored with its own case.
    """
    await open_case(coordinator, "recipient")
    await coordinator.say("dlco 58, fvc 66")
    await coordinator.say("/new recipient")
    await coordinator.say("lvef 40")
    card = await coordinator.say(f"{CODE} hb 11.2 g/dL")
    assert waits(coordinator, 1, OTHER) in card.text
    await coordinator.press("Store all 3")
    assert (await values(clinic, CODE)).keys() == {"dlco", "fvc", "haemoglobin"}
    assert await stored(clinic, OTHER) == []
    await coordinator.say(f"/resume {OTHER}")
    await coordinator.press("Store it")
    assert await values(clinic, OTHER) == {"lvef": "40"}


async def test_a_list_waits_while_an_answer_is_changed_and_is_shown_beside_the_new_one(
    clinic: Clinic, coordinator: Chatter
) -> None:
    """
    Values that stand by then are said to; a button of the list as it was shown before does nothing.
    """
    await skip(clinic, coordinator, "recipient", until="lvef")
    await coordinator.say("dlco 57, lvef 60")
    [old] = [one for one in [find(coordinator.card, lambda tap: isinstance(tap, Listed))] if one]
    assert waits(coordinator, 2) in (await coordinator.say(CODE)).text
    for label in ("Edit", "Lung", "DLCO", "Typing error"):
        await coordinator.press(label)
    await coordinator.say("57")
    assert (await values(clinic, CODE))["dlco"] == "57"
    await coordinator.tap(old)
    assert "lvef" not in await values(clinic, CODE)
    card = await coordinator.say(f"/resume {CODE}")
    assert "As it stands already: DLCO" in card.text
    await coordinator.press("Store it")
    assert (await values(clinic, CODE))["lvef"] == "60"


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    ("text", "line"),
    [("dlco abc", 1), ("dlco 580", 1), ("DLCO: abc\nfvc ?!", 2), ("dlco 57", 0), ("dlco 57\nfvc x", 2)],
)
async def test_a_list_of_which_nothing_can_be_stored_leaves_the_question(
    clinic: Clinic, language: str, text: str, line: int
) -> None:
    """
    Lines that are refused, and a value that stands already: what was wrong is said above the question, which can be
    answered at once; nothing waits.
    """
    person = await clinic.coordinator(language)
    await skip(clinic, person, "recipient", until="lvef", dlco="57")
    before = await everything(clinic)
    card = await person.say(text)
    key = "quick.left" if line else "quick.same"
    assert words(language)(key, items="").unescape().strip() in card.text
    refused = words(language)("quick.refused", line=line, item="", text="", why="").unescape()
    assert (refused.partition(",")[0] in card.text) is bool(line)
    assert asked(card) == "lvef"
    assert find(card, lambda tap: isinstance(tap, Listed)) is None
    assert await everything(clinic) == before
    async with clinic.application.database.transaction() as session:
        assert (await session.exec(select(Chat.draft))).all() == [None]
    await person.say("60")
    assert (await values(clinic, CODE))["lvef"] == "60"


@pytest.mark.parametrize("where", ["summary", "menu"])
async def test_a_list_refused_elsewhere_leaves_where_one_is(clinic: Clinic, coordinator: Chatter, where: str) -> None:
    """
    On a summary it stays; behind a code its case is shown.
    """
    await skip(clinic, coordinator, "recipient", until="lvef")
    if where == "summary":
        await coordinator.say(CODE)
        card = await coordinator.say("dlco abc")
        assert any("Edit" in label for label in coordinator.labels)
    else:
        await coordinator.say("/dashboard")
        card = await coordinator.say(f"{CODE} dlco abc")
        assert asked(card) == "lvef"
    assert "Not taken:" in card.text
    assert "“dlco abc”. Not understood." in card.text
    assert "Not taken:" not in (await coordinator.say(f"/resume {CODE}")).text


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_an_unusual_value_waits_at_its_question(clinic: Clinic, language: str) -> None:
    """
    Whoever leaves is told the value and that it is not stored; coming back, it can be confirmed.
    """
    person = await clinic.coordinator(language)
    await skip(clinic, person, "recipient", until="pao2")
    await person.say("125")
    card = await person.say("/help")
    first = card.text.splitlines()[0]
    assert "PaO2" in first
    assert "125" in first
    assert CODE in first
    await person.say(f"/resume {CODE}")
    await person.press(said(person, "button.confirm"))
    assert (await values(clinic, CODE))["pao2"] == "125"


async def test_parts_of_a_score_wait_whatever_else_is_answered(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Half a skin score outlasts another case, and an answer given to this one by a list.
    """
    await skip(clinic, coordinator, "recipient", until="mrss")
    await coordinator.press("Work it out")
    for _ in range(3):
        data = find(coordinator.card, lambda tap: isinstance(tap, GivePart) and tap.value == "2")
        assert data is not None
        await coordinator.tap(data)
    card = await coordinator.say("/new recipient")
    assert "what you gave waits" in card.text
    await coordinator.say(f"{CODE} lvef 60")
    await coordinator.press("Store it")
    assert (await values(clinic, CODE))["lvef"] == "60"
    assert asked(coordinator.card) == "mrss"
    card = await coordinator.press("Work it out")
    assert "6 points so far, 3 of 17 sites" in card.text


async def test_ticks_wait_beside_a_list(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Neither takes the place of the other.
    """
    await skip(clinic, coordinator, "recipient", until="malignancy")
    data = find(coordinator.card, lambda tap: isinstance(tap, Toggle) and tap.option == "myelodysplasia")
    assert data is not None
    await coordinator.tap(data)
    await coordinator.say("hb 11.2 g/dL")
    await coordinator.press("Cancel")
    await coordinator.press("Done (1)")
    assert file_form.loads((await values(clinic, CODE))["malignancy"] or "") == ["myelodysplasia"]


async def test_what_was_cancelled_or_stored_waits_no_longer(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Nothing of it is kept with the chat.
    """
    await skip(clinic, coordinator, "recipient", until="pao2")
    await coordinator.say("dlco 57")
    await coordinator.say("/cancel")
    await coordinator.say("125")
    await coordinator.say("/cancel")
    await coordinator.say("125")
    await coordinator.press("Yes, store it")
    async with clinic.application.database.transaction() as session:
        assert (await session.exec(select(Chat.draft))).all() == [None]
    assert "wait" not in (await coordinator.say("/help")).text.splitlines()[0]


async def test_a_reason_typed_for_a_change_is_not_dropped_without_a_word(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Leaving before the new value is typed.
    """
    await skip(clinic, coordinator, "donor")
    for label in ("Edit", "Person", "Age"):
        await coordinator.press(label)
    await coordinator.say("read on the wrong line")
    assert "not stored" in (await coordinator.say("/help")).text.splitlines()[0]


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_a_day_that_waits_for_a_reason_is_not_dropped_without_a_word(clinic: Clinic, language: str) -> None:
    """
    A death on a day typed, left for a command or another case; whoever cancels needs no second word.
    """
    person = await clinic.coordinator(language)
    text = words(language)
    await skip(clinic, person, "donor", until="positive_pcr")
    for leaving, is_told in (("/help", True), ("1-d-1", True), ("/cancel", False)):
        await person.say("/decide 01-D-001")
        await person.press(text.plain("decide.step.ending.death"))
        await person.press(text.plain("day.yesterday"))
        assert (said(person, "note.not_kept") in (await person.say(leaving)).text) is is_told, leaving
