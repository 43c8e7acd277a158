"""
Which unanswered items can still decide.
"""

from decimal import Decimal

from hypothesis import given

from bot.rules.evaluate import evaluator
from bot.rules.expressions import Expression
from bot.rules.interest import interest
from bot.rules.v1.recipient_items import baseline_fvc, dlco, fvc, positive_serology
from bot.rules.values import Span
from tests.rules.cases import TODAY, examples
from tests.rules.trees import ANSWERS, ITEMS, KEYS, TREES

A, B, C, D = (item.yes for item in ITEMS[:4])


def interesting(node: Expression, **answers: bool) -> set[str]:
    """
    The letters of the items that are of interest.
    """
    truth, keys = interest(node)({f"item_{letter}": value for letter, value in answers.items()}, TODAY)
    assert (truth is None) is bool(keys)
    return {key.removeprefix("item_") for key in keys}


def test_a_settled_part_is_of_no_interest() -> None:
    """
    Once a part is true or false, nothing under it matters any more.
    """
    node = (A | B) & (C | D)
    assert interesting(node) == {"a", "b", "c", "d"}
    assert interesting(node, a=True) == {"c", "d"}
    assert interesting(node, a=False) == {"b", "c", "d"}
    assert interesting(node, a=True, c=True) == set()
    assert interesting(node, a=False, b=False) == set()
    assert interesting(~node, a=True, c=False) == {"d"}


def test_an_item_that_stands_in_two_parts_is_of_interest_until_both_are_settled() -> None:
    """
    An item counts wherever it stands.
    """
    assert interesting((A & B) | (A & C), b=False) == {"a", "c"}
    assert interesting((A & B) | (A & C), b=False, c=False) == set()


def test_a_comparison_of_two_items_wants_what_is_unanswered() -> None:
    """
    Of a value and its baseline, the one that is not there.
    """
    find = interest(fvc.fell_from(baseline_fvc, by_more_than="0.1") | dlco.below(60))
    assert find({}, TODAY)[1] == {"fvc", "baseline_fvc", "dlco"}
    assert find({"fvc": fvc.read(80)}, TODAY)[1] == {"baseline_fvc", "dlco"}
    assert find({"fvc": fvc.read(80), "baseline_fvc": baseline_fvc.read(80)}, TODAY)[1] == {"dlco"}
    assert find({"dlco": dlco.read(50)}, TODAY) == (True, frozenset())


def test_an_answer_that_leaves_its_comparison_open_stays_of_interest() -> None:
    """
    A result that is still awaited, or a fall between two imprecise numbers: to answer it in full can still decide.
    """
    find = interest(positive_serology.any)
    assert find({"positive_serology": positive_serology.read(["?hiv"])}, TODAY) == (None, {"positive_serology"})
    assert find({"positive_serology": positive_serology.read(["htlv", "?hiv"])}, TODAY) == (True, frozenset())
    assert find({"positive_serology": positive_serology.read([])}, TODAY) == (False, frozenset())
    near = Span(Decimal(60), Decimal(70))
    fell = interest(fvc.fell_from(baseline_fvc, by_more_than="0.1"))
    assert fell({"fvc": near, "baseline_fvc": near}, TODAY) == (None, {"fvc", "baseline_fvc"})
    assert fell({"fvc": near}, TODAY) == (None, {"baseline_fvc"})


@given(TREES, ANSWERS)
@examples(200)
def test_something_is_of_interest_exactly_while_the_tree_is_unknown(tree: Expression, answers: dict[str, bool]) -> None:
    """
    And what is of interest is unanswered.
    """
    truth, keys = interest(tree)(answers, TODAY)
    assert truth is evaluator(tree)(answers, TODAY)
    assert bool(keys) is (truth is None)
    assert keys.isdisjoint(answers)


@given(TREES, ANSWERS, ANSWERS, ANSWERS)
@examples(300)
def test_what_is_of_no_interest_changes_nothing(
    tree: Expression, answers: dict[str, bool], others: dict[str, bool], more: dict[str, bool]
) -> None:
    """
    Answers to items of no interest change no result: not alone, and not together with any other answers.
    """
    _, keys = interest(tree)(answers, TODAY)
    idle = {key: value for key, value in others.items() if key in KEYS and key not in keys and key not in answers}
    assert evaluator(tree)(answers | idle, TODAY) is evaluator(tree)(answers, TODAY)
    asked = {key: value for key, value in more.items() if key in keys}
    assert evaluator(tree)(answers | asked | idle, TODAY) is evaluator(tree)(answers | asked, TODAY)
