"""
What stands for a number is compared as a number is; what of several options is known so far.
"""

import operator
from collections.abc import Callable
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from bot.rules.kleene import Truth
from bot.rules.values import NOT_MEASURABLE, Ratio, Span, Ticked, ends

LIMIT = Decimal(10)
COMPARISONS = (operator.lt, operator.le, operator.gt, operator.ge)
NUMBERS = [Decimal(-1000), *(Decimal(36 + quarter) / 4 for quarter in range(9)), Decimal(1000)]
"""From far below the limit to far above, with what lies around it and on it."""

SPANS = [
    span
    for low, high, has_low, has_high in product((None, 9, 10, 11), (None, 9, 10, 11), (True, False), (True, False))
    if (low, high) != (None, None)
    for span in [Span(low and Decimal(low), high and Decimal(high), has_low, has_high)]
    if low is None or high is None or low < high or (low == high and has_low and has_high)
]


def may_be(span: Span) -> list[Decimal]:
    """
    Which of the numbers above the span may stand for.
    """
    above = operator.ge if span.has_low else operator.gt
    below = operator.le if span.has_high else operator.lt
    return [
        number
        for number in NUMBERS
        if (span.low is None or above(number, span.low)) and (span.high is None or below(number, span.high))
    ]


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize("compare", COMPARISONS)
def test_a_range_is_compared_as_every_number_in_it(span: Span, compare: Callable[[Any, Any], Truth]) -> None:
    """
    True or false where all agree, unknown where they do not; an end counts where it is in.
    """
    truths = {compare(number, LIMIT) for number in may_be(span)}
    assert compare(span, LIMIT) is (truths.pop() if len(truths) == 1 else None)


@pytest.mark.parametrize("span", SPANS)
def test_a_range_holds_a_number_that_it_may_be(span: Span) -> None:
    """
    Its ends too, where they are in.
    """
    for number in NUMBERS:
        assert span.holds(number) is (number in may_be(span))


def of(low: int | None, high: int | None, *, has_low: bool = True, has_high: bool = True) -> Span:
    """
    A range with these ends.
    """
    return Span(None if low is None else Decimal(low), None if high is None else Decimal(high), has_low, has_high)


@pytest.mark.parametrize(
    ("span", "meets"),
    [
        (of(0, 100), True),
        (of(-1, 100), False),
        (of(0, 101), False),
        (of(-2, -1), False),
        (of(101, 102), False),
        (of(50, 50), True),
        (of(50, 50, has_low=False), False),
        (of(50, 50, has_high=False), False),
        (of(50, 51, has_low=False, has_high=False), True),
        (of(51, 50), False),
        (of(51, 50, has_low=False), False),
        (of(None, 0), True),
        (of(None, 0, has_high=False), False),
        (of(None, 1, has_high=False), True),
        (of(None, -1), False),
        (of(None, 100), True),
        (of(None, 101), False),
        (of(100, None), True),
        (of(100, None, has_low=False), False),
        (of(99, None, has_low=False), True),
        (of(101, None), False),
        (of(0, None), True),
        (of(-1, None), False),
    ],
)
def test_a_range_lies_within_what_can_be(span: Span, *, meets: bool) -> None:
    """
    Each end that is there does, on the limits too, and some number is left between them; 5 to 4 is no range.
    """
    assert span.meets(Decimal(0), Decimal(100)) is meets


@pytest.mark.parametrize(
    ("span", "whole"),
    [
        (of(15, None), of(15, None)),
        (of(15, None, has_low=False), of(16, None)),
        (of(None, 16), of(None, 16)),
        (of(None, 16, has_high=False), of(None, 15)),
        (of(15, 20, has_low=False, has_high=False), of(16, 19)),
        (of(None, 16, has_low=False), of(None, 16)),
        (of(15, None, has_high=False), of(15, None)),
    ],
)
def test_whole_numbers_begin_and_end_at_one(span: Span, whole: Span) -> None:
    """
    Over 15 is 16 at least, under 16 is 15 at most.
    """
    assert span.whole == whole


@pytest.mark.parametrize("span", [of(5, 10), of(5, None, has_low=False), of(None, 10, has_high=False)])
def test_a_range_in_another_unit_has_its_ends_there(span: Span) -> None:
    """
    Each end that is there, and in or out as it was.
    """
    doubled = Span(span.low and span.low * 2, span.high and span.high * 2, span.has_low, span.has_high)
    assert span.times(Decimal(2)) == doubled


def test_the_ends_of_a_number() -> None:
    """
    An exact one is its own least and most; what is not there has neither.
    """
    assert ends(Decimal(5)) == (5, 5)
    assert ends(of(5, 6)) == (5, 6)
    assert ends(of(None, 6)) == (None, 6)
    assert ends(None) == (None, None)


@pytest.mark.parametrize(
    ("value", "upper", "limit"),
    [("119", "40", "3"), ("120", "40", "3"), ("121", "40", "3"), ("10", "3", "3.3333333333333333"), ("0", "7", "0")],
)
def test_a_value_over_its_upper_limit_is_compared_without_dividing(value: str, upper: str, limit: str) -> None:
    """
    As the value is with so many times the upper limit.
    """
    ratio, times = Ratio(Decimal(value), Decimal(upper)), Decimal(limit)
    for compare in COMPARISONS:
        assert compare(ratio, times) is compare(Decimal(value), times * Decimal(upper))
    assert ratio.holds(times) is (Decimal(value) == times * Decimal(upper))


def test_what_cannot_be_measured_is_over_no_limit() -> None:
    """
    It is under each, and on none.
    """
    for limit in (Decimal(0), LIMIT):
        assert [compare(NOT_MEASURABLE, limit) for compare in COMPARISONS] == [True, True, False, False]
        assert not NOT_MEASURABLE.holds(limit)


def ticked(present: str = "", awaited: str = "") -> Ticked:
    """
    Options of one letter each.
    """
    return Ticked(frozenset(present), frozenset(awaited))


@pytest.mark.parametrize(
    ("value", "truth"),
    [
        (ticked(), False),
        (ticked("c"), False),
        (ticked("", "c"), False),
        (ticked("c", "a"), None),
        (ticked("", "ab"), None),
        (ticked("a"), True),
        (ticked("bc"), True),
        (ticked("a", "b"), True),
    ],
)
def test_any_of_some_options(value: Ticked, *, truth: Truth) -> None:
    """
    True with one of them present, else unknown with one awaited, else false; the others do not matter.
    """
    assert value.includes(frozenset("ab")) is truth
    assert value.either == value.present | value.awaited


@pytest.mark.parametrize(
    ("later", "completes"),
    [
        (ticked("abc"), True),
        (ticked("a"), True),
        (ticked("ab"), True),
        (ticked("a", "c"), True),
        (ticked("ab", "c"), True),
        (ticked("bc"), False),
        (ticked("abd"), False),
        (ticked("ab", "d"), False),
        (ticked("b", "a"), False),
    ],
)
def test_a_later_answer_completes_one_in_part(later: Ticked, *, completes: bool) -> None:
    """
    Where it says more of what was awaited, and takes nothing back that was present or absent.
    """
    assert later.completes(ticked("a", "bc")) is completes


def test_a_full_answer_is_completed_by_nothing() -> None:
    """
    Another one is a correction, even if it says the same; and so it is where there was no list.
    """
    for earlier in (ticked("a"), ticked(), None, "a", True):
        assert not ticked("a").completes(earlier)
