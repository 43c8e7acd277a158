"""
Declaring criteria: what an author can write, and which slips are refused at once.
"""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.evaluate import evaluator
from bot.rules.expressions import All, Any, Expression, Not, about, items_of, leaves
from bot.rules.items import Bool, Choice, Number, Several
from bot.rules.v1.recipient_items import baseline_fvc, dlco, fvc, haemoglobin, paco2, pao2
from tests.rules.cases import TODAY
from tests.rules.trees import ITEMS, KEYS, TREES

ONE, TWO, THREE, FOUR = (item.yes for item in ITEMS[:4])
COLOUR = Choice("colour", section="test", options=("red", "blue"))
SIGNS = Several("signs", section="test", options=("fever", "cough"))


@pytest.mark.parametrize("node", [ONE, ~ONE, ONE & TWO, ONE | TWO, dlco.below(60), COLOUR.one_of("red"), SIGNS.any])
def test_an_expression_has_no_truth_of_its_own(node: Expression) -> None:
    """
    An author who writes `and`, `or`, `not`, `if` or a chained comparison is stopped.
    """
    for slip in (lambda: bool(node), lambda: node and ONE, lambda: node or ONE, lambda: not node, lambda: any([node])):
        with pytest.raises(TypeError, match="no truth value"):
            slip()


def test_joints_of_a_kind_lie_flat() -> None:
    """
    A chain of one joint is one node, in the order written; brackets of another kind stay.
    """
    assert (ONE & TWO & THREE & FOUR).parts == (ONE, TWO, THREE, FOUR)
    assert ((ONE & TWO) & (THREE & FOUR)).parts == (ONE, TWO, THREE, FOUR)
    assert (ONE | (TWO | THREE)).parts == (ONE, TWO, THREE)
    mixed = (ONE & TWO) | THREE
    assert isinstance(mixed, Any)
    assert isinstance(mixed.parts[0], All)
    assert mixed.parts[1] is THREE
    negated = ~(ONE & TWO) & THREE
    assert isinstance(negated.parts[0], Not)
    assert leaves(negated) == (ONE, TWO, THREE)


def test_a_node_cannot_be_changed() -> None:
    """
    What was declared stays as it was declared.
    """
    with pytest.raises(AttributeError):
        ONE.item = ITEMS[1]  # type: ignore[misc]
    joint = ONE & TWO
    with pytest.raises(AttributeError):
        joint.parts = ()
    assert (joint & THREE).parts == (ONE, TWO, THREE)
    assert joint.parts == (ONE, TWO)


def test_an_option_that_there_is_not_is_refused_at_once() -> None:
    """
    A misspelt option is an error of the declaration, not a criterion that never holds.
    """
    for declare in (lambda: COLOUR.one_of("red", "green"), lambda: SIGNS.includes("fevr")):
        with pytest.raises(ValueError, match="no such option"):
            declare()


def test_a_limit_for_each_unit_is_demanded() -> None:
    """
    A number that is compared as entered needs a limit in each of its units; one that is converted takes a single one.
    """
    assert pao2.below(60, kPa="8").limits == {"mmHg": Decimal(60), "kPa": Decimal(8)}
    slips = (
        lambda: pao2.below(60),
        lambda: pao2.at_most(60),
        lambda: paco2.above(50),
        lambda: paco2.at_least(50),
        lambda: pao2.below(60, bar="0.08"),
        lambda: pao2.below(60, kPa="8", bar="0.08"),
        lambda: haemoglobin.below(8, **{"g/L": "80", "mmol/L": "4.97"}),
    )
    for slip in slips:
        with pytest.raises(ValueError, match="needs a limit for each unit"):
            slip()


def test_a_limit_that_would_never_be_compared_is_refused() -> None:
    """
    A number that is converted has its one limit; another, which nothing would look at, is a slip.
    """
    for slip in (lambda: dlco.below(60, kPa="8"), lambda: haemoglobin.below(8, **{"g/L": "85"})):
        with pytest.raises(ValueError, match="limit"):
            slip()


def test_a_comparison_knows_its_items() -> None:
    """
    What a comparison looks at: one item, or two where one is compared with the other.
    """
    assert items_of(ONE) == (ITEMS[0],)
    assert items_of(fvc.fell_from(baseline_fvc, by_more_than="0.1")) == (fvc, baseline_fvc)
    assert items_of(dlco.under(fvc, plus=3)) == (dlco, fvc)


def test_limits_are_exact() -> None:
    """
    A limit is what was written, to the digit.
    """
    lead = Number("lead", section="test", unit="x", hard=(Decimal(0), Decimal(9)))
    assert lead.below("0.1").limits == {"x": Decimal("0.1")}


def test_a_node_of_another_kind_is_refused() -> None:
    """
    A new kind of node without a way to evaluate it is found at once.
    """

    class Strange(Expression):
        """
        Not of this protocol.
        """

    with pytest.raises(TypeError, match="no way to evaluate Strange"):
        evaluator(Strange())
    with pytest.raises(TypeError, match="no way to evaluate Strange"):
        evaluator(ONE & Strange())
    assert evaluator(Bool("sound", section="test").yes)({"sound": True}, TODAY) is True


@given(TREES, st.sampled_from(ITEMS), st.fixed_dictionaries(dict.fromkeys(KEYS, st.booleans())))
def test_what_is_told_about_an_item_is_enough(tree: Expression, item: Bool, facts: dict[str, bool]) -> None:
    """
    Each part looks at the item, and where it holds the tree does; there is one wherever the tree looks at the item.
    """
    found = about(tree, item)
    assert bool(found) == any(item in items_of(leaf) for leaf in leaves(tree))
    for part in found:
        assert any(item in items_of(leaf) for leaf in leaves(part))
        assert not evaluator(part)(facts, date.max) or evaluator(tree)(facts, date.max)
