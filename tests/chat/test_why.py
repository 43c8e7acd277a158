"""
Why a question is asked: each criterion with what speaks for it, and never with the opposite.
"""

import re

import pytest

from bot.render.protocol import formula
from bot.rules.expressions import Expression
from bot.rules.protocol import Kind
from bot.rules.v1 import donor, recipient_items
from bot.screens.screening import WhyScreen
from bot.taps import Go
from bot.texts import words
from tests.chat.conversation import asked, find, skip
from tests.conftest import Chatter, Clinic


async def stated(clinic: Clinic, person: Chatter, kind: str, item: str, **other: object) -> dict[str, str]:
    """
    What the card behind "Why?" says of an item, by criterion.
    """
    await skip(clinic, person, kind, until=item, **other)
    card = await person.press(words(person.language)("button.why").unescape())
    found = re.findall(
        r"^([RD]-\S+) .*\n(?:Counts when|Excludes when|Compte si|Exclut si)\s?: (.*)$", card.text, re.MULTILINE
    )
    return dict(found)


@pytest.mark.parametrize(
    ("kind", "item", "told"),
    [
        (
            "donor",
            "social_security",
            {"D-I4": "Social security affiliation: yes", "D-E4": "Social security affiliation: no"},
        ),
        ("donor", "relationship", {"D-I2": "Relationship to the recipient: other than Unrelated"}),
        ("recipient", "cyclophosphamide_high_dose", {"R-I3-washout": "High-dose iv cyclophosphamide: no"}),
        (
            "recipient",
            "fibrosing_lung_life_threatening",
            {
                "R-I3-prognosis": "Life-threatening fibrosing lung disease: yes and Lung transplantation possible: no",
                "R-I3a": "not (Life-threatening fibrosing lung disease: yes and Lung transplantation possible: yes)",
            },
        ),
        (
            "recipient",
            "right_heart_catheterisation",
            {
                "R-E2a": "Right heart catheterisation: yes and (PAH confirmed by catheterisation: yes or "
                "Mean PAP, catheterisation > 25 mmHg)",
            },
        ),
        (
            "recipient",
            "childbearing_potential",
            {
                "R-I6": "not (Sex: Female and Childbearing potential: yes)",
                "R-E1": "Sex: Female and Childbearing potential: yes and "
                "(Pregnancy: yes or Effective contraception: no)",
            },
        ),
    ],
)
async def test_each_criterion_is_told_with_what_speaks_for_it(
    clinic: Clinic, coordinator: Chatter, kind: str, item: str, told: dict[str, str]
) -> None:
    """
    An answer that a criterion must not have is not told as the one that it wants.
    """
    assert await stated(clinic, coordinator, kind, item) == told


@pytest.mark.parametrize("item", ["age", "sex"])
async def test_why_pressed_twice_still_leads_back(clinic: Clinic, coordinator: Chatter, item: str) -> None:
    """
    To the question on which it was pressed.
    """
    card = await skip(clinic, coordinator, "donor", until=item)
    why = find(card, lambda tap: isinstance(tap, Go) and isinstance(tap.screen, WhyScreen))
    assert why is not None
    for _ in range(2):
        assert "Why" in (await coordinator.tap(why)).text
    assert asked(await coordinator.press("Return")) == item


async def test_it_is_told_in_french(clinic: Clinic) -> None:
    """
    In the same way.
    """
    person = await clinic.coordinator("fr")
    found = await stated(clinic, person, "donor", "social_security")
    assert {code: text.rpartition(" ")[2] for code, text in found.items()} == {"D-I4": "oui", "D-E4": "non"}


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        (~recipient_items.dlco.below(60), "not DLCO &lt; 60 % predicted"),
        (~donor.positive_pcr.includes("hiv"), "not Positive PCR: any of HIV-1/2"),
    ],
)
def test_what_must_not_hold_is_told_so(expression: Expression, told: str) -> None:
    """
    Also where no criterion says it today.
    """
    assert formula(expression, words("en"), Kind.DONOR) == told
