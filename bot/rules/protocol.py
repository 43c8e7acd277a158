"""
What a protocol is made of: the two populations it screens, with their criteria and queries, and the study's own facts.

A protocol is a value with a version. An amendment is a new value beside the old one; a case keeps the version it
began with.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

from bot.rules.criteria import Criterion, Judged, Part, Query
from bot.rules.evaluate import Evaluator, Facts, evaluator
from bot.rules.expressions import (
    Compare,
    Expression,
    Leaf,
    MonthsBefore,
    MonthsPassed,
    PressureAbove,
    items_of,
    leaves,
)
from bot.rules.fingerprint import fingerprint
from bot.rules.imprecise import bound
from bot.rules.interest import interest
from bot.rules.items import Choice, Date, Item
from bot.rules.limits import on_limit


class Kind(StrEnum):
    """
    Whom a case is about.
    """

    RECIPIENT = "recipient"
    DONOR = "donor"


@dataclass(frozen=True, eq=False)
class Linked:
    """
    A fact that linked cases lend: what they answered to their item `source`. A case of which `unless` is true lends
    nothing.
    """

    item: Item
    source: Item
    unless: Expression | None = None


@dataclass(frozen=True, eq=False)
class Population:
    """
    One of the two kinds of case: its items in the order in which they are listed, its criteria and its queries. The
    items are those declared, and know with what the criteria and queries compare them. `asked` are those asked first,
    in an order of their own; the others follow as listed.

    `linked` are facts that linked cases lend. One that is an item too stands before the case's own answer; one that is
    not serves queries only and is never asked.
    """

    kind: Kind
    items: tuple[Item, ...]
    criteria: tuple[Criterion, ...]
    queries: tuple[Query, ...]
    linked: tuple[Linked, ...] = ()
    asked: tuple[Item, ...] = ()

    def __post_init__(self) -> None:
        criteria = [criterion.expression for criterion in self.criteria]
        gates = [item.gate for item in self.items if item.gate is not None]
        keys = [item.key for item in self.items]
        if "" in keys or len(set(keys)) < len(keys):
            raise ValueError(f"every item of a {self.kind} needs a key of its own: {keys}")
        object.__setattr__(self, "items", tuple(bound(item, criteria, gates) for item in self.items))

    @cached_property
    def item(self) -> dict[str, Item]:
        """
        Items by key.
        """
        return {item.key: item for item in self.items}

    @cached_property
    def order(self) -> tuple[str, ...]:
        """
        The keys of the items in the order in which they are asked.
        """
        return tuple(dict.fromkeys(item.key for item in (*self.asked, *self.items)))

    @cached_property
    def fingerprint(self) -> str:
        """
        A hash over the criteria and queries, to be kept with what is decided by them.
        """
        return fingerprint(self.criteria, self.queries)

    @cached_property
    def judged(self) -> tuple[Judged, ...]:
        """
        Every criterion, each followed by its lettered parts.
        """
        return tuple(
            Judged(part.id, criterion.role, interest(part.expression), part is criterion)
            for criterion in self.criteria
            for part in criterion.family
            if part is criterion or (isinstance(part, Part) and part.is_lettered)
        )

    @cached_property
    def gates(self) -> dict[str, Evaluator]:
        """
        The gate of each item that has one.
        """
        return {item.key: evaluator(item.gate) for item in self.items if item.gate is not None}

    @cached_property
    def gatekeepers(self) -> dict[str, frozenset[str]]:
        """
        For each item that has a gate, what the gate looks at.
        """
        return {
            item.key: frozenset(one.key for leaf in leaves(item.gate) for one in items_of(leaf))
            for item in self.items
            if item.gate is not None
        }

    @cached_property
    def hinges(self) -> frozenset[str]:
        """
        The items at which a query or a gate looks.
        """
        return frozenset(key for query in self.queries for key in query.items).union(*self.gatekeepers.values())

    def set_aside(self, facts: Facts, as_of: date) -> tuple[str, ...]:
        """
        The items whose answers count for nothing, their gate being closed, or held by an answer that is set aside.
        """
        counting = dict(facts)
        closed: list[str] = []
        for key, gate in self.gates.items():
            if gate(counting, as_of) is False or not self.gatekeepers[key].isdisjoint(closed):
                closed.append(key)
                counting.pop(key, None)
        return tuple(key for key in closed if key in facts)

    @cached_property
    def raised(self) -> tuple[tuple[Query, Evaluator], ...]:
        """
        Each query with the function that tells whether it is raised.
        """
        return tuple((query, evaluator(query.expression)) for query in self.queries)

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """
        Every comparison made by a criterion.
        """
        return tuple(leaf for criterion in self.criteria for leaf in leaves(criterion.expression))

    @cached_property
    def limits(self) -> tuple[tuple[str, Callable[[Any], bool]], ...]:
        """
        For each item that is compared with a limit, whether a value lies on one; in the items' order.
        """
        compared = [leaf for leaf in self.leaves if isinstance(leaf, Compare | PressureAbove)]
        found = ((item.key, tuple(leaf for leaf in compared if leaf.item.key == item.key)) for item in self.items)
        return tuple((key, on_limit(comparisons)) for key, comparisons in found if comparisons)

    @cached_property
    def uses(self) -> dict[str, tuple[str, ...]]:
        """
        For each item, the criteria and parts that look at it.
        """
        looked = [
            (part.id, {item.key for leaf in leaves(part.expression) for item in items_of(leaf)})
            for criterion in self.criteria
            for part in criterion.family
        ]
        return {item.key: tuple(id_ for id_, keys in looked if item.key in keys) for item in self.items}

    @cached_property
    def waits(self) -> tuple[MonthsPassed | MonthsBefore, ...]:
        """
        Every comparison that turns with time alone.
        """
        return tuple(leaf for leaf in self.leaves if isinstance(leaf, MonthsPassed | MonthsBefore))

    @cached_property
    def dates(self) -> tuple[Date, ...]:
        """
        The items that are dates.
        """
        return tuple(item for item in self.items if isinstance(item, Date))


@dataclass(frozen=True)
class Visit:
    """
    A follow-up visit: so many calendar months after the infusion, and what the protocol wants looked at there.
    """

    month: int
    looks_at: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Protocol:
    """
    A version of the protocol. Donors are preferred in `donor_order`, by what is answered to `relationship`.
    """

    version: str
    recipient: Population
    donor: Population
    visits: tuple[Visit, ...]
    relationship: Choice
    donor_order: tuple[str, ...]

    def population(self, kind: str) -> Population:
        """
        The population of this kind. Raises ValueError for an unknown one.
        """
        return self.recipient if Kind(kind) is Kind.RECIPIENT else self.donor
