"""
What a population knows of its own declarations.
"""

import re

import pytest

from bot.rules.criteria import Part
from bot.rules.protocol import Population
from tests.rules.cases import DONOR, RECIPIENT
from tests.rules.trees import ITEMS


@pytest.mark.parametrize(
    ("name", "is_lettered"),
    [("R-I3a", True), ("R-E2d", True), ("R-I3-skin", False), ("R-I3", False), ("R-E10", False), ("R-I3-A", False)],
)
def test_a_letter_after_a_number_is_the_protocols_own(name: str, *, is_lettered: bool) -> None:
    """
    Other parts only explain and have no status of their own.
    """
    assert Part(name, ITEMS[0].yes, citation="1").is_lettered is is_lettered


def test_an_item_knows_who_looks_at_it() -> None:
    """
    Criteria before their parts, in the protocol's order; every item is there, those that serve a gate alone too.
    """
    assert RECIPIENT.uses["mrss"] == ("R-I3", "R-I3-skin")
    assert RECIPIENT.uses["dlco"] == ("R-I3", "R-I3a", "R-E2", "R-E2a")
    assert RECIPIENT.uses["consent_signed"] == ("R-I4",)
    assert set(RECIPIENT.uses) == set(RECIPIENT.item)


def test_a_population_knows_at_what_its_queries_and_gates_look() -> None:
    """
    An answer to one of those may raise a contradiction or close a gate; one to any other decides criteria alone.
    """
    assert {"uncontrolled_hypertension", "bp_first", "sex", "dlco"} <= RECIPIENT.hinges
    assert {"age", "mrss", "cd4", "consent_signed"}.isdisjoint(RECIPIENT.hinges)
    assert DONOR.hinges == {
        *("sex", "childbearing_potential", "pregnant"),
        *("relationship", "age", "linked_recipient_age", "positive_serology", "positive_pcr"),
    }


@pytest.mark.parametrize("population", [RECIPIENT, DONOR])
def test_a_criterion_is_cited_by_the_number_that_its_id_bears(population: Population) -> None:
    """
    Where the protocol says so is the place in its own list; a part that has no letter stands in its criterion's.
    """
    for criterion in population.criteria:
        _, number = re.split(r"-[IE]", criterion.id)
        assert criterion.citation == number
        for part in criterion.parts:
            ends = part.id.removeprefix(criterion.id)
            assert part.citation.startswith(f"{number}{ends}" if part.is_lettered else f"{number}, "), part.id
