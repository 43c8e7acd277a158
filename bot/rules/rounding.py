"""
A number that was converted, rounded for people to read: never over a limit that a criterion or gate sets it.
"""

from decimal import Context, Decimal

from bot.rules.items.numbers import Number
from bot.rules.values import Quantity, Span

_FEWEST = 3


def rounded(item: Number, exact: Decimal, entered: Decimal) -> Decimal:
    """
    A number in the item's unit with as many digits as were entered, three at least: more while every limit has to see
    the two alike.
    """
    digits = max(_FEWEST, len(entered.as_tuple().digits))
    while (near := Context(prec=digits).plus(exact)) != exact and _differ(item, near, exact):
        digits += 1
    return near


def _differ(item: Number, near: Decimal, exact: Decimal) -> bool:
    between = Span(min(near, exact), max(near, exact))
    return item.ambiguity is not None and isinstance(item.ambiguity(between), Quantity)
