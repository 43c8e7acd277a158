"""
What there is to show of one case that is being read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.rules.protocol import Criterion, Part
from bot.views import Signed, View, asked
from db.base.tables import Answer, AuditEntry, Case, Decision
from db.cases.records import Record
from db.follow_up.visits import Followed


@dataclass(frozen=True)
class Criteria(View):
    """
    Every criterion and part with its status, each leading to its reasoning.
    """

    record: Record


@dataclass(frozen=True)
class Reasoning(View):
    """
    The reasoning of one criterion, or of a part of it. `names` are those of the people who answered, by id.
    """

    record: Record
    criterion: Criterion
    part: Criterion | Part
    names: Mapping[int, str]


@dataclass(frozen=True)
class History(View):
    """
    A page of what happened to a case, the newest first, and who did it; nobody where the program itself did.
    """

    record: Record
    entries: Sequence[tuple[AuditEntry, str | None]]
    page: int
    has_more: bool


@dataclass(frozen=True)
class WhatIf(View):
    """
    A case as it is, and as it would be with other values, in file form. Nothing of it is stored with the case.
    """

    record: Record
    supposed: Record
    values: Mapping[str, object]

    @property
    def asks(self) -> str:
        """
        As View.asks.
        """
        return asked(self.record.case, "whatif")


@dataclass(frozen=True)
class Report(View):
    """
    All there is to say of a case, to be kept or printed: `given` are its answers with the names of who gave them,
    `decided` its decisions likewise, `visits` the follow-up of a recipient.
    """

    record: Record
    given: Sequence[tuple[Answer, str]]
    queries: tuple[str, ...]
    partners: tuple[Case, ...]
    signed: Signed | None
    decided: Sequence[tuple[Decision, str | None]]
    visits: tuple[Followed, ...] = ()
