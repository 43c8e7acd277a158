"""
Kleene's three-valued logic: true, false, and None for unknown.
"""

from collections.abc import Iterable
from typing import TypeAlias

Truth: TypeAlias = bool | None


def all_of(truths: Iterable[Truth]) -> Truth:
    """
    False if any part is false, else unknown if any is unknown, else true.
    """
    return _joint(truths, decides=False)


def any_of(truths: Iterable[Truth]) -> Truth:
    """
    True if any part is true, else unknown if any is unknown, else false.
    """
    return _joint(truths, decides=True)


def _joint(truths: Iterable[Truth], *, decides: bool) -> Truth:
    result: Truth = not decides
    for truth in truths:
        if truth is decides:
            return decides
        if truth is None:
            result = None
    return result


def negation(truth: Truth) -> Truth:
    """
    The opposite; unknown stays unknown.
    """
    return None if truth is None else not truth
