"""
Results of several options in the chat: nothing negative is stored as positive, and nothing doubtful unasked.
"""

import pytest

from bot.rules import file_form
from bot.texts import words
from tests.chat.conversation import item_of, mark, skip, values
from tests.chat.lists import store_all
from tests.conftest import Clinic

DONOR, RECIPIENT = "01-D-001", "01-R-001"
HISTORY, SEROLOGY = item_of("recipient", "malignancy"), item_of("recipient", "positive_serology")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "VIH, VHC, AgHBs, HTLV, syphilis négatifs"),
        ("en", "HIV, HCV, HBsAg, HTLV, syphilis negative"),
    ],
)
async def test_a_result_of_several_is_confirmed_at_their_question(clinic: Clinic, language: str, text: str) -> None:
    """
    Nothing is stored before; then that there is none.
    """
    person = await clinic.coordinator(language)
    await skip(clinic, person, "donor", until="positive_serology")
    await person.say(text)
    assert "positive_serology" not in await values(clinic, DONOR)
    await person.press(words(language)("button.confirm").unescape())
    assert (await values(clinic, DONOR))["positive_serology"] == "[]"


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("fr", "PCR VIH VHB négatives VHC en cours", '["?hcv"]'),
        ("en", "PCR: HIV, HBV, HCV negative", "[]"),
    ],
)
async def test_a_result_of_several_is_marked_in_a_list(clinic: Clinic, language: str, text: str, value: str) -> None:
    """
    The card asks whether it is so of each.
    """
    person = await clinic.coordinator(language)
    await skip(clinic, person, "donor", until="age")
    await person.say(text)
    assert words(language)("quick.remark.each", line="").unescape().strip() in person.card.text
    await store_all(person)
    assert (await values(clinic, DONOR))["positive_pcr"] == value


@pytest.mark.parametrize(("language", "text"), [("en", "no"), ("fr", "aucun")])
async def test_what_was_ticked_is_not_overruled_by_a_typed_word_unasked(
    clinic: Clinic, language: str, text: str
) -> None:
    """
    Retyping clears what was typed and ticked; a yes to the card stores what was typed.
    """
    person = await clinic.coordinator(language)
    await skip(clinic, person, "recipient", until=HISTORY.key)
    await mark(person, HISTORY, "active_neoplasm")
    await person.say(text)
    assert HISTORY.key not in await values(clinic, RECIPIENT)
    await person.press(words(language)("button.confirm").unescape())
    assert (await values(clinic, RECIPIENT))[HISTORY.key] == "[]"


@pytest.mark.parametrize(("language", "text"), [("en", "serology HIV positive"), ("fr", "sérologie VIH positif")])
async def test_an_option_that_was_awaited_and_is_not_spoken_of_is_awaited_still(
    clinic: Clinic, language: str, text: str
) -> None:
    """
    One positive result says nothing of the other, and the card says so: in a list and at the question.
    """
    person, text_of = await clinic.coordinator(language), words(language)
    await skip(clinic, person, "recipient", positive_serology=["?htlv"])
    await person.say(f"/status {RECIPIENT}")
    await person.press(text_of("button.continue").unescape())
    await person.say(text.split(maxsplit=1)[1])
    assert str(text_of.value(SEROLOGY, ["?htlv", "hiv"])) in person.card.text
    await person.say(f"/status {RECIPIENT}")
    await person.say(text)
    assert text_of("quick.remark.still", line="").unescape().strip() in person.card.text
    await person.press(text_of.count("button.store_because", 1, reason=text_of("reason.new")).unescape())
    assert sorted(file_form.loads((await values(clinic, RECIPIENT))[SEROLOGY.key])) == ["?htlv", "hiv"]
