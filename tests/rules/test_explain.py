"""
Why a criterion passed or failed: the comparisons that decided.
"""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.assessment import read_answers
from bot.rules.evaluate import evaluator
from bot.rules.explain import reasons
from bot.rules.expressions import Expression, items_of, leaves
from bot.rules.v1 import PROTOCOL
from tests.rules import oracle
from tests.rules.cases import RECIPIENT, TODAY, WELL, examples, family_of, filed
from tests.rules.trees import ANSWERS, ITEMS, TREES

A, B, C, D = (item.yes for item in ITEMS[:4])


def why(node: Expression, **answers: bool) -> list[tuple[str, bool]]:
    """
    The letters of the items that decided, and how.
    """
    found = reasons(node, {f"item_{letter}": value for letter, value in answers.items()}, TODAY)
    return [(items_of(reason.leaf)[0].key.removeprefix("item_"), reason.truth) for reason in found]


def test_reasons_are_the_parts_that_decided() -> None:
    """
    Of an "and" that fails, the parts that fail; of one that holds, all; of an "or" the other way round.
    """
    assert why(A & B & C, a=True, b=False) == [("b", False)]
    assert why(A & B & C, a=False, b=False, c=True) == [("a", False), ("b", False)]
    assert why(A & B, a=True, b=True) == [("a", True), ("b", True)]
    assert why(A | B, a=True, b=False) == [("a", True)]
    assert why(A | B, a=False, b=False) == [("a", False), ("b", False)]
    assert why(~(A & B), a=False) == [("a", False)]
    assert why((A & ~B) | (C & D), a=True, b=False, c=True, d=False) == [("a", True), ("b", False)]


def test_what_is_unknown_has_no_reasons() -> None:
    """
    While nothing is decided nothing decided it.
    """
    assert why(A & B, a=True) == []
    assert why(A | B) == []


def test_a_comparison_is_named_once() -> None:
    """
    A comparison that stands in two parts is one reason.
    """
    assert why((A & B) | (A & C), a=True, b=True, c=True) == [("a", True), ("b", True), ("c", True)]
    assert why((A | B) & (A | C), a=True) == [("a", True)]


@given(TREES, ANSWERS, ANSWERS)
@examples(300)
def test_the_reasons_decide(tree: Expression, answers: dict[str, bool], others: dict[str, bool]) -> None:
    """
    As long as the items of the reasons keep their answers, nothing else changes the result: neither other answers nor
    none. And each reason has the truth that its comparison has.
    """
    truth = evaluator(tree)(answers, TODAY)
    found = reasons(tree, answers, TODAY)
    assert bool(found) is (truth is not None)
    assert all(evaluator(reason.leaf)(answers, TODAY) is reason.truth for reason in found)
    kept = {item.key: answers[item.key] for reason in found for item in items_of(reason.leaf)}
    if truth is not None:
        assert evaluator(tree)(kept, TODAY) is truth
        assert evaluator(tree)(others | kept, TODAY) is truth


@given(TREES, ANSWERS)
@examples(100)
def test_reasons_come_in_the_order_of_the_tree(tree: Expression, answers: dict[str, bool]) -> None:
    """
    From left to right, as the criterion is read.
    """
    order = list(leaves(tree))
    places = [order.index(reason.leaf) for reason in reasons(tree, answers, TODAY)]
    assert len(places) == len(set(places))
    assert places == sorted(places)


@pytest.mark.parametrize("kind", ["recipient", "donor"])
@given(data=st.data())
@examples(40)
def test_the_reasons_of_every_criterion_decide_it(kind: oracle.Kind, data: st.DataObject) -> None:
    """
    What the summary names as the reasons is enough for the result, for each criterion and part of random cases.
    """
    case, other = data.draw(oracle.case_strategy(kind)), data.draw(oracle.case_strategy(kind))
    population = PROTOCOL.population(kind)
    as_of = date.fromisoformat(case["as_of"])
    facts = read_answers(population, case["answers"], as_of)
    others = read_answers(population, other["answers"], date.fromisoformat(other["as_of"]))
    for _, part in family_of(population).values():
        truth = evaluator(part.expression)(facts, as_of)
        found = reasons(part.expression, facts, as_of)
        assert bool(found) is (truth is not None)
        kept = {item.key: facts[item.key] for reason in found for item in items_of(reason.leaf)}
        if truth is not None:
            assert evaluator(part.expression)(kept, as_of) is truth
            assert evaluator(part.expression)(others | kept, as_of) is truth


def test_a_recipient_is_told_what_made_the_organ_criterion_hold() -> None:
    """
    For a recipient with a poor DLCO, it is among the reasons of R-I3, and FVC, which decided nothing, is not.
    """
    expression = family_of(RECIPIENT)["R-I3"][1].expression
    found = reasons(expression, read_answers(RECIPIENT, filed(WELL | {"fvc": 80}), TODAY), TODAY)
    keys = {item.key for reason in found for item in items_of(reason.leaf)}
    assert {"dlco", "ild_on_imaging", "mrss", "cyclophosphamide_high_dose", "severe_visceral_involvement"} <= keys
    assert "fvc" not in keys
