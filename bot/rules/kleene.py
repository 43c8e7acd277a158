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
    result: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            result = None
    return result


def any_of(truths: Iterable[Truth]) -> Truth:
    """
    True if any part is true, else unknown if any is unknown, else false.
    """
    result: Truth = False
    for truth in truths:
        if truth is True:
            return True
        if truth is None:
            result = None
    return result


def negation(truth: Truth) -> Truth:
    """
    The opposite; unknown stays unknown.
    """
    return None if truth is None else not truth
