"""
The record of a case: its answers as they stand, and what the protocol makes of them.

Answers are only ever added. What lists need to know of the assessment is written beside the case with every answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Table, bindparam, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules import file_form
from bot.rules.assessment import Assessment, Verdict, assess
from bot.rules.evaluate import evaluator
from bot.rules.expressions import Expression
from bot.rules.items import Value
from bot.rules.kleene import Truth
from bot.rules.protocol import Population, Status
from bot.rules.versions import PROTOCOLS
from db import audit
from db.audit import Actor
from db.tables import Answer, Case, Site, Source


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
        The values by item.
        """
        return {
            given.item: self.population.item[given.item].read(file_form.loads(given.text))
            for given in self.current.values()
            if given.text is not None
        }

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
        return assess(self.population, self.facts, self.as_of, awaited=self.awaited)

    def before(self, revision: int) -> "Record":
        """
        The same record without the answers from this revision on.
        """
        return replace(self, answers=tuple(given for given in self.answers if given.revision < revision))

    def truth(self, expression: Expression) -> Truth:
        """
        Whether an expression is true of the answers.
        """
        return evaluator(expression)(self.facts, self.as_of)

    def raw(self, item: str) -> object:
        """
        The newest answer of an item in file form; None where there is none yet.
        """
        given = self.current.get(item)
        return None if given is None or given.text is None else file_form.loads(given.text)

    def local_day(self, time: datetime) -> date:
        """
        What day a time was at the site.
        """
        return time.astimezone(self.zone).date()

    @property
    def path(self) -> tuple[str, ...]:
        """
        The items in the order in which they were first answered.
        """
        return tuple(dict.fromkeys(given.item for given in self.answers))


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
    return Record(case, population, tuple(answers), now.astimezone(zone).date(), zone)


_TABLE: Table = Answer.__table__  # type: ignore[attr-defined]  # every mapped class has one

_ANSWERS = (
    # Built once, and on the table itself: every update asks for it.
    select(*(_TABLE.c[name] for name in ("case_id", "item", "value", "revision", "person_id", "at", "source")))
    .where(_TABLE.c.case_id.in_(bindparam("ids", expanding=True)))
    .order_by(_TABLE.c.case_id, _TABLE.c.revision)
)


async def _answers(session: AsyncSession, case_ids: list[int]) -> Sequence[tuple[Any, ...]]:
    connection = await session.connection()
    return [tuple(row) for row in await connection.execute(_ANSWERS, {"ids": case_ids})]


async def add(
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
    Add an answer in file form, None for "not available yet", and return the record with it.

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
    session.add(
        Answer(
            case_id=case.id,
            revision=given.revision,
            item=item,
            value=text,
            source=source,
            reason=reason,
            person_id=person_id,
            at=now,
        )
    )
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
    )
    after = replace(record, answers=(*record.answers, given))
    project(after)
    return after


def project(record: Record) -> None:
    """
    Write beside the case what lists need to know of its assessment.
    """
    case, assessment = record.case, record.assessment
    case.verdict = assessment.verdict
    case.in_full = case.in_full and assessment.verdict is Verdict.NOT_ELIGIBLE
    case.assessed_on = assessment.as_of
    case.answered = len(record.facts)
    case.to_ask = len(assessment.to_ask)
    case.awaited = len(assessment.awaited)
    case.failing = " ".join(assessment.ids(record.population, Status.FAIL))
    case.open = " ".join(assessment.ids(record.population, Status.UNKNOWN))
    case.recheck_on = assessment.recheck_on
