"""
What the audit trail tells of a case: each row that must be there, and how far the case has come.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from db.base.tables import AuditEntry, DecisionKind, Stage
from db.trail.audit import PURGED


class FactsBrokenError(Exception):
    """
    A row is not as the trail tells, or one is there of which it does not tell. `str()` names the first, by ids only.
    """


Content: TypeAlias = tuple[Any, ...]
"""What a row says, and its entry of it."""


@dataclass
class LinkTold:
    """
    A link as the trail tells of it.
    """

    sequence: int
    partner: str | None
    by: int | None
    at: datetime
    undone_by: int | None = None
    undone_at: datetime | None = None


@dataclass
class CaseTold:
    """
    What the entries of a case tell: of each kind of row those that must be there, each with its entry's sequence.
    """

    opened: Content | None = None
    stage: str = Stage.SCREENING
    included_at: datetime | None = None
    answers: list[tuple[int, Content]] = field(default_factory=list)
    decisions: list[tuple[int, Content]] = field(default_factory=list)
    visit_records: list[tuple[int, Content]] = field(default_factory=list)
    links: list[LinkTold] = field(default_factory=list)

    def add(self, entry: AuditEntry) -> None:
        """
        The next entry. Raises FactsBrokenError.
        """
        if entry.redaction is not None or entry.action == PURGED:
            raise FactsBrokenError(f"cases {entry.entity}: entry {entry.sequence} tells of its purge, and it is there")
        family, _, kind = entry.action.partition(".")
        match family, kind:
            case "case", "open":
                self.opened = (entry.new, entry.site, entry.actor, entry.at)
            case "case", "stage":
                self.stage = entry.new or ""
            case "case", "link":
                self.links.append(LinkTold(entry.sequence, entry.new, entry.actor, entry.at))
            case "case", "unlink":
                link = next(one for one in reversed(self.links) if one.partner == entry.old)
                link.undone_by, link.undone_at = entry.actor, entry.at
            case "answer", _:
                revision = len(self.answers) + 1
                given = (revision, entry.field, entry.new, entry.reason, entry.actor, entry.at, entry.more)
                self.answers.append((entry.sequence, given))
            case "visit", _:
                noted = (entry.field, kind, entry.new, entry.reason, entry.actor, entry.role, entry.at, entry.more)
                self.visit_records.append((entry.sequence, noted))
            case "decision", _:
                self._decide(entry, kind)

    def _decide(self, entry: AuditEntry, kind: str) -> None:
        is_infusion = kind in {DecisionKind.INFUSED, DecisionKind.INFUSION_TAKEN_BACK}
        about = entry.new if is_infusion else entry.field
        decided = (kind, about, entry.reason, entry.actor, entry.role, entry.at, entry.more)
        self.decisions.append((entry.sequence, decided))
        if not is_infusion and entry.new is not None:
            self.stage = entry.new
        if kind == DecisionKind.INCLUDED:
            self.included_at = entry.at
        elif kind == DecisionKind.UNINCLUDED or (kind == DecisionKind.REOPENED and entry.old == Stage.INCLUDED):
            # The latter is how it was told before it had a name of its own.
            self.included_at = None
