"""
Three-valued logic by its truth tables.
"""

from itertools import permutations, product

import pytest

from bot.rules import kleene
from bot.rules.kleene import Truth

TRUTHS = (True, False, None)

AND = {
    (True, True): True,
    (True, False): False,
    (True, None): None,
    (False, True): False,
    (False, False): False,
    (False, None): False,
    (None, True): None,
    (None, False): False,
    (None, None): None,
}
OR = {
    (True, True): True,
    (True, False): True,
    (True, None): True,
    (False, True): True,
    (False, False): False,
    (False, None): None,
    (None, True): True,
    (None, False): None,
    (None, None): None,
}
NOT = {True: False, False: True, None: None}


@pytest.mark.parametrize("pair", list(product(TRUTHS, repeat=2)))
def test_and_and_or_by_their_tables(pair: tuple[Truth, Truth]) -> None:
    """
    A false part makes "and" false and a true part makes "or" true, whatever else is unknown.
    """
    assert kleene.all_of(pair) is AND[pair]
    assert kleene.any_of(pair) is OR[pair]


@pytest.mark.parametrize("truth", TRUTHS)
def test_not_by_its_table(truth: Truth) -> None:
    """
    The opposite; unknown stays unknown.
    """
    assert kleene.negation(truth) is NOT[truth]


def test_nothing_at_all() -> None:
    """
    Without parts "and" is true and "or" is false.
    """
    assert kleene.all_of([]) is True
    assert kleene.any_of([]) is False


@pytest.mark.parametrize("three", list(product(TRUTHS, repeat=3)))
def test_more_parts_are_joined_two_by_two_in_any_order(three: tuple[Truth, Truth, Truth]) -> None:
    """
    Neither brackets nor order change the result, and the two joints mirror each other.
    """
    one, two, last = three
    assert kleene.all_of(three) is AND[AND[one, two], last]
    assert kleene.any_of(three) is OR[OR[one, two], last]
    assert {kleene.all_of(other) for other in permutations(three)} == {kleene.all_of(three)}
    assert {kleene.any_of(other) for other in permutations(three)} == {kleene.any_of(three)}
    assert kleene.any_of(three) is NOT[kleene.all_of([NOT[truth] for truth in three])]
