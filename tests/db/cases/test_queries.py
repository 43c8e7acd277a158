"""
Queries, dismissed and open again: a dismissal is of the answers as they stood, as rows.
"""

import hashlib
import json
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.protocol import Kind
from db.base.engine import Database
from db.base.tables import Case, DecisionKind
from db.cases import answers, decisions, pairs, projections, queries, records
from db.cases.answers import Entered
from db.cases.given import Examined
from db.cases.records import Record
from tests.db.rows import NOW, Clinicians, answer, open_case, writing

CONTRADICTION = (("cyclophosphamide_cystopathy", True), ("cyclophosphamide_high_dose", False))
"""What raises Q6."""


async def _raised(session: AsyncSession, who: Clinicians) -> Record:
    record = await records.load(session, case=await open_case(session, who), now=NOW)
    for item, raw in CONTRADICTION:
        record = await answer(record, session, who, item, raw)
    return record


async def _dismiss(session: AsyncSession, who: Clinicians, record: Record, query_id: str = "Q6") -> None:
    await queries.dismiss(session, record=record, query_id=query_id, reason="seen", by=who.actor, now=NOW)


async def _open(session: AsyncSession, record: Record) -> tuple[str, ...]:
    found = await queries.still_open(session, record=record)
    assert record.case.open_queries == len(found), "lists know as many"
    return found


@pytest.mark.parametrize(("item", "raw"), [*CONTRADICTION, ("dlco", 58)])
async def test_a_dismissal_ends_when_one_of_its_answers_is_given_anew(
    database: Database, clinicians: Clinicians, item: str, raw: object
) -> None:
    """
    Even with the same value; another item's answer leaves it as it is. It can be dismissed again.
    """
    async with writing(database) as session:
        record = await _raised(session, clinicians)
        assert await _open(session, record) == ("Q6",)
        await _dismiss(session, clinicians, record)
        assert await _open(session, record) == ()
        record = await answer(record, session, clinicians, item, raw)
        expected = () if item == "dlco" else ("Q6",)
        assert await _open(session, record) == expected
        await _dismiss(session, clinicians, record)
        assert await _open(session, record) == ()


async def test_a_dismissal_ends_when_an_answer_goes_away_and_comes_back(
    database: Database, clinicians: Clinicians
) -> None:
    """
    Changed, and changed back to what it was.
    """
    async with writing(database) as session:
        record = await _raised(session, clinicians)
        await _dismiss(session, clinicians, record)
        record = await answer(record, session, clinicians, "cyclophosphamide_high_dose", raw=True)
        assert record.assessment.queries == ()
        record = await answer(record, session, clinicians, "cyclophosphamide_high_dose", raw=False)
        assert await _open(session, record) == ("Q6",)


async def test_a_dismissal_outlives_what_gives_nothing_anew(database: Database, clinicians: Clinicians) -> None:
    """
    A day said of an answer, and a list taken back after which the very answers stand again.
    """
    async with writing(database) as session:
        record = await _raised(session, clinicians)
        await _dismiss(session, clinicians, record)
        whose = {"by": clinicians.actor, "now": NOW}
        record = await answers.examine(
            session, record=record, item=CONTRADICTION[0][0], examined=Examined(NOW.date()), **whose
        )
        assert await _open(session, record) == ()
        record = await answers.add_many(
            session, record=record, entered=[Entered("cyclophosphamide_high_dose", raw=False)], **whose
        )
        assert await _open(session, record) == ("Q6",)
        record = await answers.take_back(session, record=record, batch=4, **whose)
        assert await _open(session, record) == ()


async def test_a_dismissal_rests_on_what_is_lent_too(database: Database, clinicians: Clinicians) -> None:
    """
    The recipient's age is given anew: the query about the parent's is open again.
    """
    async with writing(database) as session:
        recipient, donor = await open_case(session, clinicians), await open_case(session, clinicians, kind=Kind.DONOR)
        await pairs.link(session, recipient=recipient, donor=donor, by=clinicians.actor, now=NOW)

        async def record_of(case: Case) -> Record:
            return await records.load(session, case=case, now=NOW)

        await answer(await record_of(recipient), session, clinicians, "age", 40)
        await answer(await record_of(donor), session, clinicians, "age", 45)
        await answer(await record_of(donor), session, clinicians, "relationship", "parent")
        await _dismiss(session, clinicians, await record_of(donor), "Q9")
        assert await _open(session, await record_of(donor)) == ()
        await answer(await record_of(recipient), session, clinicians, "age", 40)
        assert await _open(session, await record_of(donor)) == ("Q9",)


@pytest.mark.parametrize(("minutes", "has_it"), [(-1, False), (0, True), (1, True)])
async def test_what_was_dismissed_by_a_time_is_known_later(
    database: Database, clinicians: Clinicians, minutes: int, *, has_it: bool
) -> None:
    """
    One after that time is none of it.
    """
    async with writing(database) as session:
        record = await _raised(session, clinicians)
        await _dismiss(session, clinicians, record)
        by = NOW + timedelta(minutes=minutes)
        assert ("Q6" in await queries.dismissed(session, record=record, by=by)) is has_it


def _digest_of_0006(record: Record) -> str:
    """
    As version 0006 of the tables took it, of the values.
    """
    content = [[item, str(raw)] for item, raw in sorted(CONTRADICTION)]
    assert {item: record.facts[item] for item, _ in content} == dict(CONTRADICTION)
    return hashlib.sha256(json.dumps(["Q6", content]).encode()).hexdigest()


@pytest.mark.parametrize(
    ("later", "item", "still"), [(0, None, ()), (1, "dlco", ()), (1, CONTRADICTION[0][0], ("Q6",))]
)
async def test_what_was_dismissed_before_goes_on(
    database: Database, clinicians: Clinicians, later: int, item: str | None, still: tuple[str, ...]
) -> None:
    """
    A dismissal of an earlier version holds until one of the answers is given anew.
    """
    async with writing(database) as session:
        record = await _raised(session, clinicians)
        await decisions.decide(
            session,
            kind=DecisionKind.QUERY_DISMISSED,
            subjects=[record],
            by=clinicians.actor,
            now=NOW,
            about="Q6",
            reason="seen",
            digest=_digest_of_0006(record),
        )
        if item:
            raw = Decimal(58) if item == "dlco" else True
            record = await answers.add(
                session,
                record=record,
                item=item,
                raw=raw,
                by=clinicians.actor,
                now=NOW + timedelta(minutes=later),
            )
        await projections.write(session, record=record)
        assert await _open(session, record) == still
