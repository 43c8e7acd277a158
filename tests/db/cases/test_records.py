"""
The record of a case: answers as they stand, read back digit by digit, and what lists know of them.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from bot.rules import file_form
from bot.rules.assessment import assess
from bot.rules.criteria import Status
from bot.rules.items import BadValueError
from bot.rules.protocol import Kind
from bot.rules.versions import LATEST
from db.base.engine import Database
from db.base.tables import Answer, Case, Source
from db.cases import answers, records
from db.cases.records import Record
from tests.db.rows import NOW, Clinicians, answer, open_case, writing
from tests.rules import oracle

TODAY = date(2026, 5, 10)
SEQUENCES = settings(max_examples=15, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])


async def _answered(database: Database, who: Clinicians, *answers: tuple[str, object]) -> Record:
    """
    A new recipient with these answers, one transaction each, read back from the database.
    """
    async with writing(database) as session:
        case_id = (await open_case(session, who)).id
    for item, raw in answers:
        async with writing(database) as session:
            record = await records.load(session, case=await session.get_one(Case, case_id), now=NOW)
            await answer(record, session, who, item, raw)
    async with database.transaction() as session:
        return await records.load(session, case=await session.get_one(Case, case_id), now=NOW)


async def test_a_new_case_has_an_empty_record(database: Database, clinicians: Clinicians) -> None:
    """
    No answers, as of today at the site.
    """
    record = await _answered(database, clinicians)
    assert (record.answers, record.facts, record.path, record.awaited) == ((), {}, (), frozenset())
    assert record.as_of == TODAY
    assert record.raw("age") is None


async def test_the_newest_answer_counts(database: Database, clinicians: Clinicians) -> None:
    """
    A correction takes the place of what it corrects; both stay on file.
    """
    record = await _answered(database, clinicians, ("age", 44), ("sex", "female"), ("age", 45))
    assert record.facts == {"age": Decimal(45), "sex": "female"}
    assert record.raw("age") == Decimal(45)
    assert [(given.item, given.text, given.revision) for given in record.answers] == [
        ("age", "44", 1),
        ("sex", '"female"', 2),
        ("age", "45", 3),
    ]
    assert list(record.current) == ["sex", "age"]
    assert record.case.revision == 3


async def test_the_path_is_the_order_of_first_answers(database: Database, clinicians: Clinicians) -> None:
    """
    Going back follows the questions as they came, whatever was corrected since.
    """
    record = await _answered(database, clinicians, ("age", 44), ("sex", "female"), ("age", 45), ("mrss", None))
    assert record.path == ("age", "sex", "mrss")


async def test_the_record_as_it_was_before(database: Database, clinicians: Clinicians) -> None:
    """
    What a correction changed is told from the record before it.
    """
    record = await _answered(database, clinicians, ("age", 44), ("sex", "female"), ("age", 71))
    assert record.before(3).facts == {"age": Decimal(44), "sex": "female"}
    assert record.before(1).answers == ()
    assert record.before(4) == record
    assert record.before(3).assessment.statuses["R-I1"] is Status.PASS
    assert record.assessment.statuses["R-I1"] is Status.FAIL


async def test_not_available_yet_is_an_answer_without_a_value(database: Database, clinicians: Clinicians) -> None:
    """
    The item counts as unknown and awaited, until there is a value; a value taken back is unknown again.
    """
    record = await _answered(database, clinicians, ("age", None), ("mrss", 20), ("mrss", None), ("dlco", None))
    assert record.facts == {}
    assert record.awaited == {"age", "mrss", "dlco"}
    assert record.raw("mrss") is None
    record = await _answered(database, clinicians, ("age", None), ("age", 44))
    assert record.awaited == frozenset()
    assert record.facts == {"age": Decimal(44)}


RAW = [
    ("dlco", Decimal("59.99")),
    ("dlco", Decimal("60.0")),
    ("haemoglobin", "4.9658 mmol/L"),
    ("pao2", "7.9 kPa"),
    ("bp_first", "161/90"),
    ("baseline_pft_date", "2025-10-31"),
    ("heart_findings", []),
    ("malignancy", ["myelodysplasia", "active_neoplasm"]),
    ("consent_signed", False),
    ("sex", "male"),
]


@pytest.mark.parametrize(("item", "raw"), RAW, ids=str)
async def test_an_answer_is_read_as_it_was_entered(
    database: Database, clinicians: Clinicians, item: str, raw: object
) -> None:
    """
    With the unit and the digits in which it was entered.
    """
    record = await _answered(database, clinicians, (item, raw))
    assert file_form.dumps(record.raw(item)) == file_form.dumps(raw)
    assert record.facts[item] == LATEST.recipient.item[item].read(raw)


@pytest.mark.parametrize(("item", "raw"), [("age", Decimal(121)), ("sex", "other"), ("pao2", "60 bar"), ("mrss", 1.5)])
async def test_a_value_that_the_item_does_not_take_is_refused(
    database: Database, clinicians: Clinicians, item: str, raw: object
) -> None:
    """
    Nothing of it is stored, and the case stays at its revision.
    """
    record = await _answered(database, clinicians, ("age", 44))
    with pytest.raises(BadValueError):
        async with writing(database) as session:
            await answer(record, session, clinicians, item, raw)
    async with database.transaction() as session:
        assert len((await session.exec(select(Answer))).all()) == 1
        assert (await session.exec(select(Case.revision))).one() == 1


async def test_an_unknown_item_is_refused(database: Database, clinicians: Clinicians) -> None:
    """
    A donor's item is none of a recipient's.
    """
    record = await _answered(database, clinicians)
    with pytest.raises(KeyError):
        async with writing(database) as session:
            await answer(record, session, clinicians, "lidocaine_allergy", raw=True)


async def test_an_answer_keeps_who_when_and_how(database: Database, clinicians: Clinicians) -> None:
    """
    Adding returns the very record that is read later.
    """
    async with writing(database) as session:
        case = await open_case(session, clinicians)
        record = await records.load(session, case=case, now=NOW)
        after = await answers.add(
            session,
            record=record,
            item="age",
            raw=Decimal(44),
            by=clinicians.actor,
            now=NOW + timedelta(seconds=1),
            source=Source.IMPORTED,
            reason="from the file",
        )
    async with database.transaction() as session:
        loaded = await records.load(session, case=await session.get_one(Case, case.id), now=NOW)
        row = (await session.exec(select(Answer))).one()
    assert loaded.answers == after.answers
    (given_answer,) = loaded.answers
    assert given_answer.person_id == clinicians.person.id
    assert given_answer.at == NOW + timedelta(seconds=1)
    assert (given_answer.source, row.reason) == (Source.IMPORTED, "from the file")
    assert loaded.case.touched_at == NOW + timedelta(seconds=1)


async def test_answers_of_other_cases_are_not_mixed_in(database: Database, clinicians: Clinicians) -> None:
    """
    Each case has its own answers and its own count of them.
    """
    first = await _answered(database, clinicians, ("age", 44), ("sex", "male"))
    second = await _answered(database, clinicians, ("age", 60))
    assert (first.facts["age"], second.facts) == (Decimal(44), {"age": Decimal(60)})
    assert second.case.revision == 1


async def test_turns_that_share_a_commit_see_each_others_answers(database: Database, clinicians: Clinicians) -> None:
    """
    Two people on one case, worked in one transaction, answer one after the other.
    """
    async with writing(database) as session:
        case = await open_case(session, clinicians)
    async with writing(database) as session:
        await records.bring(session, case_ids=[case.id, case.id])
        for item in ("age", "mrss", "dlco"):
            found = await session.get_one(Case, case.id)
            record = await records.load(session, case=found, now=NOW)
            await answer(record, session, clinicians, item, 44)
        record = await records.load(session, case=found, now=NOW)
    assert [(given_answer.item, given_answer.revision) for given_answer in record.answers] == [
        ("age", 1),
        ("mrss", 2),
        ("dlco", 3),
    ]


async def test_what_is_at_hand_is_what_is_stored(database: Database, clinicians: Clinicians) -> None:
    """
    Reading several cases in one go gives each the record it has when read alone.
    """
    alone = [
        await _answered(database, clinicians, ("age", 44), ("sex", "male"), ("age", 45)),
        await _answered(database, clinicians),
        await _answered(database, clinicians, ("age", None)),
    ]
    async with database.transaction() as session:
        await records.bring(session, case_ids=[one.case.id for one in alone])
        for one in alone:
            case = await session.get_one(Case, one.case.id)
            assert (await records.load(session, case=case, now=NOW)).answers == one.answers


async def test_the_day_of_a_record_is_the_day_at_the_site(database: Database, clinicians: Clinicians) -> None:
    """
    Ten minutes past midnight in Paris it is tomorrow there, though not yet in UTC.
    """
    late = datetime(2026, 5, 10, 22, 10, tzinfo=UTC)
    async with writing(database) as session:
        case = await open_case(session, clinicians)
        record = await records.load(session, case=case, now=late)
    assert record.as_of == date(2026, 5, 11)
    assert record.local_day(NOW) == TODAY


# What lists know ------------------------------------------------------------------------------------------------------


@st.composite
def _sequences(draw: st.DrawFn, kind: oracle.Kind) -> list[tuple[str, Any]]:
    """
    Answers in any order, some "not available yet", some corrected later.
    """
    values = oracle.VALUES[kind]
    if kind == "recipient":
        values = values | dict.fromkeys(oracle.DATES, oracle.past_strategy(TODAY))
    well = oracle.well(kind)
    answers: list[tuple[str, Any]] = []
    if draw(st.booleans()):
        answers = [
            (key, draw(values[key]) if key in oracle.DATES else well[key]) for key in draw(st.permutations([*values]))
        ]
        answers += [*draw(st.sampled_from(oracle.TURNS)).items()] if kind == "recipient" else []
    for key in draw(st.lists(st.sampled_from([*values]), max_size=25)):
        answers.append((key, draw(st.none() | values[key])))
    return answers


def _projected(case: Case) -> dict[str, object]:
    names = ("verdict", "assessed_on", "answered", "to_ask", "awaited", "failing", "open", "recheck_on")
    return {name: getattr(case, name) for name in names}


async def _agrees(database: Database, who: Clinicians, kind: Kind, sequence: list[tuple[str, Any]]) -> None:
    async with writing(database) as session:
        case = await open_case(session, who, kind=kind)
    current: dict[str, Any] = {}
    for start in range(0, len(sequence), 4):
        async with writing(database) as session:
            record = await records.load(session, case=await session.get_one(Case, case.id), now=NOW)
            for item, raw in sequence[start : start + 4]:
                record = await answer(record, session, who, item, raw)
                current[item] = raw
    async with database.transaction() as session:
        stored = await session.get_one(Case, case.id)
        record = await records.load(session, case=stored, now=NOW)
    population = LATEST.population(kind)
    facts = {item: population.item[item].read(_number(raw)) for item, raw in current.items() if raw is not None}
    awaited = frozenset(item for item, raw in current.items() if raw is None)
    fresh = assess(population, facts, TODAY, awaited=awaited)
    assert record.facts == facts
    assert _projected(stored) == {
        "verdict": fresh.verdict,
        "assessed_on": TODAY,
        "answered": len(facts.keys() - set(fresh.set_aside)),
        "to_ask": len(fresh.to_ask),
        "awaited": len(fresh.awaited),
        "failing": " ".join(fresh.ids(population, Status.FAIL)),
        "open": " ".join(fresh.ids(population, Status.UNKNOWN)),
        "recheck_on": fresh.recheck_on,
    }
    second = oracle.assess({"case": "A", "kind": kind.value, "as_of": TODAY.isoformat(), "answers": current})
    numbered = {criterion.id for criterion in population.criteria}
    failing = {name for name, status in second["criteria"].items() if status == "fail"} & numbered
    recheck_on = stored.recheck_on.isoformat() if stored.recheck_on else None
    assert (stored.verdict, set(stored.failing.split())) == (second["verdict"], failing)
    assert (stored.to_ask + stored.awaited, recheck_on) == (len(second["missing"]), second["recheck_on"])


def _number(raw: object) -> object:
    return Decimal(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw


@given(sequence=_sequences("recipient"))
@SEQUENCES
async def test_lists_never_differ_from_a_fresh_assessment_of_a_recipient(
    database: Database, clinicians: Clinicians, sequence: list[tuple[str, Any]]
) -> None:
    """
    After any answers in any order, corrections and values taken back included; a second reading of the protocol agrees.
    """
    await _agrees(database, clinicians, Kind.RECIPIENT, sequence)


@given(sequence=_sequences("donor"))
@SEQUENCES
async def test_lists_never_differ_from_a_fresh_assessment_of_a_donor(
    database: Database, clinicians: Clinicians, sequence: list[tuple[str, Any]]
) -> None:
    """
    The same for a donor.
    """
    await _agrees(database, clinicians, Kind.DONOR, sequence)
