"""
What a coordinator types is read as meant, confirmed where it is unusual, and refused where it is no answer.
"""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.texts import words
from tests.chat.conversation import WELL, answer, asked, item_of, open_case, skip, stored, values
from tests.conftest import Chatter, Clinic

NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)

TO_KIDNEY: dict[str, Any] = {"ild_on_imaging": False, "heart_findings": []}
"""Without a lung to show, heart and kidney are asked too."""

TO_BASELINE: dict[str, Any] = {"dlco": "66"}
"""With good values now, what they were before is asked too."""

BEFORE: dict[str, Any] = {
    "baseline_pft_date": "1/6/2025",
    "tlc": "80",
    "baseline_dlco": "70",
    "baseline_fvc": "82",
    "baseline_tlc": "84",
}


async def asked_for(clinic: Clinic, person: Chatter, key: str) -> None:
    """
    Open a recipient and answer until this item is asked.
    """
    other = TO_KIDNEY if key.startswith(("bp_", "renal", "heart")) else {}
    if key.startswith(("baseline", "tlc")) or key == "fvc":
        other = TO_BASELINE
    await skip(clinic, person, "recipient", until=key, **BEFORE, **other)


@pytest.mark.parametrize(
    ("language", "key", "text", "value", "shown"),
    [
        ("en", "age", "45 years", "45", "45"),
        ("fr", "age", "45 ans", "45", "45"),
        ("en", "dlco", "58 %", "58", "58 %"),
        ("fr", "dlco", "58,25", "58.25", "58,25"),
        ("fr", "pao2", "11,2 kPa", '"11.2 kPa"', "11,2 kPa"),
        ("en", "pao2", "84 mmHg", "84", "84 mmHg"),
        ("en", "haemoglobin", "112 g/l", '"112 g/L"', "11.2 g/dL"),
        ("fr", "haemoglobin", "7,5 mmol/L", '"7.5 mmol/L"', "≈ 12,1 g/dL"),
        ("fr", "platelets", "185 000/mm3", '"185000 /mm3"', "185 "),
        ("en", "cd4", "0.6 G/L", '"0.6 G/L"', "600"),
        ("en", "cd4", "350 cells/uL", "350", "350"),
        ("fr", "transaminases_xuln", "1,5 N", "1.5", "1,5"),
        ("en", "creatinine_clearance", "90 mL/min/m²", "90", "90"),
        ("en", "bp_first", "165/112", '"165/112"', "165/112"),
        ("fr", "bp_first", "165 sur 112 mmHg", '"165/112"', "165/112"),
        ("fr", "bp_hours_apart", "12,5 heures", "12.5", "12,5"),
        ("fr", "cyclophosphamide_last_dose", "3 mai 2025", '"2025-05-03"', "3 mai 2025"),
        ("en", "cyclophosphamide_last_dose", "3/5/2025", '"2025-05-03"', "3 May 2025"),
        ("en", "cyclophosphamide_last_dose", "May 3rd, 2025", '"2025-05-03"', "3 May 2025"),
        ("fr", "cyclophosphamide_last_dose", "hier", '"2026-05-03"', "3 mai 2026"),
        ("en", "cyclophosphamide_last_dose", "today", '"2026-05-04"', "4 May 2026"),
        ("fr", "baseline_pft_date", "1er juillet 2025", '"2025-07-01"', "1er juil. 2025"),
        ("fr", "consent_signed", "oui", "true", "Oui"),
        ("en", "uncontrolled_infection", "no", "false", "No"),
        ("fr", "toxic_exposure", "aucune", "[]", "Néant"),
    ],
)
async def test_a_value_is_read_as_people_write_it_and_echoed_as_understood(  # noqa: PLR0917  the table's columns
    clinic: Clinic, language: str, key: str, text: str, value: str, shown: str
) -> None:
    """
    Units, decimal commas, pressures and dates in both languages; the echo leaves no doubt; the typed text is gone.
    """
    clinic.now = NOW
    person = await clinic.coordinator(language)
    await asked_for(clinic, person, key)
    await person.say(text)
    assert (await values(clinic, "01-R-001"))[key] == value
    assert shown in person.card.text.replace("\u202f", " ").replace("\xa0", " ").split("\n\n")[0]
    assert len(person.api.chat(person.user_id)) == 1


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("age", "forty", "120"),
        ("age", "121", "120"),
        ("age", "45.5", "120"),
        ("age", "-4", "120"),
        ("dlco", "58 mmHg", "200"),
        ("dlco", "0.5", "200"),
        ("pao2", "84 bananas", "kPa"),
        ("platelets", "1,250", "3"),
        ("bp_first", "165", "165/112"),
        ("bp_first", "112/165", "165/112"),
        ("cyclophosphamide_last_dose", "13/2025", "3/5/2026"),
        ("cyclophosphamide_last_dose", "31/2/2025", "3/5/2026"),
        ("cyclophosphamide_last_dose", "5 May 2026", "3/5/2026"),
        ("mrss", "52", "51"),
        ("consent_signed", "perhaps", ""),
        ("sex", "both", ""),
        ("malignancy", "leukaemia", ""),
        ("mrss", "22 " * 1000, "51"),
    ],
)
async def test_a_refused_entry_keeps_the_question_and_says_what_is_expected(
    clinic: Clinic, language: str, key: str, text: str, expected: str
) -> None:
    """
    Nothing is stored; the same question stands below one line that says what is expected; the typed text is gone.
    """
    clinic.now = NOW
    person = await clinic.coordinator(language)
    await asked_for(clinic, person, key)
    before, question = len(await stored(clinic, "01-R-001")), person.card
    await person.say(text)
    note, *rest = person.card.text.split("\n\n")
    assert "\n" not in note
    assert expected in note
    assert rest[-1].splitlines()[0] in question.text
    assert asked(person.card) == key
    assert text.strip() not in person.card.text or len(text) < 4
    assert len(await stored(clinic, "01-R-001")) == before
    assert len(person.api.chat(person.user_id)) == 1


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    "text",
    ["Marie Dupont", "06 12 34 56 78", "+33612345678", "2 84 05 75 123 456 78", "m.dupont@example.org", "Mme Dupont"],
)
async def test_what_looks_like_personal_data_is_refused_with_a_word_on_why(
    clinic: Clinic, language: str, text: str
) -> None:
    """
    A name, a phone, an e-mail or a social-security number is not stored, not repeated, and taken out of the chat.
    """
    person = await clinic.coordinator(language)
    await open_case(person, "recipient")
    await person.say(text)
    assert "pseudonym" in person.card.text
    assert "Dupont" not in person.card.text
    assert asked(person.card) == "age"
    assert await stored(clinic, "01-R-001") == []
    assert len(person.api.chat(person.user_id)) == 1


@pytest.mark.parametrize("command", ["/status", "/resume"])
async def test_a_name_given_in_the_place_of_a_code_is_not_repeated(coordinator: Chatter, command: str) -> None:
    """
    There is no such case, and the name does not stay in the chat.
    """
    await coordinator.say(f"{command} Marie Dupont")
    assert all("Dupont" not in message.text for message in coordinator.api.chat(coordinator.user_id))


async def test_a_haemoglobin_without_its_unit_is_asked_about(clinic: Clinic, coordinator: Chatter) -> None:
    """
    122 is most likely g/L: the card proposes it, and only the confirmation stores it.
    """
    await skip(clinic, coordinator, "recipient", until="haemoglobin")
    card = await coordinator.say("122")
    assert "122 g/L" in card.text
    assert "12.2 g/dL" in card.text
    assert "haemoglobin" not in await values(clinic, "01-R-001")
    card = await coordinator.press("Yes, store it")
    assert asked(card) == "cd4"
    assert (await values(clinic, "01-R-001"))["haemoglobin"] == '"122 g/L"'


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_an_unusual_value_is_stored_only_when_confirmed(clinic: Clinic, language: str) -> None:
    """
    A PaO2 of 125 mmHg is possible and unusual.
    """
    person, text = await clinic.coordinator(language), words(language)
    await skip(clinic, person, "recipient", until="pao2")
    await person.say("125")
    assert "125" in person.card.text
    assert "pao2" not in await values(clinic, "01-R-001")
    await person.press(text("button.confirm"))
    assert asked(person.card) == "paco2"
    assert (await values(clinic, "01-R-001"))["pao2"] == "125"


async def test_an_unusual_value_can_be_typed_again(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Type it again asks the question anew; another value may also be typed straight away.
    """
    await skip(clinic, coordinator, "recipient", until="pao2")
    await coordinator.say("125")
    card = await coordinator.press("Type it again")
    assert asked(card) == "pao2"
    assert "125" not in card.text
    await coordinator.say("130")
    card = await coordinator.say("80")
    assert asked(card) == "paco2"
    assert [row.value for row in await stored(clinic, "01-R-001") if row.item == "pao2"] == ["80"]


async def test_an_unusual_value_waits_through_a_restart(clinic: Clinic, coordinator: Chatter) -> None:
    """
    What is asked about is still asked about after a restart, and can be confirmed then.
    """
    await skip(clinic, coordinator, "recipient", until="pao2")
    await coordinator.say("125")
    await clinic.restart()
    await coordinator.press("Yes, store it")
    assert (await values(clinic, "01-R-001"))["pao2"] == "125"


async def test_several_options_are_ticked_and_unticked_before_they_are_stored(
    clinic: Clinic, coordinator: Chatter
) -> None:
    """
    A tick changes the button and nothing else; Done stores all that is ticked.
    """
    await skip(clinic, coordinator, "donor", until="positive_serology")
    await coordinator.press("HIV")
    await coordinator.press("Syphilis")
    await coordinator.press("HIV")
    assert "☑ Syphilis" in coordinator.labels
    assert "☐ HIV-1/2" in coordinator.labels
    assert "positive_serology" not in await values(clinic, "01-D-001")
    await clinic.restart()
    await coordinator.press("HCV")
    await coordinator.press("Done (2)")
    assert (await values(clinic, "01-D-001"))["positive_serology"] == '["hcv", "syphilis"]'


async def test_why_names_the_criteria_their_limits_and_their_reading(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Why? on the skin score cites R-I3, its limit of 15 and how exactly 15 is read; Return asks again.
    """
    await skip(clinic, coordinator, "recipient", until="mrss")
    card = await coordinator.press("Why?")
    assert "R-I3" in card.text
    assert "> 15" in card.text
    assert "A score of exactly 15 fails" in card.text
    assert asked(await coordinator.press("Return")) == "mrss"


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", ["recipient", "donor"])
async def test_every_question_can_be_asked_why(clinic: Clinic, kind: str, language: str) -> None:
    """
    Each question's Why? names at least one criterion of its kind, and Return shows the same question.
    """
    clinic.now = NOW
    person, text = await clinic.coordinator(language), words(language)
    answers = {
        **WELL[kind],
        **BEFORE,
        **(TO_KIDNEY | TO_BASELINE if kind == "recipient" else {}),
        "bilirubin_xuln": "3",
    }
    await open_case(person, kind)
    seen = set()
    while (key := asked(person.card)) is not None:
        question = person.card.text
        why = await person.press(text("button.why"))
        assert f"{kind[0].upper()}-" in why.text
        await person.press(text("button.return"))
        assert person.card.text in question
        seen.add(key)
        await answer(person, item_of(kind, key), answers[key])
    assert len(seen) > (50 if kind == "recipient" else 11)


@pytest.mark.parametrize(
    ("language", "key", "text", "said"),
    [
        ("en", "dlco", "55-65", "The limit of 60 % predicted lies within: type the exact value."),
        ("fr", "dlco", "55-65", "La limite de 60 % de la théorique y est comprise\u00a0: tapez la valeur exacte."),
        ("en", "pao2", "7.5-8.5 kPa", "The limit of 8 kPa lies within: type the exact value."),
        ("fr", "neutrophils", "<0,6", "La limite de 0,5 \u00d7 10⁹/L y est comprise\u00a0: tapez la valeur exacte."),
    ],
)
async def test_an_imprecise_number_is_refused_with_the_limit_that_lies_within(
    clinic: Clinic, language: str, key: str, text: str, said: str
) -> None:
    """
    In one line, in the unit typed where the protocol states the limit in it; nothing is stored, and it is asked again.
    """
    clinic.now = NOW
    person = await clinic.coordinator(language)
    await asked_for(clinic, person, key)
    card = await person.say(text)
    assert card.text.splitlines()[0] == said
    assert asked(card) == key


@pytest.mark.parametrize("word", ["Continue", "Continuer", "Details", "Modifier", "Retour", "Terminer", "Cases"])
async def test_a_word_of_a_button_is_not_taken_for_a_name(coordinator: Chatter, word: str) -> None:
    """
    Typed where it does not belong, it is not understood; nobody is told off for personal data.
    """
    await open_case(coordinator, "recipient")
    card = await coordinator.say(word)
    assert "pseudonym" not in card.text
    assert asked(card) == "age"
