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
    Includes,
    MonthsBefore,
    MonthsPassed,
    Not,
    OneOf,
    PressureAbove,
    Yes,
    YoungerThan,
)
from bot.rules.expressions import Any as AnyPart
from bot.rules.kleene import Truth
from bot.rules.months import add_months

Facts: TypeAlias = Mapping[str, Any]
"""Values by item key, as `Item.read` gives them; an item that is absent is unknown."""

Evaluator: TypeAlias = Callable[[Facts, date], Truth]

_OPERATORS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def evaluator(node: Expression) -> Evaluator:  # noqa: C901, PLR0912  one line for each kind of node
    """
    The function that evaluates this tree.
    """
    match node:
        case All(parts):
            return _all([evaluator(part) for part in parts])
        case AnyPart(parts):
            return _any([evaluator(part) for part in parts])
        case Not(part):
            inner = evaluator(part)
            return lambda facts, as_of: kleene.negation(inner(facts, as_of))
        case Yes(item):
            key = item.key
            return lambda facts, _: facts.get(key)
        case OneOf(item, options):
            return _known(item.key, lambda value, _: value in options)
        case Includes(item, options):
            return _known(item.key, lambda value, _: not options.isdisjoint(value))
        case Compare(item, symbol, limits):
            compare = _OPERATORS[symbol]
            if item.as_entered:
                return _known(item.key, lambda value, _: compare(value.number, limits[value.unit]))
            return _compared(item.key, compare, limits[item.unit])
        case PressureAbove(item, systolic, diastolic):
            return _known(item.key, lambda value, _: value.systolic > systolic or value.diastolic > diastolic)
        case Fell(now, baseline, share):
            return _known_both(now.key, baseline.key, lambda now, before: before - now > share * before)
        case YoungerThan(item, other, margin):
            return _known_both(item.key, other.key, lambda mine, theirs: mine < theirs + margin)
        case MonthsPassed(item, months):
            return _known(item.key, lambda value, as_of: add_months(value, months) <= as_of)
        case MonthsBefore(item, earliest, latest):
            return _known(
                item.key,
                lambda value, as_of: add_months(as_of, -earliest) <= value <= add_months(as_of, -latest),
            )
        case _:
            raise TypeError(f"no way to evaluate {type(node).__name__}")


def _known(key: str, test: Callable[[Any, date], bool]) -> Evaluator:
    def evaluate(facts: Facts, as_of: date) -> Truth:
        value = facts.get(key)
        return None if value is None else test(value, as_of)

    return evaluate


def _known_both(one: str, other: str, test: Callable[[Any, Any], bool]) -> Evaluator:
    def evaluate(facts: Facts, _: date) -> Truth:
        first, second = facts.get(one), facts.get(other)
        return None if first is None or second is None else test(first, second)

    return evaluate


def _compared(key: str, compare: Callable[[Any, Any], bool], limit: Decimal) -> Evaluator:
    def evaluate(facts: Facts, _: date) -> Truth:
        value = facts.get(key)
        return None if value is None else compare(value, limit)

    return evaluate


# `kleene.all_of` and `any_of`, stopping at the part that decides: most parts of a settled case are never looked at.


def _all(parts: list[Evaluator]) -> Evaluator:
    def evaluate(facts: Facts, as_of: date) -> Truth:
        result: Truth = True
        for part in parts:
            truth = part(facts, as_of)
            if truth is False:
                return False
            if truth is None:
                result = None
        return result

    return evaluate


def _any(parts: list[Evaluator]) -> Evaluator:
    def evaluate(facts: Facts, as_of: date) -> Truth:
        result: Truth = False
        for part in parts:
            truth = part(facts, as_of)
            if truth is True:
                return True
            if truth is None:
                result = None
        return result

    return evaluate
