"""
Whether an expression is true, false or unknown.
"""

from datetime import date
from decimal import Decimal
from typing import Any as Anything

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules import kleene
from bot.rules.evaluate import evaluator
from bot.rules.expressions import All, Any, Expression, Not, Yes
from bot.rules.items import BloodPressure, Choice, Date, Number, Pressure, Quantity, Several
from bot.rules.kleene import Truth
from bot.rules.values import Span, Ticked
from tests.rules.cases import TODAY, examples
from tests.rules.trees import ANSWERS, TREES

X = Number("x", section="test", unit="u", hard=(Decimal(0), Decimal(100)))
Y = Number("y", section="test", unit="u", hard=(Decimal(0), Decimal(100)))
GAS = Number("gas", section="test", unit="a", units={"b": Decimal(2)}, as_entered=True, hard=(Decimal(0), Decimal(100)))
COLOUR = Choice("colour", section="test", options=("red", "green", "blue"))
SIGNS = Several("signs", section="test", options=("fever", "cough"))
DAY = Date("day", section="test")
BP = BloodPressure(
    "bp",
    section="test",
    hard_systolic=(40, 300),
    hard_diastolic=(20, 200),
    soft_systolic=(70, 240),
    soft_diastolic=(40, 140),
)


def plainly(node: Expression, answers: dict[str, Anything]) -> Truth:
    """
    The truth of a tree by the tables alone, every part looked at.
    """
    match node:
        case All(parts):
            return kleene.all_of([plainly(part, answers) for part in parts])
        case Any(parts):
            return kleene.any_of([plainly(part, answers) for part in parts])
        case Not(part):
            return kleene.negation(plainly(part, answers))
        case Yes(item):
            return answers.get(item.key)
    raise AssertionError(node)


@given(TREES, ANSWERS)
@examples(200)
def test_a_tree_is_evaluated_by_the_truth_tables(tree: Expression, answers: dict[str, Anything]) -> None:
    """
    Stopping early at a part that decides changes no result.
    """
    assert evaluator(tree)(answers, TODAY) is plainly(tree, answers)


@given(TREES, ANSWERS, ANSWERS)
@examples(200)
def test_what_is_settled_stays_settled(
    tree: Expression, answers: dict[str, Anything], further: dict[str, bool]
) -> None:
    """
    More answers never change what was true or false.
    """
    truth = evaluator(tree)(answers, TODAY)
    if truth is not None:
        assert evaluator(tree)({**further, **answers}, TODAY) is truth


@pytest.mark.parametrize(
    ("value", "below", "at_most", "above", "at_least"),
    [
        ("9.99", True, True, False, False),
        ("10", False, True, False, True),
        ("10.00", False, True, False, True),
        ("10.01", False, False, True, True),
    ],
)
def test_numbers_at_a_limit(*, value: str, below: bool, at_most: bool, above: bool, at_least: bool) -> None:
    """
    The four comparisons beside the limit and on it.
    """
    facts = {"x": Decimal(value)}
    nodes = (X.below(10), X.at_most(10), X.above(10), X.at_least(10))
    assert [evaluator(node)(facts, TODAY) for node in nodes] == [below, at_most, above, at_least]
    assert [evaluator(node)({}, TODAY) for node in nodes] == [None] * 4


@pytest.mark.parametrize(
    ("number", "unit", "truth"), [("10", "a", False), ("9.9", "a", True), ("7", "b", False), ("6.9", "b", True)]
)
def test_a_value_as_entered_meets_the_limit_of_its_unit(*, number: str, unit: str, truth: bool) -> None:
    """
    No conversion: each unit has a limit of its own.
    """
    assert evaluator(GAS.below(10, b="7"))({"gas": Quantity(Decimal(number), unit)}, TODAY) is truth


@pytest.mark.parametrize(
    ("now", "before", "truth"),
    [("90", "100", False), ("89.9", "100", True), ("100", "90", False), ("63", "70", False), ("62.9", "70", True)],
)
def test_a_fall_is_relative_to_the_baseline(*, now: str, before: str, truth: bool) -> None:
    """
    More than the share, not the share itself; without either value unknown.
    """
    fell = evaluator(X.fell_from(Y, by_more_than="0.1"))
    assert fell({"x": Decimal(now), "y": Decimal(before)}, TODAY) is truth
    assert fell({"x": Decimal(now)}, TODAY) is None
    assert fell({"y": Decimal(before)}, TODAY) is None


IMPRECISE = [Span(None, Decimal(60)), Span(Decimal(20), None), Span(Decimal(50), Decimal(60))]


@pytest.mark.parametrize("value", IMPRECISE)
def test_a_fall_with_an_imprecise_number_is_unknown(value: Span) -> None:
    """
    Whichever of the two it is, though every number in its range had fallen, or none.
    """
    fell = evaluator(X.fell_from(Y, by_more_than="0.1"))
    for exact in (Decimal(1), Decimal(100)):
        assert fell({"x": value, "y": exact}, TODAY) is None
        assert fell({"x": exact, "y": value}, TODAY) is None
    assert fell({"x": value, "y": value}, TODAY) is None


def test_one_number_under_another() -> None:
    """
    Under the other plus a margin, and not on it.
    """
    under = evaluator(X.under(Y, plus=12))
    truths = [under({"x": Decimal(mine), "y": Decimal(40)}, TODAY) for mine in (51, 52, 53)]
    assert truths == [True, False, False]
    assert under({"x": Decimal(51)}, TODAY) is None
    assert under({"y": Decimal(51)}, TODAY) is None


def from_to(low: int | None, high: int | None) -> Span:
    """
    A range of whole numbers.
    """
    return Span(None if low is None else Decimal(low), None if high is None else Decimal(high))


@pytest.mark.parametrize(
    ("mine", "theirs", "truth"),
    [
        (from_to(30, 51), Decimal(40), True),
        (from_to(30, 52), Decimal(40), None),
        (from_to(51, 60), Decimal(40), None),
        (from_to(52, 60), Decimal(40), False),
        (from_to(None, 51), Decimal(40), True),
        (from_to(None, 52), Decimal(40), None),
        (from_to(51, None), Decimal(40), None),
        (from_to(52, None), Decimal(40), False),
        (Decimal(51), from_to(40, 45), True),
        (Decimal(52), from_to(40, 45), None),
        (Decimal(56), from_to(40, 45), None),
        (Decimal(57), from_to(40, 45), False),
        (Decimal(51), from_to(40, None), True),
        (Decimal(90), from_to(40, None), None),
        (Decimal(10), from_to(None, 45), None),
        (Decimal(57), from_to(None, 45), False),
    ],
)
def test_one_imprecise_number_under_another(*, mine: Decimal | Span, theirs: Decimal | Span, truth: Truth) -> None:
    """
    True or false where it is so for every number that either may be, unknown elsewhere.
    """
    assert evaluator(X.under(Y, plus=12))({"x": mine, "y": theirs}, TODAY) is truth


def test_choices_and_lists() -> None:
    """
    One of several options; any of several ticks; nothing ticked is an answer, too.
    """
    warm = evaluator(COLOUR.one_of("red", "green"))
    assert [warm({"colour": colour}, TODAY) for colour in COLOUR.options] == [True, True, False]
    assert warm({}, TODAY) is None
    hot, any_sign = evaluator(SIGNS.includes("fever")), evaluator(SIGNS.any)
    assert [hot({"signs": Ticked(frozenset(signs))}, TODAY) for signs in ([], ["cough"], ["fever", "cough"])] == [
        False,
        False,
        True,
    ]
    assert [any_sign({"signs": Ticked(frozenset(signs))}, TODAY) for signs in ([], ["cough"])] == [False, True]
    assert hot({}, TODAY) is any_sign({}, TODAY) is None


@pytest.mark.parametrize(
    ("pressure", "truth"),
    [((160, 110), False), ((161, 110), True), ((160, 111), True), ((159, 80), False), ((200, 120), True)],
)
def test_either_number_of_a_blood_pressure(*, pressure: tuple[int, int], truth: bool) -> None:
    """
    Systolic over its limit or diastolic over its own.
    """
    assert evaluator(BP.above(systolic=160, diastolic=110))({"bp": Pressure(*pressure)}, TODAY) is truth


@pytest.mark.parametrize(
    ("day", "as_of", "passed"),
    [
        ("2025-11-10", "2026-05-10", True),
        ("2025-11-11", "2026-05-10", False),
        ("2025-08-31", "2026-02-27", False),
        ("2025-08-31", "2026-02-28", True),
        ("2025-08-29", "2026-02-28", True),
        ("2023-08-31", "2024-02-28", False),
        ("2023-08-31", "2024-02-29", True),
        ("2024-02-29", "2024-08-28", False),
        ("2024-02-29", "2024-08-29", True),
        ("2026-03-31", "2026-09-30", True),
    ],
)
def test_months_that_have_passed(*, day: str, as_of: str, passed: bool) -> None:
    """
    The day plus six months is on or before the day of the assessment.
    """
    truth = evaluator(DAY.months_passed(6))({"day": date.fromisoformat(day)}, date.fromisoformat(as_of))
    assert truth is passed


@pytest.mark.parametrize(
    ("day", "as_of", "inside"),
    [
        ("2024-11-09", "2026-05-10", False),
        ("2024-11-10", "2026-05-10", True),
        ("2025-11-10", "2026-05-10", True),
        ("2025-11-11", "2026-05-10", False),
        # 31 August less 6 months is the end of February; less 18 months, that of the year before.
        ("2025-02-28", "2025-08-31", True),
        ("2025-03-01", "2025-08-31", False),
        ("2024-02-29", "2024-08-31", True),
        ("2024-02-29", "2025-08-31", True),
        ("2024-02-28", "2025-08-31", False),
        ("2023-02-28", "2024-08-31", True),
        ("2023-02-27", "2024-08-31", False),
    ],
)
def test_a_window_of_months(*, day: str, as_of: str, inside: bool) -> None:
    """
    From 18 to 6 months before, both ends in, the day clamped to the month.
    """
    window = evaluator(DAY.months_before(earliest=18, latest=6))
    assert window({"day": date.fromisoformat(day)}, date.fromisoformat(as_of)) is inside
    assert window({}, date.fromisoformat(as_of)) is None


@given(st.decimals(0, 100, places=6), st.decimals(0, 100, places=6))
@examples(100)
def test_a_comparison_and_its_opposite_never_agree(value: Decimal, limit: Decimal) -> None:
    """
    Below and at least, above and at most: always one of the two.
    """
    facts = {"x": value}
    assert evaluator(X.below(str(limit)))(facts, TODAY) is not evaluator(X.at_least(str(limit)))(facts, TODAY)
    assert evaluator(X.above(str(limit)))(facts, TODAY) is not evaluator(X.at_most(str(limit)))(facts, TODAY)
