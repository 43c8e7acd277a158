"""
A recipient and a donor together, and the order of donors.
"""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from bot.rules.assessment import Assessment, Verdict
from bot.rules.pairs import Candidate, borrowed, pair_verdict, ranked
from bot.rules.versions import LATEST

ELIGIBLE, INCOMPLETE, NOT_ELIGIBLE = Verdict.ELIGIBLE, Verdict.INCOMPLETE, Verdict.NOT_ELIGIBLE


@pytest.mark.parametrize(
    ("recipient", "donor", "together"),
    [
        (ELIGIBLE, ELIGIBLE, ELIGIBLE),
        (ELIGIBLE, INCOMPLETE, INCOMPLETE),
        (INCOMPLETE, ELIGIBLE, INCOMPLETE),
        (INCOMPLETE, INCOMPLETE, INCOMPLETE),
        (ELIGIBLE, NOT_ELIGIBLE, NOT_ELIGIBLE),
        (NOT_ELIGIBLE, ELIGIBLE, NOT_ELIGIBLE),
        (INCOMPLETE, NOT_ELIGIBLE, NOT_ELIGIBLE),
        (NOT_ELIGIBLE, INCOMPLETE, NOT_ELIGIBLE),
        (NOT_ELIGIBLE, NOT_ELIGIBLE, NOT_ELIGIBLE),
    ],
)
def test_the_verdict_on_a_pair(recipient: Verdict, donor: Verdict, together: Verdict) -> None:
    """
    Eligible when both are, not eligible when either is not, else incomplete.
    """
    assert pair_verdict(recipient, donor) is together


def candidate(code: str, verdict: Verdict, relationship: str | None, missing: int = 0) -> Candidate:
    """
    A donor as the ranking sees them.
    """
    keys = tuple(f"item_{number}" for number in range(missing))
    return Candidate(code, relationship, Assessment(date(2026, 5, 4), verdict, {}, keys, (), {}, (), (), None))


def in_order(*candidates: Candidate) -> list[str]:
    """
    The codes as ranked.
    """
    return [one.code for one in ranked(candidates, LATEST.donor_order, lambda one: one)]


def test_eligible_donors_in_the_protocols_order() -> None:
    """
    Sibling, parent, other family, spouse; ties by code.
    """
    found = in_order(
        candidate("1", ELIGIBLE, "spouse"),
        candidate("2", ELIGIBLE, "other_family"),
        candidate("4", ELIGIBLE, "sibling"),
        candidate("3", ELIGIBLE, "sibling"),
        candidate("5", ELIGIBLE, "parent"),
    )
    assert found == ["3", "4", "5", "2", "1"]


def test_then_those_with_the_least_left_and_last_those_who_fail() -> None:
    """
    An excluded sibling never stands before an open spouse; an unknown relationship comes last among equals.
    """
    found = in_order(
        candidate("1", NOT_ELIGIBLE, "sibling"),
        candidate("2", INCOMPLETE, "spouse", missing=1),
        candidate("3", INCOMPLETE, "sibling", missing=2),
        candidate("4", INCOMPLETE, None, missing=1),
        candidate("5", ELIGIBLE, "spouse"),
    )
    assert found == ["5", "2", "4", "3", "1"]


@given(
    st.permutations(
        [
            candidate(str(n), v, r)
            for n, (v, r) in enumerate([(v, r) for v in Verdict for r in (*LATEST.donor_order, None)])
        ]
    )
)
def test_the_order_does_not_depend_on_who_was_linked_first(candidates: list[Candidate]) -> None:
    """
    Any order in gives the same order out.
    """
    assert in_order(*candidates) == in_order(*sorted(candidates, key=lambda one: one.code))


@pytest.mark.parametrize(
    ("facts", "lent"),
    [
        ([], None),
        ([("D-1", {})], None),
        ([("D-1", {"consent_signed": False})], None),
        ([("D-1", {"consent_signed": True})], (True, "D-1")),
        ([("D-1", {"consent_signed": True, "relationship": "spouse"})], (True, "D-1")),
        ([("D-1", {"consent_signed": True, "relationship": "unrelated"})], None),
        ([("D-1", {"consent_signed": False}), ("D-2", {"consent_signed": True})], (True, "D-2")),
    ],
)
def test_what_linked_cases_lend(facts: list[tuple[str, dict[str, object]]], lent: object) -> None:
    """
    The first answer that is there and not "no", of a donor who is not known to be unrelated.
    """
    (consent,) = LATEST.recipient.linked
    assert borrowed(consent, facts, date(2026, 5, 4)) == lent


def test_what_nothing_bars_is_lent() -> None:
    """
    A fact may be lent whatever else a case says.
    """
    (consent,) = LATEST.recipient.linked
    unrelated = {"consent_signed": True, "relationship": "unrelated"}
    assert borrowed(replace(consent, unless=None), [("D-1", unrelated)], date(2026, 5, 4)) == (True, "D-1")


def test_an_open_verdict_ranks_behind_an_eligible_one() -> None:
    """
    Even where nothing is left to ask, and whoever the protocol prefers.
    """
    assert in_order(candidate("1", INCOMPLETE, "sibling"), candidate("2", ELIGIBLE, "spouse")) == ["2", "1"]
    assert in_order(candidate("1", NOT_ELIGIBLE, "sibling"), candidate("2", INCOMPLETE, "spouse")) == ["2", "1"]


def test_whoever_is_no_longer_there_comes_last() -> None:
    """
    However eligible they were.
    """
    gone = structs.replace(candidate("1", ELIGIBLE, "sibling"), has_ended=True)
    assert in_order(gone, candidate("2", INCOMPLETE, "spouse", missing=9)) == ["2", "1"]
