"""
A case's rows laid beside what the trail tells of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import zip_longest

from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.schedule import Recorded
from db.base.tables import Answer, Case, Decision, DecisionKind, Link, VisitRecord
from db.cases import everything
from db.cases.decisions import SIGN_OFFS
from db.follow_up import visits
from db.trail.told import of_answer, of_decision, of_visit
from db.upkeep.case_told import CaseTold, Content, FactsBrokenError


@dataclass
class CaseRows:
    """
    The rows of a case, in the order in which they came.
    """

    answers: list[Answer] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    visit_records: list[VisitRecord] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)


async def rows_of(session: AsyncSession, cases: Sequence[Case]) -> dict[int, CaseRows]:
    """
    The rows of each of these cases.
    """
    found = {case.id: CaseRows() for case in cases}
    for answer in await everything.answers(session, ids=found):
        found[answer.case_id].answers.append(answer)
    for record in await visits.records_of(session, ids=found):
        found[record.case_id].visit_records.append(record)
    for decision in await everything.decisions(session, ids=found):
        for case_id in found.keys() & {decision.case_id, decision.partner_id}:
            found[case_id].decisions.append(decision)
    for link in await everything.links(session, ids=found):
        for case_id in found.keys() & {link.recipient_id, link.donor_id}:
            found[case_id].links.append(link)
    return found


def check_case(case: Case, told: CaseTold, rows: CaseRows, codes: dict[int, str], purged: set[str]) -> None:
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


def _links_told(told: CaseTold, purged: set[str]) -> list[tuple[int, Content]]:
    return [
        (one.sequence, (one.partner, one.by, one.at, one.undone_by, one.undone_at))
        for one in told.links
        if one.partner not in purged
    ]


def _links_found(case: Case, links: Sequence[Link], codes: dict[int, str]) -> list[tuple[Content, Content]]:
    found = []
    for row in links:
        partner = row.donor_id if case.kind == "recipient" else row.recipient_id
        content = (codes[partner], row.linked_by, row.linked_at, row.unlinked_by, row.unlinked_at)
        found.append(((row.id,), content))
    return found


def _compare(
    table: type[SQLModel], told: Sequence[tuple[int, Content]], found: Sequence[tuple[Content, Content]]
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


def _check_ends(rows: CaseRows) -> None:
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


def _check_row(case: Case, told: CaseTold, rows: CaseRows) -> None:
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
