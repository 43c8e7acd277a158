"""
The values of a case in a plain list: what stands, with its unit, day and source, and the parts of scores.
"""

from datetime import UTC, datetime

import pytest

from bot.texts import words
from tests.chat.conversation import RECIPIENT, asked, open_case, skip
from tests.chat.conversation import item_of as item
from tests.conftest import Chatter, Clinic

NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_every_value_stands_in_the_list_with_unit_day_and_source(clinic: Clinic, language: str) -> None:
    """
    By section; a list typed on it is read.
    """
    clinic.now = NOW
    person, text = await clinic.coordinator(language), words(language)
    await open_case(person, "recipient")
    await person.say("labo 12/4: hb 112 g/L; PFT 10/4: dlco 58\nage 45\ncd4 NA")
    await person.press(text.count("button.store", 4))
    await person.say("01-R-001")
    card = await person.press(text("button.values"))
    lines = [line.replace("\u00a0", " ").replace("\u202f", " ") for line in card.text.splitlines()]
    shown = {
        "en": ["• DLCO: 58 % predicted (10 Apr 2026, lung function)", "• Age: 45 years"],
        "fr": ["• DLCO : 58 % de la théorique (10 avr. 2026, EFR)", "• Âge : 45 ans"],
    }[language]
    assert set(shown) <= set(lines)
    assert any("112 g/L" in line and "12" in line for line in lines)
    assert any(text("value.awaited").unescape() in line for line in lines)
    await person.say("fvc 66")
    assert "66" in person.card.text


async def test_all_values_are_reached_by_turning_pages(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Each label of what is answered, once.
    """
    await skip(clinic, coordinator, "recipient")
    assert asked(coordinator.card) is None
    pages = [(await coordinator.press("Values")).text]
    while any("Next" in label for label in coordinator.labels):
        pages.append((await coordinator.press("Next")).text)
    told = "\n".join(pages).splitlines()
    text = words("en")
    for key in RECIPIENT:
        label = text.label(item("recipient", key), "recipient").unescape()
        assert sum(line.startswith(f"• {label}:") for line in told) <= 1
    assert len([line for line in told if line.startswith("• ")]) > 40
    assert len(pages) == 3


async def test_a_case_without_answers_has_no_values(coordinator: Chatter) -> None:
    """
    And says so.
    """
    await open_case(coordinator, "donor")
    await coordinator.say("01-D-001")
    assert "No answer yet." in (await coordinator.press("Values")).text
