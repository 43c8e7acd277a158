"""
An expression with the truth of every node on the way down to its comparisons.
"""

from dataclasses import dataclass
from datetime import date

from bot.rules import kleene
from bot.rules.evaluate import Facts, evaluator
from bot.rules.expressions import All, Any, Expression, Not
from bot.rules.kleene import Truth


@dataclass(frozen=True, slots=True)
class Reasoned:
    """
    A node, its truth, and what stands under it.
    """

    node: Expression
    truth: Truth
    parts: "tuple[Reasoned, ...]" = ()


def reasoned(node: Expression, facts: Facts, as_of: date) -> Reasoned:
    """
    The tree with the truth of each node, put together from the truths of its parts.
    """
    match node:
        case All(parts) | Any(parts):
            below = tuple(reasoned(part, facts, as_of) for part in parts)
            join = kleene.all_of if isinstance(node, All) else kleene.any_of
            return Reasoned(node, join(part.truth for part in below), below)
        case Not(part):
            inner = reasoned(part, facts, as_of)
            return Reasoned(node, kleene.negation(inner.truth), (inner,))
        case _:
            return Reasoned(node, evaluator(node)(facts, as_of))
