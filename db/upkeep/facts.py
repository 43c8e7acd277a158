"""
Whether the facts are as the audit trail tells: every row that is only ever added, every link, and each case's stage.

The trail's seals show what was changed in the trail. What was added, changed or taken away beside it, by somebody who
took the guards off the tables, shows here: case by case, what its entries tell is laid beside the rows it has.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import zip_longest
from typing import Any

from sqlmodel import SQLModel, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.schedule import Recorded
from db.base.tables import (
    Answer,
    AuditEntry,
    Case,
    Decision,
    DecisionKind,
    Link,
    LogLine,
    Stage,
    VisitRecord,
)
from db.cases.decisions import SIGN_OFFS
from db.trail import audit
from db.trail.anchors import Anchor
from db.trail.audit import PURGED
from db.trail.told import of_answer, of_decision, of_visit
from db.upkeep import purge

_TOGETHER = 50
"""So many cases are in memory at once."""


_OF_CASES: tuple[tuple[type[SQLModel], str], ...] = (
    (Answer, "case_id"),
    (Decision, "case_id"),
    (Decision, "partner_id"),
    (VisitRecord, "case_id"),
    (Link, "recipient_id"),
    (Link, "donor_id"),
)
"""The columns that name a case."""


class FactsBrokenError(Exception):
    """
    A row is not as the trail tells, or one is there of which it does not tell. `str()` names the first, by ids only.
    """


async def verify(session: AsyncSession, *, key: bytes, anchors: Sequence[Anchor] = ()) -> int:
    """
    Check the trail, as `audit.verify` does, and then every fact against it; the number of entries. Raises
    AuditBrokenError and FactsBrokenError.
    """
    count = await audit.verify(session, key=key, anchors=anchors)
    await _check_presence(session)
    await _check_log(session)
    async for cases in _cases(session):
        await _check_cases(session, cases)
        session.expunge_all()
    return count


async def _check_presence(session: AsyncSession) -> None:
    """
    See that every case that was opened is there or was purged, and no fact without its case.
    """
    codes, ids = select(Case.code), select(Case.id)
    purged = select(AuditEntry.entity).where(AuditEntry.action == PURGED)
    gone = select(AuditEntry.sequence).where(
        AuditEntry.action == "case.open",
        col(AuditEntry.entity).not_in(codes),
        col(AuditEntry.entity).not_in(purged),
    )
    sequence = (await session.exec(gone.order_by(col(AuditEntry.sequence)).limit(1))).first()
    if sequence is not None:
        raise FactsBrokenError(f"cases: the one that entry {sequence} tells of is missing")
    for table, name in _OF_CASES:
        case_id = col(getattr(table, name))
        found = (await session.exec(select(case_id).where(case_id.is_not(None), case_id.not_in(ids)).limit(1))).first()
        if found is not None:
            raise FactsBrokenError(f"{table.__tablename__}: there is no case {found}")


async def _check_log(session: AsyncSession) -> None:
    """
    See that the screening log has the line of each case that was purged as the trail tells it, and no other.
    """
    lines = {line.code: line for line in (await session.exec(select(LogLine))).all()}
    purged = select(AuditEntry).where(AuditEntry.action == PURGED).order_by(col(AuditEntry.sequence))
    entries = {entry.entity: entry for entry in (await session.exec(purged)).all()}
    for code, line in sorted(lines.items()):
        told = entries.pop(code, None)
        if (
            told is None
            or (told.site, told.at) != (line.site_id, line.purged_at)
            or told.new not in {None, purge.content(line)}  # an earlier version did not tell of it
        ):
            raise FactsBrokenError(f"screening_log {code}: is not as the trail tells")
    for missing in entries.values():
        raise FactsBrokenError(f"screening_log: the line that entry {missing.sequence} tells of is missing")


async def _cases(session: AsyncSession) -> AsyncIterator[Sequence[Case]]:
    last = None
    while True:
        query = select(Case).order_by(col(Case.id)).limit(_TOGETHER)
        cases = (await session.exec(query if last is None else query.where(col(Case.id) > last))).all()
        if cases:
            last = cases[-1].id
            yield cases
        if len(cases) < _TOGETHER:
            return


async def _check_cases(session: AsyncSession, cases: Sequence[Case]) -> None:
    told = {case.code: _CaseTold() for case in cases}
    entries = select(AuditEntry).where(col(AuditEntry.entity).in_(told)).order_by(col(AuditEntry.sequence))
    for entry in (await session.exec(entries)).all():
        told[entry.entity].add(entry)
    rows = await _rows(session, cases)
    codes, purged = await _partners(session, rows, told.values())
    for case in cases:
        _check_case(case, told[case.code], rows[case.id], codes, purged)


@dataclass
class _Rows:
    """
    The rows of a case, in the order in which they came.
    """

    answers: list[Answer] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    visit_records: list[VisitRecord] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)


async def _rows(session: AsyncSession, cases: Sequence[Case]) -> dict[int, _Rows]:
    found = {case.id: _Rows() for case in cases}
    answers = select(Answer).where(col(Answer.case_id).in_(found)).order_by(col(Answer.case_id), col(Answer.revision))
    for answer in (await session.exec(answers)).all():
        found[answer.case_id].answers.append(answer)
    records = select(VisitRecord).where(col(VisitRecord.case_id).in_(found)).order_by(col(VisitRecord.id))
    for record in (await session.exec(records)).all():
        found[record.case_id].visit_records.append(record)
    decisions = select(Decision).where(or_(*(col(one).in_(found) for one in (Decision.case_id, Decision.partner_id))))
    for decision in (await session.exec(decisions.order_by(col(Decision.id)))).all():
        for case_id in found.keys() & {decision.case_id, decision.partner_id}:
            found[case_id].decisions.append(decision)
    links = select(Link).where(or_(*(col(one).in_(found) for one in (Link.recipient_id, Link.donor_id))))
    for link in (await session.exec(links.order_by(col(Link.id)))).all():
        for case_id in found.keys() & {link.recipient_id, link.donor_id}:
            found[case_id].links.append(link)
    return found


async def _partners(
    session: AsyncSession, rows: dict[int, _Rows], told: Iterable["_CaseTold"]
) -> tuple[dict[int, str], set[str]]:
    """
    The codes of the cases to which these are or were linked, and of those that were purged, with which the link went.
    """
    ids = {one for found in rows.values() for link in found.links for one in (link.recipient_id, link.donor_id)}
    codes = dict((await session.exec(select(Case.id, Case.code).where(col(Case.id).in_(ids)))).all())
    named = {link.partner for one in told for link in one.links}
    purged = select(AuditEntry.entity).where(AuditEntry.action == PURGED, col(AuditEntry.entity).in_(named))
    return codes, set((await session.exec(purged)).all())


@dataclass
class _LinkTold:
    """
    A link as the trail tells of it.
    """

    sequence: int
    partner: str | None
    by: int | None
    at: datetime
    undone_by: int | None = None
    undone_at: datetime | None = None


_Content = tuple[Any, ...]


@dataclass
class _CaseTold:
    """
    What the entries of a case tell: of each kind of row those that must be there, each with its entry's sequence.
    """

    opened: _Content | None = None
    stage: str = Stage.SCREENING
    included_at: datetime | None = None
    answers: list[tuple[int, _Content]] = field(default_factory=list)
    decisions: list[tuple[int, _Content]] = field(default_factory=list)
    visit_records: list[tuple[int, _Content]] = field(default_factory=list)
    links: list[_LinkTold] = field(default_factory=list)

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
                self.links.append(_LinkTold(entry.sequence, entry.new, entry.actor, entry.at))
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


def _check_case(case: Case, told: _CaseTold, rows: _Rows, codes: dict[int, str], purged: set[str]) -> None:
    """
    Raises FactsBrokenError at the first row of a case that is not as the trail tells.
    """
    answers = [
        (
            (row.case_id, row.revision),
            (row.revision, row.item, row.value, row.reason, row.person_id, row.at, of_answer(row)),
        )
        for row in rows.answers
    ]
    decisions = [
        ((row.id,), (row.kind, row.about, row.reason, row.person_id, row.role, row.at, of_decision(row)))
        for row in rows.decisions
    ]
    visits = [
        (
            (row.id,),
            (f"month {row.month}", row.kind, _iso(row.day), row.detail, row.person_id, row.role, row.at, of_visit(row)),
        )
        for row in rows.visit_records
    ]
    for table, expected, found in (
        (Answer, told.answers, answers),
        (Decision, told.decisions, decisions),
        (VisitRecord, told.visit_records, visits),
        (Link, _links_told(told, purged), _links_found(case, rows.links, codes)),
    ):
        _compare(table, expected, found)
    _check_ends(rows)
    _check_row(case, told, rows)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _links_told(told: _CaseTold, purged: set[str]) -> list[tuple[int, _Content]]:
    return [
        (one.sequence, (one.partner, one.by, one.at, one.undone_by, one.undone_at))
        for one in told.links
        if one.partner not in purged
    ]


def _links_found(case: Case, links: Sequence[Link], codes: dict[int, str]) -> list[tuple[_Content, _Content]]:
    found = []
    for row in links:
        partner = row.donor_id if case.kind == "recipient" else row.recipient_id
        content = (codes[partner], row.linked_by, row.linked_at, row.unlinked_by, row.unlinked_at)
        found.append(((row.id,), content))
    return found


def _compare(
    table: type[SQLModel], told: Sequence[tuple[int, _Content]], found: Sequence[tuple[_Content, _Content]]
) -> None:
    for at, (entry, row) in enumerate(zip_longest(told, found)):
        if entry is not None and row is not None and entry[1] == row[1]:
            continue
        if row is None or row[1] in [content for _, content in told[at:]]:
            raise FactsBrokenError(f"{table.__tablename__}: the one that entry {entry[0]} tells of is missing")
        name = f"{table.__tablename__} {' '.join(map(str, row[0]))}"
        if entry is None or entry[1] in [content for _, content in found[at:]]:
            raise FactsBrokenError(f"{name}: no entry tells of it")
        raise FactsBrokenError(f"{name}: is not as entry {entry[0]} tells")


def _check_ends(rows: _Rows) -> None:
    """
    See that what ends an earlier row names one that was there to be ended.
    """
    signed: set[int | None] = set()
    infused: int | None = None
    for decision in rows.decisions:
        ended: set[int | None] = {None}
        match decision.kind:
            case DecisionKind.SIGNED | DecisionKind.SCREEN_FAILURE:
                signed.add(decision.id)
            case DecisionKind.VOIDED:
                ended = signed
            case DecisionKind.INFUSED:
                infused = decision.id
            case DecisionKind.INFUSION_TAKEN_BACK:
                ended, infused = {infused}, None
        if decision.voids not in ended:
            raise FactsBrokenError(f"decisions {decision.id}: voids another one than the trail tells")
    standing: dict[int, list[int]] = {}
    for record in rows.visit_records:
        held = standing.setdefault(record.month, [])
        if record.undoes != (held.pop() if record.kind == Recorded.UNDONE else None):
            raise FactsBrokenError(f"visit_records {record.id}: undoes another one than the trail tells")
        if record.kind != Recorded.UNDONE:
            held.append(record.id)


def _check_row(case: Case, told: _CaseTold, rows: _Rows) -> None:
    """
    See that the case is the one that was opened, and has come as far as the trail tells.
    """
    if told.opened is None:
        raise FactsBrokenError(f"cases {case.code}: no entry tells of it")
    signed = None
    for decision in rows.decisions:
        if decision.kind in SIGN_OFFS or decision.kind == DecisionKind.VOIDED:
            signed = None if decision.kind == DecisionKind.VOIDED else decision.id
    for found, expected, what in (
        ((case.kind, case.site_id, case.opened_by, case.opened_at), told.opened, "what it is"),
        (case.stage, told.stage, "its stage"),
        (case.included_at, told.included_at, "its inclusion"),
        (case.sign_off, signed, "its sign-off"),
        (case.revision, len(rows.answers), "how many answers it has"),
        (case.links, sum(link.unlinked_at is None for link in rows.links), "how many links it has"),
    ):
        if found != expected:
            raise FactsBrokenError(f"cases {case.code}: {what} is not as the trail tells")
