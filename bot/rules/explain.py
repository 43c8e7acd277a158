"""
Why an expression is true or false: the comparisons that decided it.
"""

from dataclasses import dataclass
from datetime import date

from bot.rules.evaluate import Facts, evaluator
from bot.rules.expressions import All, Any, Expression, Leaf, Not
from bot.rules.kleene import Truth


@dataclass(frozen=True, slots=True)
class Reason:
    """
    A comparison that decided, with its truth. Had it been the other way, the result could have been another.
    """

    leaf: Leaf
    truth: bool


def reasons(node: Expression, facts: Facts, as_of: date) -> tuple[Reason, ...]:
    """
    The comparisons that decided, from left to right; none while the expression is unknown.
    """
    truth = evaluator(node)(facts, as_of)
    return () if truth is None else tuple(dict.fromkeys(_deciding(node, truth, facts, as_of)))


def _deciding(node: Expression, truth: Truth, facts: Facts, as_of: date) -> list[Reason]:
    match node:
        case All(parts) | Any(parts):
            settled = [(part, evaluator(part)(facts, as_of)) for part in parts]
            return [reason for part, own in settled if own is truth for reason in _deciding(part, own, facts, as_of)]
        case Not(part):
            return _deciding(part, not truth, facts, as_of)
        case _:
            return [Reason(node, bool(truth))]  # type: ignore[arg-type]  # what is not a joint is a leaf
