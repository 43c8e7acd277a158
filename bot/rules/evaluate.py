"""
Evaluate expressions: is it true, false or unknown on these answers, as of this day?

Each tree is turned once into nested functions, since a case is assessed after every answer.
"""

import operator
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from bot.rules import kleene
from bot.rules.expressions import (
    All,
    Compare,
    Expression,
    Fell,
    Given,
    Includes,
    MonthsBefore,
    MonthsPassed,
    Not,
    OneOf,
    PressureAbove,
    Unmeasurable,
    Yes,
    YoungerThan,
)
from bot.rules.expressions import Any as AnyPart
from bot.rules.kleene import Truth
from bot.rules.months import add_months
from bot.rules.values import EXACT, NOT_MEASURABLE, Measure, Span, ends

Facts: TypeAlias = Mapping[str, Any]
"""Values by item key, as `Item.read` gives them; an item that is absent is unknown, and one that is None too."""

Evaluator: TypeAlias = Callable[[Facts, date], Truth]

_OPERATORS: dict[str, Callable[[Any, Any], Truth]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def evaluator(node: Expression) -> Evaluator:  # noqa: C901, PLR0912  one line for each kind of node
    """
    The function that evaluates this tree.
    """
    match node:
        case All(parts):
            return _joint([evaluator(part) for part in parts], decides=False)
        case AnyPart(parts):
            return _joint([evaluator(part) for part in parts], decides=True)
        case Not(part):
            inner = evaluator(part)
            return lambda facts, as_of: kleene.negation(inner(facts, as_of))
        case Yes(item):
            key = item.key
            return lambda facts, _: facts.get(key)
        case OneOf(item, options):
            return _known(item.key, lambda value, _: value in options)
        case Includes(item, options):
            return _known(item.key, lambda value, _: value.includes(options))
        case Given(item):
            return _known(item.key, lambda _value, _: True)
        case Unmeasurable(item):
            return _known(item.key, lambda value, _: value is NOT_MEASURABLE)
        case Compare(item, symbol, limits):
            compare = _OPERATORS[symbol]
            if item.as_entered:
                return _known(item.key, lambda value, _: compare(value.number, limits[value.unit]))
            return _compared(item.key, compare, limits[item.unit])
        case PressureAbove(item, systolic, diastolic):
            return _known(item.key, lambda value, _: value.systolic > systolic or value.diastolic > diastolic)
        case Fell(now, baseline, share):
            return _both(now.key, baseline.key, _fell(share))
        case YoungerThan(item, other, margin):
            return _both(item.key, other.key, _younger(margin))
        case MonthsPassed(item, months):
            return _known(item.key, lambda value, as_of: add_months(value, months) <= as_of)
        case MonthsBefore(item, earliest, latest):
            return _known(
                item.key,
                lambda value, as_of: add_months(as_of, -earliest) <= value <= add_months(as_of, -latest),
            )
        case _:
            raise TypeError(f"no way to evaluate {type(node).__name__}")


def _fell(share: Decimal) -> Callable[[Any, Any], Truth]:
    """
    Whether a number fell by more than a share; unknown where one of the two is imprecise or not there.
    """

    def test(now: Measure | None, before: Measure | None) -> Truth:
        if not isinstance(now, Decimal) or not isinstance(before, Decimal):
            return None
        return EXACT.subtract(before, now) > EXACT.multiply(share, before)

    return test


def _younger(margin: Decimal) -> Callable[[Any, Any], Truth]:
    """
    Whether a number is under another plus a margin; either may be imprecise, or not there.
    """

    def test(mine: Decimal | Span | None, theirs: Decimal | Span | None) -> Truth:
        (least, most), (fewest, greatest) = ends(mine), ends(theirs)
        if most is not None and fewest is not None and most < fewest + margin:
            return True
        return False if least is not None and greatest is not None and least >= greatest + margin else None

    return test


def _known(key: str, test: Callable[[Any, date], Truth]) -> Evaluator:
    def evaluate(facts: Facts, as_of: date) -> Truth:
        value = facts.get(key)
        return None if value is None else test(value, as_of)

    return evaluate


def _both(one: str, other: str, test: Callable[[Any, Any], Truth]) -> Evaluator:
    return lambda facts, _: test(facts.get(one), facts.get(other))


def _compared(key: str, compare: Callable[[Any, Any], Truth], limit: Decimal) -> Evaluator:
    def evaluate(facts: Facts, _: date) -> Truth:
        value = facts.get(key)
        return None if value is None else compare(value, limit)

    return evaluate


def _joint(parts: list[Evaluator], *, decides: bool) -> Evaluator:
    """
    `kleene.all_of`, where a false part decides, or `any_of`, where a true one does. It stops there: most parts of a
    settled case are never looked at.
    """

    def evaluate(facts: Facts, as_of: date) -> Truth:
        result: Truth = not decides
        for part in parts:
            truth = part(facts, as_of)
            if truth is decides:
                return decides
            if truth is None:
                result = None
        return result

    return evaluate
