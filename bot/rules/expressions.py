"""
Expressions: small frozen trees that say when a criterion holds.

A tree is built with named comparisons on items (`dlco.below(60)`), joined with `&`, `|` and `~`. It holds no
behaviour: evaluating, finding what is still of interest, explaining and exporting stand in modules of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from decimal import Decimal

    from bot.rules.items import BloodPressure, Bool, Choice, Date, Item, Number, Several

Operator = Literal["<", "<=", ">", ">="]


class Expression:
    """
    A node of the tree. It has no truth of its own: asking for one is a mistake of the author and raises.
    """

    __slots__ = ()

    def __and__(self, other: Expression) -> All:
        return All(_flat(All, self) + _flat(All, other))

    def __or__(self, other: Expression) -> Any:
        return Any(_flat(Any, self) + _flat(Any, other))

    def __invert__(self) -> Not:
        return Not(self)

    def __bool__(self) -> bool:
        raise TypeError("an expression has no truth value: join with &, | and ~, and evaluate it against answers")


@dataclass(frozen=True, slots=True, eq=False)
class All(Expression):
    """
    Every part holds.
    """

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Any(Expression):
    """
    At least one part holds.
    """

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Not(Expression):
    """
    The part does not hold.
    """

    part: Expression


def _flat(kind: type[All | Any], node: Expression) -> tuple[Expression, ...]:
    return node.parts if isinstance(node, kind) else (node,)


@dataclass(frozen=True, slots=True, eq=False)
class Yes(Expression):
    """
    A yes/no item was answered yes.
    """

    item: Bool


@dataclass(frozen=True, slots=True, eq=False)
class OneOf(Expression):
    """
    The choice made is among `options`.
    """

    item: Choice
    options: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Includes(Expression):
    """
    At least one of `options` is present.
    """

    item: Several
    options: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Given(Expression):
    """
    There is an answer, whatever it says.
    """

    item: Item


@dataclass(frozen=True, slots=True, eq=False)
class Unmeasurable(Expression):
    """
    A number was looked for and could not be measured.
    """

    item: Number


@dataclass(frozen=True, slots=True, eq=False)
class Compare(Expression):
    """
    A number against a limit. `limits` holds one for each unit in which the protocol states it: a value is compared
    with the limit of its own unit.
    """

    item: Number
    operator: Operator
    limits: dict[str, Decimal]


@dataclass(frozen=True, slots=True, eq=False)
class PressureAbove(Expression):
    """
    Systolic above the one limit or diastolic above the other, in mmHg.
    """

    item: BloodPressure
    systolic: int
    diastolic: int


@dataclass(frozen=True, slots=True, eq=False)
class Fell(Expression):
    """
    A number fell from its baseline by more than a share of that baseline: (baseline - now) / baseline > share.
    """

    now: Number
    baseline: Number
    share: Decimal


@dataclass(frozen=True, slots=True, eq=False)
class YoungerThan(Expression):
    """
    A number is under another one plus a margin.
    """

    item: Number
    other: Number
    margin: Decimal


@dataclass(frozen=True, slots=True, eq=False)
class MonthsPassed(Expression):
    """
    The date plus so many months is on or before the day of the assessment.
    """

    item: Date
    months: int


@dataclass(frozen=True, slots=True, eq=False)
class MonthsBefore(Expression):
    """
    The date lies from `earliest` to `latest` months before the day of the assessment, both ends in.
    """

    item: Date
    earliest: int
    latest: int


Leaf: TypeAlias = (
    Yes
    | OneOf
    | Includes
    | Given
    | Unmeasurable
    | Compare
    | PressureAbove
    | Fell
    | YoungerThan
    | MonthsPassed
    | MonthsBefore
)


def items_of(leaf: Leaf) -> tuple[Item, ...]:
    """
    The items a leaf looks at.
    """
    match leaf:
        case Fell(now, baseline):
            return now, baseline
        case YoungerThan(item, other):
            return item, other
        case _:
            return (leaf.item,)


def leaves(node: Expression) -> tuple[Leaf, ...]:
    """
    Every leaf of a tree, from left to right.
    """
    match node:
        case All(parts) | Any(parts):
            return tuple(leaf for part in parts for leaf in leaves(part))
        case Not(part):
            return leaves(part)
        case _:
            return (node,)  # type: ignore[return-value]  # what is not a joint is a leaf


def about(node: Expression, item: Item) -> tuple[Expression, ...]:
    """
    The smallest alternatives of a tree that look at an item: where one of them holds, so does the tree.
    """
    if not any(item.key == one.key for leaf in leaves(node) for one in items_of(leaf)):
        return ()
    if isinstance(node, Any):
        return tuple(found for part in node.parts for found in about(part, item))
    return (node,)
