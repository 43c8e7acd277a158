"""
What is a reason in somebody's own words, and what is none: results, a yes or a no.
"""

import pytest

from bot.handlers.reasons import read_reason
from bot.texts import words
from bot.turn import RefusedError
from tests.chat.conversation import everything, skip
from tests.chat.test_decisions import stages
from tests.conftest import Chatter, Clinic

pytestmark = pytest.mark.usefixtures("on_a_day")

RESULTS = (
    "VIH nég, HTLV nég, AgHBs nég, VHC nég, syphilis nég",
    "VIH nég, HTLV nég",
    "AgHBs neg",
    "DLCO 45",
    "DLCO 45,5",
    "DLCO 45, AgHBs neg",
    "DLCO 300",
    "heart none; LVEF 60 %",
)
BARE = ("oui", "OUI.", "oui oui", "yes", "ok", "Okay!", "d'accord", "non", "no", "yes, right", "bien sûr")
REASONS = (
    "décision collégiale",
    "DLCO mal lue",
    "DLCO was 45 not 54",
    "VIH négatif sur le nouveau prélèvement",
    "dlco 45; erreur de saisie",
    "no consent was given",
    "non fait",
    "oui, mais trop tard",
)


@pytest.mark.parametrize(
    ("text", "key"),
    [*((text, "note.reason_results") for text in RESULTS), *((text, "note.reason_yes") for text in BARE)],
)
def test_results_and_a_bare_yes_are_no_reason(text: str, key: str) -> None:
    """
    Each is told apart from the other.
    """
    with pytest.raises(RefusedError) as refused:
        read_reason(text)
    assert refused.value.note.key == key


@pytest.mark.parametrize("text", REASONS)
def test_words_about_results_are_a_reason(text: str) -> None:
    """
    Also with a result, or a yes or a no, in them.
    """
    assert read_reason(text) == text


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_a_yes_stores_no_withdrawal(clinic: Clinic, coordinator: Chatter, language: str) -> None:
    """
    At "Is this right?" a yes is answered; a reason, or its button, stores it.
    """
    text = words(language)
    await skip(clinic, coordinator, "donor", until="sex")
    await coordinator.say(f"/language {language}")
    await coordinator.say("/decide 01-D-001")
    await coordinator.press(text.plain("decide.step.ending.withdrawn"))
    await coordinator.press(text.plain("day.today"))
    for said in ("oui", "yes"):
        assert text.plain("note.reason_yes") in (await coordinator.say(said)).text
    assert await stages(clinic) == {"01-D-001": "screening"}
    await coordinator.say("décision du patient")
    assert await stages(clinic) == {"01-D-001": "withdrawn"}


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_neither_a_yes_nor_results_change_an_answer(clinic: Clinic, coordinator: Chatter, language: str) -> None:
    """
    Where the reason of an edit is asked, nothing moves on before there is one.
    """
    text = words(language)
    await skip(clinic, coordinator, "donor", until="positive_pcr")
    await coordinator.say(f"/language {language}")
    await coordinator.say("/status 01-D-001")
    for label in (text.plain("button.edit"), text.plain("section.person"), text.plain("item.age")):
        await coordinator.press(label)
    stood = await everything(clinic)
    for said, key in (("oui", "note.reason_yes"), (RESULTS[0], "note.reason_results")):
        assert text.plain(key) in (await coordinator.say(said)).text
    assert await everything(clinic) == stood
