"""
Which unanswered items can still decide an expression that is unknown.

The tree is pruned wherever a part is settled: nothing under it can matter any more. What is left unanswered in the
rest, or answered only in part, is of interest. An item left out stands only in settled parts, so no value of it could
change the result.
"""

from collections.abc import Callable
from datetime import date
from typing import TypeAlias

from bot.rules import kleene
from bot.rules.evaluate import Facts, evaluator
from bot.rules.expressions import All, Any, Expression, Leaf, Not, items_of
from bot.rules.kleene import Truth

Interest: TypeAlias = Callable[[Facts, date], tuple[Truth, frozenset[str]]]
"""The truth of a tree, and the keys of interest: none where the truth is known."""

_NOTHING: frozenset[str] = frozenset()


def interest(node: Expression) -> Interest:
    """
    The function that finds the items of interest in this tree.
    """
    match node:
        case All(parts):
            return _joined([interest(part) for part in parts], decisive=False)
        case Any(parts):
            return _joined([interest(part) for part in parts], decisive=True)
        case Not(part):
            inner = interest(part)

            def negated(facts: Facts, as_of: date) -> tuple[Truth, frozenset[str]]:
                truth, keys = inner(facts, as_of)
                return kleene.negation(truth), keys

            return negated
        case _:
            return _leaf(node)  # type: ignore[arg-type]  # what is not a joint is a leaf


def _leaf(leaf: Leaf) -> Interest:
    truth_of = evaluator(leaf)
    keys = frozenset(item.key for item in items_of(leaf))

    def find(facts: Facts, as_of: date) -> tuple[Truth, frozenset[str]]:
        truth = truth_of(facts, as_of)
        if truth is not None:
            return truth, _NOTHING
        # Where all are answered and the comparison is open, an answer in part is of interest as one not given.
        return truth, keys.difference(facts) or keys

    return find


def _joined(parts: list[Interest], *, decisive: bool) -> Interest:
    """
    The parts up to the one that decides, if any does: a settled part has no more to ask, nor has what it settles.
    """

    def find(facts: Facts, as_of: date) -> tuple[Truth, frozenset[str]]:
        wanted = []
        for part in parts:
            truth, keys = part(facts, as_of)
            if truth is decisive:
                return truth, _NOTHING
            if truth is None:
                wanted.append(keys)
        return (None, _NOTHING.union(*wanted)) if wanted else (not decisive, _NOTHING)

    return find
