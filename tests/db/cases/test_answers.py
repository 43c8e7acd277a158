"""
Answers by the list, taken back, dated, and corrected at once; what counts afterwards, and what the trail tells.
"""

import json
from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.items import BadValueError
from db.base.engine import Database
from db.base.tables import Answer, Case, DecisionKind, Examination, Source
from db.base.vault import Vault
from db.cases import answers, cases, decisions, records
from db.cases.answers import Entered, NotTakenBackError
from db.cases.given import Examined
from db.cases.records import Record
from db.trail import keyring
from db.trail.audit import Actor
from db.upkeep import facts
from tests.db.rows import KEY, NOW, Clinicians, answer, entries, establish, open_case, writing

PFT = Examined(date(2026, 4, 12), Examination.LUNG_FUNCTION)
SHEET = (
    Entered("haemoglobin", "11.2 g/dL"),
    Entered("neutrophils", Decimal("3.1")),
    Entered("dlco", Decimal(58), PFT),
    Entered("cd4", None),
)


@pytest.fixture(params=["plain", "encrypted"])
async def database(request: pytest.FixtureRequest, url: str) -> AsyncIterator[Database]:
    """
    A database with encryption and without.
    """
    opened = Database(url, Vault(lambda: {"k1": b"1" * 32}) if request.param == "encrypted" else None)
    async with writing(opened) as session:
        await keyring.use(session, now=NOW)
    yield opened
    await opened.close()


@pytest.fixture
async def who(database: Database) -> Clinicians:
    """
    A coordinator, at a site.
    """
    return await establish(database)


async def _enter(
    session: AsyncSession, who: Clinicians, record: Record, *entered: Entered, minutes: float = 0
) -> Record:
    return await answers.add_many(
        session,
        record=record,
        entered=entered,
        by=who.actor,
        now=NOW + timedelta(minutes=minutes),
    )


async def _take_back(session: AsyncSession, who: Clinicians, record: Record, batch: int, minutes: float = 1) -> Record:
    now = NOW + timedelta(minutes=minutes)
    return await answers.take_back(session, record=record, batch=batch, by=who.actor, now=now)


async def _opened(session: AsyncSession, who: Clinicians) -> Record:
    return await records.load(session, case=await open_case(session, who), now=NOW)


async def _again(database: Database, record: Record) -> Record:
    """
    The same as it is read from the database; the facts are checked on the way.
    """
    async with writing(database) as session:
        await facts.verify(session, key=KEY)
    async with database.transaction() as session:
        return await records.load(session, case=await session.get_one(Case, record.case.id), now=NOW)


async def test_a_sheet_is_stored_at_once(database: Database, who: Clinicians) -> None:
    """
    Each value with its unit, its examination and an audit entry of its own; all with the number of the batch.
    """
    async with writing(database) as session:
        record = await answer(await _opened(session, who), session, who, "age", 44)
        record = await _enter(session, who, record, *SHEET)
    again = await _again(database, record)
    assert again.answers == record.answers
    assert [(one.item, one.batch, one.source) for one in again.answers] == [
        ("age", None, Source.ASKED),
        *((one.item, 2, Source.QUICK_ENTRY) for one in SHEET),
    ]
    assert (again.current["dlco"].examined, again.raw("haemoglobin"), again.awaited) == (PFT, "11.2 g/dL", {"cd4"})
    assert (again.case.revision, again.case.answered, again.case.awaited) == (5, 4, 1)
    async with database.transaction() as session:
        told = [entry for entry in await entries(session) if entry.action == "answer"]
    assert [entry.field for entry in told] == ["age", *(one.item for one in SHEET)]
    assert told[0].more is None
    assert json.loads(told[3].more or "") == {
        "batch": 2,
        "examined_by": "lung_function",
        "examined_on": "2026-04-12",
        "source": "quick_entry",
    }


@pytest.mark.parametrize(
    ("entered", "error"),
    [
        (Entered("mrss", Decimal(52)), BadValueError),
        (Entered("lidocaine_allergy", raw=True), KeyError),
        (Entered("dlco", Decimal(70)), ValueError),
        (Entered("mrss", Decimal(20), Examined(date(2026, 5, 11))), ValueError),
        (Entered("mrss", Decimal(20), Examined(None, "guess")), ValueError),
        (Entered("mrss", Decimal(20), Examined(None, Examination.OTHER)), ValueError),
    ],
)
async def test_of_a_sheet_all_is_stored_or_nothing(
    database: Database, who: Clinicians, entered: Entered, error: type[Exception]
) -> None:
    """
    A value that is refused, an item of other cases or twice, an examination that is yet to come, unknown or unnamed.
    """
    async with writing(database) as session:
        record = await _opened(session, who)
        with pytest.raises(error):
            await _enter(session, who, record, *SHEET, entered)
        assert record.case.revision == 0
    assert (await _again(database, record)).answers == ()


async def test_an_examination_of_today_or_of_another_kind_is_taken(database: Database, who: Clinicians) -> None:
    """
    On the limit; and what is typed of another kind comes back as typed.
    """
    examined = Examined(date(2026, 5, 10), Examination.OTHER, "capillaroscopy")
    async with writing(database) as session:
        record = await _enter(session, who, await _opened(session, who), Entered("mrss", Decimal(20), examined))
    assert (await _again(database, record)).current["mrss"].examined == examined


async def test_taken_back_what_stood_stands_again(database: Database, who: Clinicians) -> None:
    """
    The very answer with its examination, what was awaited is awaited, what was unanswered unanswered; both stay on
    file.
    """
    async with writing(database) as session:
        record = await _enter(session, who, await _opened(session, who), Entered("dlco", Decimal(70), PFT))
        record = await answer(record, session, who, "cd4", None)
        before = record
        record = await _enter(
            session,
            who,
            record,
            Entered("dlco", Decimal(58)),
            Entered("cd4", Decimal(300)),
            Entered("fvc", Decimal(66)),
        )
        assert record.facts == {"dlco": 58, "cd4": 300, "fvc": 66}
        record = await _take_back(session, who, record, 3)
    again = await _again(database, record)
    assert again.current == record.current == before.current
    assert (again.facts, again.awaited, again.path) == (before.facts, {"cd4"}, ("dlco", "cd4"))
    assert again.assessment == before.assessment
    assert again.digest != before.digest
    assert (again.case.revision, again.case.answered, again.case.awaited) == (8, 1, before.case.awaited)
    async with database.transaction() as session:
        rows = (await session.exec(select(Answer).order_by(col(Answer.revision)))).all()
    assert [(row.item, row.value, row.repeats, row.batch) for row in rows[5:]] == [
        ("dlco", "70", 1, 3),
        ("cd4", None, 2, 3),
        ("fvc", None, 0, 3),
    ]
    assert {row.source for row in rows[5:]} == {Source.TAKEN_BACK}


async def test_what_was_taken_back_can_be_given_again(database: Database, who: Clinicians) -> None:
    """
    And taken back again: then what was before the first stands.
    """
    async with writing(database) as session:
        record = await _opened(session, who)
        for batch in (1, 9):
            record = await _enter(session, who, record, *SHEET)
            record = await _take_back(session, who, record, batch)
            assert (record.facts, record.awaited, record.path) == ({}, frozenset(), ())
    assert (await _again(database, record)).facts == {}


@pytest.mark.parametrize(
    ("minutes", "batch", "problem"), [(10, 1, None), (10.001, 1, "late"), (1, 2, "gone"), (1, 5, "gone")]
)
async def test_a_sheet_is_taken_back_for_ten_minutes(
    database: Database, who: Clinicians, minutes: float, batch: int, problem: str | None
) -> None:
    """
    And under its own number only.
    """
    async with writing(database) as session:
        record = await _enter(session, who, await _opened(session, who), *SHEET)
        record = await answer(record, session, who, "age", 44)
        if problem is None:
            assert (await _take_back(session, who, record, batch, minutes)).facts == {"age": 44}
            return
        with pytest.raises(NotTakenBackError, match=problem):
            await _take_back(session, who, record, batch, minutes)


@pytest.mark.parametrize("how", ["answered", "again", "twice"])
async def test_what_was_answered_since_is_not_taken_back(database: Database, who: Clinicians, how: str) -> None:
    """
    Nor is a sheet taken back twice. A day that was added is no answer.
    """
    async with writing(database) as session:
        record = await _enter(session, who, await _opened(session, who), *SHEET)
        record = await answers.examine(
            session,
            record=record,
            item="neutrophils",
            examined=Examined(date(2026, 5, 1)),
            by=who.actor,
            now=NOW,
        )
        if how == "twice":
            record = await _take_back(session, who, record, 1)
        else:
            record = await answer(record, session, who, "dlco", 59 if how == "answered" else 58)
        with pytest.raises(NotTakenBackError, match="answered"):
            await _take_back(session, who, record, 1)


async def test_the_day_of_an_examination_can_follow(database: Database, who: Clinicians) -> None:
    """
    The answer stays the one that was given, and a sign-off on it holds; what was said before of the day stays on file.
    """
    by = Actor(who.person.id, "investigator")
    async with writing(database) as session:
        record = await answer(await _opened(session, who), session, who, "dlco", 58)
        await decisions.decide(session, kind=DecisionKind.SIGNED, subjects=[record], by=by, now=NOW)
        for examined in (Examined(date(2026, 4, 1)), PFT):
            record = await answers.examine(session, record=record, item="dlco", examined=examined, by=by, now=NOW)
        assert record.case.sign_off is not None
        with pytest.raises(KeyError):
            await answers.examine(session, record=record, item="fvc", examined=PFT, by=by, now=NOW)
    again = await _again(database, record)
    stands = again.current["dlco"]
    assert (stands.revision, stands.examined, again.facts, again.case.revision) == (1, PFT, {"dlco": 58}, 3)


async def _is_at_once(session: AsyncSession, who: Clinicians, record: Record, item: str, minutes: float = 10) -> bool:
    now = NOW + timedelta(minutes=minutes)
    return await answers.is_at_once(session, record=record, item=item, person_id=who.person.id, now=now)


@pytest.mark.parametrize("minutes", [0, 10, 10.001, 60 * 24 * 21])
async def test_at_once_is_within_ten_minutes(database: Database, who: Clinicians, minutes: float) -> None:
    """
    Of the question that was answered last; a value given before it needs a reason.
    """
    async with writing(database) as session:
        record = await answer(await _opened(session, who), session, who, "age", 44)
        record = await answer(record, session, who, "mrss", 20)
        assert await _is_at_once(session, who, record, "mrss", minutes) is (minutes <= 10)
        assert not await _is_at_once(session, who, record, "age", minutes)
        assert not await _is_at_once(session, who, record, "dlco", minutes)


@pytest.mark.parametrize("since", ["another case", "a stage", "a date", "another person", "a sheet"])
async def test_at_once_is_before_anything_else(database: Database, who: Clinicians, since: str) -> None:
    """
    By the same person elsewhere, or by anybody on this case; nor is a slip somebody else's, or one of a sheet.
    """
    async with writing(database) as session:
        other = await _opened(session, who)
        record = await answer(await _opened(session, who), session, who, "age", 44)
        assert await _is_at_once(session, who, record, "age")
        match since:
            case "another case":
                await answer(other, session, who, "age", 50)
            case "a stage":
                await cases.move(session, case=record.case, to=record.case.stage, by=Actor(), now=NOW)
            case "a date":
                now = NOW + timedelta(minutes=1)
                record = await answers.examine(session, record=record, item="age", examined=PFT, by=who.actor, now=now)
            case "another person":
                record = await answers.add(session, record=record, item="age", raw=Decimal(45), by=Actor(2), now=NOW)
            case "a sheet":
                record = await _enter(session, who, record, Entered("age", Decimal(45)))
        assert not await _is_at_once(session, who, record, "age")
        await session.rollback()


async def test_why_is_asked_where_a_value_is_changed(database: Database, who: Clinicians) -> None:
    """
    The first value of what was awaited or unanswered changes nothing, nor does a slip that is corrected at once.
    """
    async with writing(database) as session:
        record = await answer(await _opened(session, who), session, who, "age", 44)
        record = await answer(record, session, who, "cd4", None)
        record = await answer(record, session, who, "dlco", 58)

        async def asks_why(item: str, minutes: float = 0) -> bool:
            now = NOW + timedelta(minutes=minutes)
            return await answers.asks_why(session, record=record, item=item, person_id=who.person.id, now=now)

        found = {item: await asks_why(item) for item in ("age", "cd4", "dlco", "fvc")}
        assert found == {"age": True, "cd4": False, "dlco": False, "fvc": False}
        assert await asks_why("dlco", 11)
        assert not await asks_why("cd4", 11)
