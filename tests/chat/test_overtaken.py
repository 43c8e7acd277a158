"""
What somebody had begun at a question that is answered meanwhile: it is kept no longer, and they are told.
"""

from collections.abc import Awaitable, Callable

import pytest

from bot.rules import file_form
from bot.taps import Confirm, GivePart, Listed, Pick, Toggle
from bot.texts import words
from db.base.tables import PersonRole
from tests.chat.conversation import asked, everything, find, mark, open_case, skip, values
from tests.chat.conversation import item_of as item
from tests.chat.staff import add_member
from tests.chat.test_scores import part
from tests.chat.test_waiting import said
from tests.conftest import Chatter, Clinic
from tests.rules.cases import RECIPIENT

CODE = "01-R-001"


async def colleague_says(clinic: Clinic, *texts: str) -> Chatter:
    """
    Another coordinator of the site opens the case and types or presses these.
    """
    colleague = await add_member(clinic, 202, (PersonRole.COORDINATOR, 1))
    await colleague.say(f"/resume {CODE}")
    for text in texts:
        await (colleague.press(text.removeprefix("#")) if text.startswith("#") else colleague.say(text))
    return colleague


async def parts(person: Chatter) -> str:
    """
    Three sites of the skin score are given, and one more is about to be.
    """
    await person.press(words(person.language)("button.work").unescape())
    for _ in range(3):
        await person.tap(part(person, "2"))
    return part(person, "2")


async def tick(person: Chatter) -> str:
    """
    One option is ticked, and the other about to be.
    """
    await mark(person, item("recipient", "malignancy"), "myelodysplasia")
    data = find(person.card, lambda tap: isinstance(tap, Toggle) and tap.option != "myelodysplasia")
    assert data is not None
    return data


async def unusual(person: Chatter) -> str:
    """
    An unusual value is typed, and about to be confirmed.
    """
    data = find(await person.say("125"), lambda tap: isinstance(tap, Confirm))
    assert data is not None
    return data


BEGUN = [("mrss", parts, "21"), ("malignancy", tick, "#None"), ("pao2", unusual, "90")]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(("key", "begin", "typed"), BEGUN, ids=[key for key, *_ in BEGUN])
async def test_what_was_begun_is_dropped_with_a_word_where_somebody_else_answers(
    clinic: Clinic, language: str, key: str, begin: Callable[[Chatter], Awaitable[str]], typed: str
) -> None:
    """
    Whatever is pressed or typed next says once what stands now, changes nothing, and goes on to the next question.
    """
    person = await clinic.coordinator(language)
    await skip(clinic, person, "recipient", until=key)
    button = await begin(person)
    colleague = await colleague_says(clinic, typed)
    before = await everything(clinic)
    card = await person.tap(button)
    asked_for = item("recipient", key)
    value = words(language).value(asked_for, file_form.loads((await values(clinic, CODE))[key] or ""))
    lost = said(person, "note.draft_overtaken", item=words(language).label(asked_for, "recipient"), value=value)
    assert card.text.splitlines()[0] == lost
    assert asked(card) == asked(colleague.card) != key
    assert await everything(clinic) == before
    assert "{" not in lost
    assert lost not in (await person.say("/help")).text
    assert lost not in (await person.say(f"/resume {CODE}")).text


async def test_parts_that_a_colleague_gave_are_not_taken_for_ones_own(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Another site chosen on the card that stands: it does not show the colleague's score as if it were half done.
    """
    await skip(clinic, coordinator, "recipient", until="mrss")
    await parts(coordinator)
    await colleague_says(clinic, "1" * len(RECIPIENT.item["mrss"].parts), "#Store")  # type: ignore[attr-defined]  # as above
    card = await coordinator.press("← ")
    assert "17 points" in card.text.splitlines()[0]
    assert find(card, lambda tap: isinstance(tap, GivePart)) is None


async def test_of_several_each_is_said(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Half a skin score and an unusual value, both overtaken: one is said, the other with what is done next.
    """
    await skip(clinic, coordinator, "recipient", until="mrss")
    await parts(coordinator)
    await coordinator.press("Return")
    await coordinator.say("pao2 90 mmHg")
    await coordinator.press("Store it")
    await coordinator.say(CODE)
    for label in ("Edit", "Blood gases", "PaO2", "Typing error"):
        await coordinator.press(label)
    await coordinator.say("125")
    await colleague_says(clinic, "mrss 21, pao2 95 mmHg", "#Typing error")
    first = (await coordinator.say(f"/resume {CODE}")).text
    second = (await coordinator.say(f"/resume {CODE}")).text
    third = (await coordinator.say(f"/resume {CODE}")).text
    assert [text.count("answered meanwhile") for text in (first, second, third)] == [1, 1, 0]
    assert first.splitlines()[0] != second.splitlines()[0]


async def test_ones_own_answer_overtakes_without_a_word(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Half a skin score, and then the score itself in a list.
    """
    await skip(clinic, coordinator, "recipient", until="mrss")
    await parts(coordinator)
    await coordinator.press("Return")
    await coordinator.say("mrss 21, lvef 60")
    await coordinator.press("Store all 2")
    assert (await values(clinic, CODE))["mrss"] == "21"
    assert "meanwhile" not in coordinator.card.text


async def test_what_a_colleague_answers_elsewhere_lets_it_stand(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Another item of the case: the press is for an earlier state, and the parts given are still there.
    """
    await skip(clinic, coordinator, "recipient", until="mrss")
    button = await parts(coordinator)
    await colleague_says(clinic, "lvef 60", "#Store it")
    card = await coordinator.tap(button)
    assert "meanwhile" not in card.text
    assert "6 points so far, 3 of 17 sites" in card.text


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("begin", [parts, None], ids=["parts", "list"])
async def test_a_case_that_ends_keeps_nothing_that_was_begun(
    clinic: Clinic, language: str, begin: Callable[[Chatter], Awaitable[str]] | None
) -> None:
    """
    A colleague records a withdrawal: what waits for the case cannot be stored any more, which is said once.
    """
    person = await clinic.coordinator(language)
    if begin is None:
        await open_case(person, "recipient")
        await person.say("dlco 58 fvc 66")
        button = find(person.card, lambda tap: isinstance(tap, Listed) and tap.action == "all")
    else:
        await skip(clinic, person, "recipient", until="mrss")
        button = await begin(person)
    assert button is not None
    colleague = await colleague_says(clinic, f"/decide {CODE}", "#Withdrawal", "#Today")
    await colleague.press(colleague.labels[0])
    before = await everything(clinic)
    ended = said(person, "note.draft_ended", name=CODE)
    assert (await person.tap(button)).text.startswith(ended)
    assert await everything(clinic) == before
    assert ended not in (await person.say(f"/resume {CODE}")).text


async def test_whoever_ends_a_case_sees_that_and_what_was_not_stored(coordinator: Chatter) -> None:
    """
    Both are said: the end is recorded, and the list that waited is not stored.
    """
    await open_case(coordinator, "recipient")
    await coordinator.say("dlco 58 fvc 66")
    await coordinator.say(f"/decide {CODE}")
    for label in ("Withdrawal", "Today"):
        await coordinator.press(label)
    card = await coordinator.press(coordinator.labels[0])
    assert "✓ Withdrawal on" in card.text
    assert said(coordinator, "note.draft_ended", name=CODE) in card.text


@pytest.mark.parametrize("is_typed", [False, True])
async def test_an_answer_to_what_was_asked_before_the_end_is_not_stored(
    clinic: Clinic, coordinator: Chatter, *, is_typed: bool
) -> None:
    """
    A colleague records a withdrawal while the question is read: a press or a value stores nothing, and shows the end.
    """
    await skip(clinic, coordinator, "recipient", until="lvef" if is_typed else "consent_signed")
    button = find(coordinator.card, lambda tap: isinstance(tap, Pick))
    assert button is not None
    colleague = await colleague_says(clinic, f"/decide {CODE}", "#Withdrawal", "#Today")
    await colleague.press(colleague.labels[0])
    before = await everything(clinic)
    card = await (coordinator.say("60") if is_typed else coordinator.tap(button))
    assert "Withdrawn" in card.text
    assert await everything(clinic) == before


async def test_an_answer_of_a_case_that_has_ended_is_still_edited(clinic: Clinic, coordinator: Chatter) -> None:
    """
    What is begun after the end is kept as ever.
    """
    await skip(clinic, coordinator, "recipient", until="haemoglobin")
    colleague = await colleague_says(clinic, f"/decide {CODE}", "#Withdrawal", "#Today")
    await colleague.press(colleague.labels[0])
    await coordinator.say(CODE)
    for label in ("Edit", "History", "Neoplasm", "Typing error"):
        await coordinator.press(label)
    await tick(coordinator)
    await coordinator.press("Done (1)")
    assert file_form.loads((await values(clinic, CODE))["malignancy"] or "") == ["myelodysplasia"]
