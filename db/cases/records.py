"""
The record of a case: its answers as they stand, and what the protocol makes of them.

Answers are only ever added. What lists need to know of the assessment is written beside the case with every answer.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlmodel
from sqlalchemy import Table, bindparam, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules import file_form
from bot.rules.assessment import Assessment, Verdict, assess
from bot.rules.evaluate import evaluator
from bot.rules.expressions import Expression, items_of, leaves
from bot.rules.items import Item, Value
from bot.rules.kleene import Truth
from bot.rules.pairs import borrowed
from bot.rules.protocol import Kind, Population, Status
from bot.rules.versions import PROTOCOLS
from db.base import vault
from db.base.tables import (
    AT_ONCE,
    ENDED,
    LINKED,
    Answer,
    Case,
    Link,
    Site,
    Source,
)
from db.base.vault import Vault
from db.trail import audit, told
from db.trail.audit import Actor


class Borrowed(NamedTuple):
    """
    A fact that a linked case lends, with the code of that case.
    """

    value: Any
    code: str


class Given(NamedTuple):
    """
    The answer that counts for an item. `text` is its file form as JSON; None for "not available yet".
    """

    item: str
    text: str | None
    revision: int
    person_id: int
    at: datetime
    source: str


@dataclass(frozen=True)
class Record:
    """
    A case with its answers in the order given, assessed as of the day that it is at its site.
    """

    case: Case
    population: Population
    answers: tuple[Given, ...]
    as_of: date
    zone: ZoneInfo
    borrowed: Mapping[str, Borrowed] = field(default_factory=dict)

    @cached_property
    def current(self) -> dict[str, Given]:
        """
        The newest answer of each item, the last given last.
        """
        found: dict[str, Given] = {}
        for given in self.answers:
            found.pop(given.item, None)
            found[given.item] = given
        return found

    @cached_property
    def facts(self) -> dict[str, Value]:
        """
        The values by item: the case's own, and those that linked cases lend.
        """
        own = {
            given.item: self.population.item[given.item].read(file_form.loads(given.text))
            for given in self.current.values()
            if given.text is not None
        }
        return own | self._lent(is_item=True) if self.borrowed else own

    def _lent(self, *, is_item: bool) -> dict[str, Value]:
        items = self.population.item
        return {key: lent.value for key, lent in self.borrowed.items() if (key in items) is is_item}

    @cached_property
    def awaited(self) -> frozenset[str]:
        """
        The items answered "not available yet".
        """
        return frozenset(given.item for given in self.current.values() if given.text is None)

    @cached_property
    def assessment(self) -> Assessment:
        """
        What the protocol makes of the answers.
        """
        linked = self._lent(is_item=False) if self.borrowed else None
        return assess(self.population, self.facts, self.as_of, awaited=self.awaited, linked=linked)

    def before(self, revision: int) -> "Record":
        """
        The same record without the answers from this revision on.
        """
        return replace(self, answers=tuple(given for given in self.answers if given.revision < revision))

    def supposing(self, values: Mapping[str, object]) -> "Record":
        """
        The record as it would be with these values in file form, whoever else has or lends another. Nothing is stored.
        """
        last = self.answers[-1].revision if self.answers else 0
        given = (
            Given(key, file_form.dumps(raw), revision, 0, datetime.min.replace(tzinfo=UTC), Source.ASKED)
            for revision, (key, raw) in enumerate(values.items(), start=last + 1)
        )
        lent = {key: one for key, one in self.borrowed.items() if key not in values}
        return replace(self, answers=(*self.answers, *given), borrowed=lent)

    def truth(self, expression: Expression) -> Truth:
        """
        Whether an expression is true of the answers.
        """
        return evaluator(expression)(self.facts, self.as_of)

    def raw(self, item: str) -> object:
        """
        The answer that counts for an item in file form; None where there is none yet.
        """
        if item in self.borrowed:
            return self.borrowed[item].value
        given = self.current.get(item)
        return None if given is None or given.text is None else file_form.loads(given.text)

    def local(self, time: datetime) -> datetime:
        """
        A time on the site's clock.
        """
        return time.astimezone(self.zone)

    def local_day(self, time: datetime) -> date:
        """
        What day a time was at the site.
        """
        return self.local(time).date()

    @property
    def path(self) -> tuple[str, ...]:
        """
        The items in the order in which they were first answered.
        """
        return tuple(dict.fromkeys(given.item for given in self.answers))

    @cached_property
    def digest(self) -> str:
        """
        A hash over all that the assessment rests on: the case, its answers and what is lent to it, and the rules.
        """
        content = [
            self.case.code,
            self.case.protocol,
            self.population.fingerprint,
            [[given.revision, given.item, given.text] for given in self.answers],
            sorted((key, str(lent.value), lent.code) for key, lent in self.borrowed.items()),
        ]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


_AT_HAND = "answers_at_hand"


async def bring(session: AsyncSession, *, case_ids: list[int]) -> None:
    """
    Read the answers of these cases in one go. The next look at each finds them at hand.
    """
    found: dict[int, list[Given]] = {case_id: [] for case_id in case_ids}
    for case_id, *given in await _answers(session, case_ids):
        found[case_id].append(Given(*given))
    session.info[_AT_HAND] = found


async def load(session: AsyncSession, *, case: Case, now: datetime) -> Record:
    """
    The record of a case as of today.
    """
    site = await session.get_one(Site, case.site_id)
    zone = ZoneInfo(site.time_zone)
    population = PROTOCOLS[case.protocol].population(case.kind)
    answers = session.info.get(_AT_HAND, {}).pop(case.id, None)
    if answers is None:
        await session.flush()  # another turn in this transaction may have answered
        answers = [Given(*given) for _, *given in await _answers(session, [case.id])]
    today = now.astimezone(zone).date()
    lent = await _borrowed(session, case, population, today) if case.links else {}
    return Record(case, population, tuple(answers), today, zone, lent)


async def _borrowed(session: AsyncSession, case: Case, population: Population, as_of: date) -> dict[str, Borrowed]:
    """
    What linked cases lend to this one; those that have ended lend nothing.
    """
    facts: dict[str, dict[str, Any]] = {}
    partners = [partner for partner in await linked_cases(session, case=case) if partner.stage not in ENDED]
    if not partners:
        return {}
    codes = {partner.id: partner.code for partner in partners}
    other = PROTOCOLS[case.protocol].population(partners[0].kind)
    sources = {linked.source for linked in population.linked}
    sources |= {item.key for linked in population.linked if linked.unless is not None for item in _items(linked.unless)}
    for case_id, item, text, *_ in await _answers(session, list(codes)):
        if item in sources:
            value = None if text is None else other.item[item].read(file_form.loads(text))
            facts.setdefault(codes[case_id], {})[item] = value
    by_code = sorted(facts.items())
    found = {linked.item.key: borrowed(linked, by_code, as_of) for linked in population.linked}
    return {key: Borrowed(*lent) for key, lent in found.items() if lent is not None}


def _items(expression: Expression) -> set[Item]:
    return {item for leaf in leaves(expression) for item in items_of(leaf)}


async def linked_cases(session: AsyncSession, *, case: Case) -> list[Case]:
    """
    The partners of a case, by code: a recipient's donors, or a donor's recipient.
    """
    if not case.links:
        return []
    await session.flush()
    ours, theirs = col(Link.recipient_id), col(Link.donor_id)
    if case.kind == Kind.DONOR:
        ours, theirs = theirs, ours
    query = sqlmodel.select(Case).join(Link, theirs == col(Case.id)).where(ours == case.id, LINKED)
    return list((await session.exec(query.order_by(col(Case.code)))).all())


_TABLE: Table = Answer.__table__  # type: ignore[attr-defined]  # every mapped class has one

_ANSWERS = (
    # Built once, and on the table itself: every update asks for it.
    select(*(_TABLE.c[name] for name in ("case_id", "item", "value", "revision", "person_id", "at", "source")))
    .where(_TABLE.c.case_id.in_(bindparam("ids", expanding=True)))
    .order_by(_TABLE.c.case_id, _TABLE.c.revision)
)


async def _answers(session: AsyncSession, case_ids: list[int]) -> Sequence[tuple[Any, ...]]:
    connection = await session.connection()
    rows = [tuple(row) for row in await connection.execute(_ANSWERS, {"ids": case_ids})]
    held = vault.of(session)
    return rows if held is None else [_opened(held, *row) for row in rows]


def _opened(held: Vault, case_id: int, item: str, value: str | None, revision: int, *rest: Any) -> tuple[Any, ...]:  # noqa: ANN401  a row as it comes
    text = value and held.open(value, vault.place("answers", "value", (case_id, revision)))
    return (case_id, item, text, revision, *rest)


async def append(
    session: AsyncSession,
    *,
    record: Record,
    item: str,
    raw: object,
    person_id: int,
    by: Actor,
    now: datetime,
    source: Source = Source.ASKED,
    reason: str | None = None,
) -> Record:
    """
    Add an answer in file form, None for "not available yet", and return the record with it. What follows from it for
    other cases and for what was decided is `db.answers`' business.

    Raises KeyError for an unknown item and BadValueError for a value that it does not take.
    """
    known = record.population.item[item]
    if raw is not None:
        known.read(raw)
    case = record.case
    text = None if raw is None else file_form.dumps(raw)
    before = record.current.get(item)
    given = Given(item, text, case.revision + 1, person_id, now, source)
    case.revision = given.revision
    case.touched_at = now
    row = Answer(
        case_id=case.id,
        revision=given.revision,
        item=item,
        value=text,
        source=source,
        reason=reason,
        person_id=person_id,
        at=now,
    )
    session.add(row)
    await audit.record(
        session,
        at=now,
        by=by,
        action="answer",
        entity=case.code,
        site=case.site_id,
        field=item,
        old=before.text if before else None,
        new=text,
        reason=reason,
        more=told.of_answer(row),
    )
    after = replace(record, answers=(*record.answers, given))
    project(after)
    return after


def project(record: Record) -> None:
    """
    Write beside the case what lists need to know of its assessment.
    """
    case, assessment = record.case, record.assessment
    if case.recheck_on is not None and case.recheck_on <= record.as_of:
        case.rechecked_on = case.recheck_on
    case.verdict = assessment.verdict
    case.in_full = case.in_full and assessment.verdict is Verdict.NOT_ELIGIBLE
    case.assessed_on = assessment.as_of
    case.answered = len(record.facts)
    case.to_ask = len(assessment.to_ask)
    case.awaited = len(assessment.awaited)
    failing = assessment.ids(record.population, Status.FAIL)
    case.failures, case.failing = len(failing), " ".join(failing)
    case.open = " ".join(assessment.ids(record.population, Status.UNKNOWN))
    case.remind_on = AT_ONCE
    case.missing = f" {' '.join(assessment.missing)} "
    case.queries = " ".join(assessment.queries)
    case.recheck_on = assessment.recheck_on
