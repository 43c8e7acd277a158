"""
What a protocol makes of an imprecise number: it is taken only where no comparison is left open by it.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from bot.rules.evaluate import evaluator
from bot.rules.expressions import Compare, Expression, Fell, leaves
from bot.rules.interest import interest
from bot.rules.items import Item, Number, Quantity
from bot.rules.items.numbers import Ambiguity
from bot.rules.values import Span

_ANY_DAY = date(2000, 1, 1)


def bound(item: Item, criteria: Iterable[Expression], gates: Iterable[Expression]) -> Item:
    """
    The item as a population has it: a number that knows with what these criteria and gates compare it. A query compares
    too, but settles nothing: one that an imprecise number leaves open is not raised.
    """
    if not isinstance(item, Number):
        return item
    criteria = tuple(criteria)
    compared = [leaf for node in (*criteria, *gates) for leaf in leaves(node) if isinstance(leaf, Compare)]
    return replace(
        item, ambiguity=_ambiguity(item.key, [one for one in compared if one.item.key == item.key], criteria)
    )


def _ambiguity(key: str, compared: list[Compare], criteria: tuple[Expression, ...]) -> Ambiguity:
    tests = [(evaluator(one), one) for one in compared]
    paired = [(interest(node), partners) for node in criteria if (partners := _partners(node, key))]

    def find(value: Quantity | Span) -> Quantity | bool:
        facts = {key: value}
        for test, one in tests:
            if test(facts, _ANY_DAY) is None:
                unit = value.unit if isinstance(value, Quantity) else one.item.unit
                return Quantity(one.limits[unit], unit)
        # A number that falls from a baseline, or is one, has to be exact while that fall can matter.
        return any(not partners.isdisjoint(wanted(facts, _ANY_DAY)[1]) for wanted, partners in paired)

    return find


def _partners(node: Expression, key: str) -> frozenset[str]:
    """
    The items that this one is compared with.
    """
    pairs = [{leaf.now.key, leaf.baseline.key} for leaf in leaves(node) if isinstance(leaf, Fell)]
    return frozenset().union(*(pair for pair in pairs if key in pair)) - {key}
