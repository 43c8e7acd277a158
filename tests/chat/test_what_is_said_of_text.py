"""
What the bot says of typed text that it does not take, or takes in part.
"""

from datetime import UTC, datetime

import pytest

from bot.texts import words
from tests.chat.conversation import asked, item_of, open_case, skip, stored, values
from tests.chat.lists import store_all
from tests.conftest import Clinic

NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
CODE = "01-R-001"
CLEARANCE, HAEMOGLOBIN = item_of("recipient", "creatinine_clearance"), item_of("recipient", "haemoglobin")


@pytest.mark.parametrize(("language", "text"), [("en", "cancer no"), ("fr", "quelque chose oui"), ("fr", "SpO2 98")])
@pytest.mark.parametrize(("at", "shown"), [("/start", CODE), (f"/status {CODE}", CODE), ("/new donor", "01-D-001")])
async def test_a_code_in_front_opens_its_case_and_what_follows_is_told(
    clinic: Clinic, language: str, text: str, at: str, shown: str
) -> None:
    """
    Also where nothing of it is understood, and with the code in short; but another case in focus stays then.
    """
    person = await clinic.coordinator(language)
    await open_case(person, "recipient")
    await person.say(at)
    await person.say(f"1-r-1 {text}")
    assert shown in person.card.text
    assert text.removesuffix(" 98") in person.card.text
    assert words(language).plain("note.not_asked") not in person.card.text
    assert not await stored(clinic, CODE)


@pytest.mark.parametrize(
    ("language", "text", "said"), [("en", "CRP 12 mg/L; creat 88", "CRP, creat"), ("fr", "GB 4,5 ; urée 7", "GB, urée")]
)
async def test_values_that_no_item_asks_for_are_named(clinic: Clinic, language: str, text: str, said: str) -> None:
    """
    Alone, and beside a value that is taken.
    """
    person = await clinic.coordinator(language)
    await open_case(person, "recipient")
    beside = words(language)("quick.beside", text=said).unescape()
    await person.say(text)
    assert beside in person.card.text
    await person.say(f"Hb 11 g/dL\n{text}")
    assert beside in person.card.text


@pytest.mark.parametrize(("language", "text"), [("en", "11 on 30/11/2026"), ("fr", "11 le 30/11/2026")])
async def test_a_day_of_a_result_that_is_yet_to_come_is_called_so(clinic: Clinic, language: str, text: str) -> None:
    """
    At the question, with the item's name and without.
    """
    clinic.now = NOW
    person = await clinic.coordinator(language)
    await skip(clinic, person, "recipient", until=HAEMOGLOBIN.key)
    future = words(language)("refused.future", expected="", example="", limit="").unescape().split(".")[0]
    for typed in (text, f"Hb {text}"):
        await person.say(typed)
        assert future in person.card.text
    assert HAEMOGLOBIN.key not in await values(clinic, CODE)


@pytest.mark.parametrize(("language", "text"), [("en", "GFR 60"), ("fr", "DFG 60")])
async def test_a_number_without_a_unit_is_told_which_is_meant(clinic: Clinic, language: str, text: str) -> None:
    """
    In a list, where sheets print another unit; not that its unit is not known.
    """
    person = await clinic.coordinator(language)
    await open_case(person, "recipient")
    await person.say(text)
    assert words(language)("refused.no_unit", expected="", example="").unescape().split(".")[0] in person.card.text
    assert words(language).unit(CLEARANCE.unit) in person.card.text


@pytest.mark.parametrize("text", ["rodnan 2 2 2 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "22211111111111111"])
async def test_the_digits_of_the_skin_score_are_shown_site_by_site(clinic: Clinic, text: str) -> None:
    """
    With the score's name and without, at its question; nothing is stored yet.
    """
    person = await clinic.coordinator()
    await skip(clinic, person, "recipient", until="mrss")
    await person.say(text)
    assert "20" in person.card.text
    assert asked(person.card) is None
    assert "mrss" not in await values(clinic, CODE)


@pytest.mark.parametrize(
    ("language", "text"), [("en", "sister, sex female, age 45"), ("fr", "sœur, sexe féminin, âge 45")]
)
async def test_words_that_answer_by_themselves_are_confirmed_with_the_rest(
    clinic: Clinic, language: str, text: str
) -> None:
    """
    A donor in a few words.
    """
    person = await clinic.coordinator(language)
    await open_case(person, "donor")
    await person.say(text)
    assert not await stored(clinic, "01-D-001")
    await store_all(person)
    stands = {"relationship": '"sibling"', "sex": '"female"', "age": "45"}
    assert await values(clinic, "01-D-001") == stands
