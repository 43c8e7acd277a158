"""
Criteria and their parts, as they are declared and as they are judged; and queries about answers that contradict.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from bot.rules.evaluate import Facts
from bot.rules.expressions import Expression, items_of, leaves
from bot.rules.fingerprint import NO_RULE
from bot.rules.interest import Interest


class Role(StrEnum):
    """
    An inclusion passes when its expression is true, an exclusion fails when it is.
    """

    INCLUSION = "inclusion"
    EXCLUSION = "exclusion"


class Status(StrEnum):
    """
    The status of a criterion: an inclusion that holds and an exclusion that is ruled out both pass.
    """

    PASS = "pass"  # noqa: S105  a status, no password
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False, kw_only=True)
class Cited:
    """
    Where the protocol says so: the number, letter and paragraph in its list of this population's inclusions or
    exclusions. `reading`, in English, is how it is read where its words leave something open; the catalogues of the
    other languages translate it.
    """

    citation: str = field(metadata=NO_RULE)
    reading: str = field(default="", metadata=NO_RULE)


@dataclass(frozen=True, eq=False)
class Part(Cited):
    """
    A named part of a criterion. Lettered ones (R-I3a) are reported with a status of their own; the others (R-I3-skin)
    only explain.
    """

    id: str
    expression: Expression

    @property
    def is_lettered(self) -> bool:
        """
        Whether the protocol gives this part a letter.
        """
        return self.id[-1].islower() and self.id[-2].isdigit()


@dataclass(frozen=True, eq=False)
class Criterion(Cited):
    """
    A numbered criterion: R-E2 is the recipients' second exclusion.
    """

    id: str
    role: Role
    expression: Expression
    parts: tuple[Part, ...] = ()

    @property
    def family(self) -> "tuple[Criterion | Part, ...]":
        """
        The criterion, then its parts.
        """
        return self, *self.parts


@dataclass(frozen=True, eq=False)
class Query:
    """
    Answers that contradict each other. Raised when the expression is true; it never changes a status. Those that are
    `of_set_aside` look at answers behind a closed gate too, which count for nothing else.
    """

    id: str
    expression: Expression
    of_set_aside: bool = False

    @cached_property
    def items(self) -> tuple[str, ...]:
        """
        The keys of the items that it speaks of.
        """
        return tuple(dict.fromkeys(item.key for leaf in leaves(self.expression) for item in items_of(leaf)))


@dataclass(frozen=True, eq=False)
class Judged:
    """
    A criterion or lettered part, ready to be judged again and again.
    """

    id: str
    role: Role
    interest: Interest
    is_numbered: bool

    def judge(self, facts: Facts, as_of: date) -> tuple[Status, frozenset[str]]:
        """
        The status on these answers, as of this day, and the keys of the items that can still decide it.
        """
        truth, wanted = self.interest(facts, as_of)
        if truth is None:
            return Status.UNKNOWN, wanted
        return (Status.PASS if truth is (self.role is Role.INCLUSION) else Status.FAIL), wanted
