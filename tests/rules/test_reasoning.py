"""
An expression with the truth of every node on the way down.
"""

import pytest
from hypothesis import given

from bot.rules.evaluate import evaluator
from bot.rules.expressions import All, Any, Expression, Not
from bot.rules.kleene import Truth
from bot.rules.reasoning import Reasoned, reasoned
from tests.rules.cases import TODAY, examples
from tests.rules.trees import ANSWERS, ITEMS, TREES

A, B = (item.yes for item in ITEMS[:2])


def nodes(tree: Reasoned) -> list[Reasoned]:
    """
    A node and all below it.
    """
    return [tree, *(node for part in tree.parts for node in nodes(part))]


@pytest.mark.parametrize(
    ("answers", "joined", "either"),
    [
        ({}, None, None),
        ({"item_a": True}, None, True),
        ({"item_a": False}, False, None),
        ({"item_a": True, "item_b": False}, False, True),
        ({"item_a": True, "item_b": True}, True, True),
        ({"item_a": False, "item_b": False}, False, False),
    ],
)
def test_a_node_has_the_truth_of_its_parts(answers: dict[str, bool], joined: Truth, either: Truth) -> None:
    """
    "And" and "or" join what stands under them, and "not" turns it round; a comparison has nothing under it.
    """
    both = reasoned(A & B, answers, TODAY)
    assert (both.truth, [part.truth for part in both.parts]) == (
        joined,
        [answers.get(key) for key in ("item_a", "item_b")],
    )
    assert [(part.node, part.parts) for part in both.parts] == [(A, ()), (B, ())]
    assert reasoned(A | B, answers, TODAY).truth is either
    turned = reasoned(~(A | B), answers, TODAY)
    assert turned.truth is (None if either is None else not either)
    assert [part.truth for part in turned.parts] == [either]


@given(TREES, ANSWERS)
@examples(200)
def test_every_node_is_shown_with_its_own_truth(tree: Expression, answers: dict[str, bool]) -> None:
    """
    None is left out, and none has another truth than if it stood alone.
    """
    for one in nodes(reasoned(tree, answers, TODAY)):
        assert one.truth is evaluator(one.node)(answers, TODAY)
        match one.node:
            case All(parts) | Any(parts):
                assert tuple(part.node for part in one.parts) == parts
            case Not(part):
                assert [below.node for below in one.parts] == [part]
            case _:
                assert one.parts == ()
