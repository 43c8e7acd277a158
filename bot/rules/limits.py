"""
Values that lie exactly on a limit, or may do so. They are marked, whichever side of it counts.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from bot.rules.evaluate import Facts
from bot.rules.expressions import Compare, Fell, Leaf, PressureAbove
from bot.rules.values import EXACT


def on_limit(comparisons: Iterable[Compare | PressureAbove]) -> Callable[[Any], bool]:
    """
    The function that tells whether a value lies on the limit of any of these comparisons of one item.
    """
    found = tuple(comparisons)
    numbers = [comparison for comparison in found if isinstance(comparison, Compare)]
    if len(numbers) == len(found) and not numbers[0].item.as_entered:
        limits = frozenset(comparison.limits[comparison.item.unit] for comparison in numbers)
        return lambda value: value in limits if isinstance(value, Decimal) else any(map(value.holds, limits))
    return lambda value: any(_is_on(comparison, value) for comparison in found)


def _is_on(leaf: Compare | PressureAbove, value: Any) -> bool:  # noqa: ANN401  as the item reads it
    if isinstance(leaf, PressureAbove):
        return bool(value.systolic == leaf.systolic or value.diastolic == leaf.diastolic)
    number, unit = value if leaf.item.as_entered else (value, leaf.item.unit)
    limit = leaf.limits[unit]
    return bool(number == limit if isinstance(number, Decimal) else number.holds(limit))


def is_on_limit(leaf: Leaf, facts: Facts) -> bool:
    """
    Whether what a comparison looks at lies exactly on its limit; a fall from a baseline too, that equals its share.
    """
    if isinstance(leaf, Fell):
        now, before = facts[leaf.now.key], facts[leaf.baseline.key]
        return isinstance(now, Decimal) and bool(EXACT.subtract(before, now) == EXACT.multiply(leaf.share, before))
    return isinstance(leaf, Compare | PressureAbove) and _is_on(leaf, facts[leaf.item.key])
