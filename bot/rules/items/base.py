"""
What every item has, and how it refuses a value.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, TypeAlias

from bot.rules.expressions import Expression, Given
from bot.rules.fingerprint import NO_RULE
from bot.rules.values import Quantity, Value

Raw: TypeAlias = object
Problem: TypeAlias = Literal[
    "type", "unit", "range", "option", "future", "limit", "exact", "day", "parts", "body_surface"
]
Range: TypeAlias = tuple[Decimal, Decimal]


class BadValueError(ValueError):
    """
    A value that the item does not take.

    `item` refused it; `problem` says why:

        type            not of the item's form
        unit            a unit that is not known
        body_surface    a unit that leaves out the body surface
        range           outside what can be
        option          no such option
        future          a day that is yet to come
        limit           an imprecise number on both sides of `limit`
        exact           an imprecise number where only an exact one serves
        day             a month where the day matters
        parts           a part of a score that is missing, unknown or not one of its values

    The words for it are found elsewhere; `str()` names the item and the problem, never the value.
    """

    def __init__(self, item: "Item", problem: Problem, *, limit: Quantity | None = None) -> None:
        super().__init__(f"{item.key}: {problem}")
        self.item = item
        self.problem: Problem = problem
        self.limit = limit


@dataclass(frozen=True, eq=False, kw_only=True)
class Item:
    """
    What every item has. `key` is the name under which a module declares it. `section` groups items that are asked
    together. The item is of interest only once `gate` is answered and holds. `loinc` is its code there, where one was
    checked.
    """

    key: str = field(default="", kw_only=False)
    section: str
    gate: Expression | None = None
    loinc: str = field(default="", metadata=NO_RULE)

    def read(self, raw: Raw) -> Value:
        """
        The value of an answer in file form. Raises BadValueError.
        """
        raise NotImplementedError

    @property
    def given(self) -> Given:
        """
        Answered, whatever the answer says.
        """
        return Given(self)

    def is_unusual(self, value: Value) -> bool:  # noqa: ARG002  only numbers and pressures have a usual range
        """
        Whether the value is possible but outside the usual range, so that the person is asked to confirm it.
        """
        return False


def declared(module: Mapping[str, object]) -> tuple[Item, ...]:
    """
    The items that a module declares, in its order; the name of each there becomes its key, so that it is written once.
    """
    found = {name: one for name, one in module.items() if isinstance(one, Item) and not one.key}
    for name, item in found.items():
        object.__setattr__(item, "key", name)
    return tuple(found.values())
