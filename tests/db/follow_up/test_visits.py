"""
The follow-up as it is stored: infusions and records are only added, and the visits follow from them.
"""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.schedule import Recorded, VisitState
from db.base.engine import Database
from db.base.tables import (
    Case,
    Decision,
    DecisionKind,
    PlannedVisit,
    Site,
    VisitRecord,
)
from db.cases import decisions, records
from db.cases.records import Record
from db.follow_up import agenda, infusions, planned, visits
from db.follow_up.infusions import Move
from db.follow_up.visits import ChangedError, DayRefusedError
from db.upkeep import facts
from tests.databases import on_sqlite
from tests.db.rows import ANY_DEVIATION, KEY, Clinicians, entries, open_case, writing

INCLUDED = datetime(2026, 2, 1, 9, tzinfo=UTC)
INFUSED = date(2026, 2, 10)
MARGIN = 14


async def included(session: AsyncSession, who: Clinicians, site: Site | None = None) -> Record:
    """
    A recipient whose inclusion was decided on 1 February.
    """
    case = await open_case(session, who, site=site, now=INCLUDED)
    record = await records.load(session, case=case, now=INCLUDED)
    await decisions.decide(session, kind=DecisionKind.INCLUDED, subjects=[record], by=who.actor, now=INCLUDED)
    return record


async def as_of(session: AsyncSession, case: Case, day: date) -> Record:
    """
    The record of a case on a day.
    """
    return await records.load(session, case=case, now=at(day))


def at(day: date) -> datetime:
    """
    In the morning of a day.
    """
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


async def infuse(
    session: AsyncSession, who: Clinicians, case: Case, day: date, *, today: date | None = None, margin: int = MARGIN
) -> list[Move]:
    """
    Record the infusion, or correct it.
    """
    today = today or day
    before = await planned.infusion(session, case=case)
    return await infusions.infuse(
        session,
        record=await as_of(session, case, today),
        day=day,
        expected=before.number if before else 0,
        margin=margin,
        by=who.actor,
        now=at(today),
        reason="typo" if before else "recorded_late",
        accepted=ANY_DEVIATION,
    )


async def note(  # noqa: PLR0917  all that is recorded of a visit
    session: AsyncSession,
    who: Clinicians,
    case: Case,
    month: int,
    kind: Recorded,
    day: date | None = None,
    *,
    today: date,
) -> PlannedVisit:
    """
    Record something of a visit.
    """
    rows = await planned.rows(session, case=case)
    return await visits.note(
        session,
        record=await as_of(session, case, today),
        month=month,
        expected=rows[month].sequence,
        kind=kind,
        margin=MARGIN,
        by=who.actor,
        now=at(today),
        day=day,
        detail="none",
        accepted=ANY_DEVIATION,
    )


def shown(rows: Sequence[PlannedVisit]) -> list[tuple[object, ...]]:
    """
    The visits without how often and when they changed.
    """
    return [
        (row.month, row.due, row.opens, row.closes, row.day, row.kind, row.record_id, row.is_pending) for row in rows
    ]


async def all_rows(session: AsyncSession) -> list[PlannedVisit]:
    """
    Every visit of every recipient.
    """
    await session.flush()
    query = select(PlannedVisit).order_by(col(PlannedVisit.case_id), col(PlannedVisit.month))
    return list((await session.exec(query.execution_options(populate_existing=True))).all())


async def test_an_infusion_plans_the_visits(database: Database, clinicians: Clinicians) -> None:
    """
    Five of them, with their windows; and the trail says who recorded which day.
    """
    async with writing(database) as session:
        record = await included(session, clinicians)
        assert await infuse(session, clinicians, record.case, INFUSED) == []
    async with writing(database) as session:
        rows = await all_rows(session)
        assert [(row.month, row.day) for row in rows] == [
            (3, date(2026, 5, 10)),
            (6, date(2026, 8, 10)),
            (9, date(2026, 11, 10)),
            (12, date(2027, 2, 10)),
            (24, date(2028, 2, 10)),
        ]
        assert all(row.closes - row.due == row.due - row.opens == timedelta(MARGIN) for row in rows)
        last = (await entries(session))[-1]
        assert (last.action, last.entity, last.old, last.new) == ("decision.infused", "01-R-001", None, "2026-02-10")
        assert last.actor == clinicians.person.id
        assert await facts.verify(session, key=KEY) == last.sequence


async def test_a_correction_moves_what_is_not_done(database: Database, clinicians: Clinicians) -> None:
    """
    It is a row of its own, with a reason; what was done keeps its day and its window, and the moves are told.
    """
    today = date(2026, 6, 1)
    async with writing(database) as session:
        record = await included(session, clinicians)
        await infuse(session, clinicians, record.case, INFUSED)
        done = await note(session, clinicians, record.case, 3, Recorded.DONE, date(2026, 5, 12), today=today)
        before = shown([done])
        await note(session, clinicians, record.case, 6, Recorded.RESCHEDULED, date(2026, 8, 14), today=today)
        moves = await infuse(session, clinicians, record.case, date(2026, 2, 27), today=today)
        rows = await planned.rows(session, case=record.case)
        assert shown([rows[3]]) == before
        assert moves == [
            Move(9, date(2026, 11, 10), date(2026, 11, 27)),
            Move(12, date(2027, 2, 10), date(2027, 2, 27)),
            Move(24, date(2028, 2, 10), date(2028, 2, 27)),
        ]
        assert (rows[6].due, rows[6].day) == (date(2026, 8, 27), date(2026, 8, 14))
        moves = await infuse(session, clinicians, record.case, date(2026, 3, 31), today=today)
        assert moves[0] == Move(6, date(2026, 8, 14), date(2026, 9, 30))
    async with writing(database) as session:
        query = select(Decision.about, Decision.reason).where(Decision.kind == DecisionKind.INFUSED)
        kept = (await session.exec(query.order_by(col(Decision.id)))).all()
        assert kept == [("2026-02-10", "recorded_late"), ("2026-02-27", "typo"), ("2026-03-31", "typo")]


async def test_days_that_cannot_be_are_refused(database: Database, clinicians: Clinicians) -> None:
    """
    An infusion or a visit in the future, a visit before the infusion, a move out of the window or into the past.
    """
    today = date(2026, 5, 1)
    async with writing(database) as session:
        case = (await included(session, clinicians)).case
        with pytest.raises(DayRefusedError, match="future"):
            await infuse(session, clinicians, case, today + timedelta(1), today=today)
        await infuse(session, clinicians, case, INFUSED)
        for kind, day, problem in (
            (Recorded.DONE, today + timedelta(1), "future"),
            (Recorded.DONE, INFUSED - timedelta(1), "before_infusion"),
            (Recorded.RESCHEDULED, date(2026, 5, 25), "outside_window"),
            (Recorded.RESCHEDULED, date(2026, 4, 30), "past"),
        ):
            with pytest.raises(DayRefusedError, match=problem):
                await note(session, clinicians, case, 3, kind, day, today=today)
        with pytest.raises(DayRefusedError, match="same"):
            await infuse(session, clinicians, case, INFUSED, today=today)
        await note(session, clinicians, case, 3, Recorded.DONE, date(2026, 4, 28), today=today)
        with pytest.raises(DayRefusedError, match="done_before") as refused:
            await infuse(session, clinicians, case, date(2026, 4, 29), today=today)
        assert (refused.value.month, refused.value.day) == (3, date(2026, 4, 28))
        assert len((await session.exec(select(VisitRecord))).all()) == 1


async def test_who_comes_second_changes_nothing(database: Database, clinicians: Clinicians) -> None:
    """
    A record is refused where the visit is no longer as it was shown, and an infusion where another stands.
    """
    today = date(2026, 5, 10)
    async with writing(database) as session:
        case = (await included(session, clinicians)).case
        await infuse(session, clinicians, case, INFUSED)
        record = await as_of(session, case, today)
        who = {"margin": MARGIN, "by": clinicians.actor, "now": at(today)}
        with pytest.raises(ChangedError):
            await infusions.infuse(session, record=record, day=today, expected=0, **who)
        await note(session, clinicians, case, 3, Recorded.DONE, today, today=today)
        with pytest.raises(ChangedError):
            await visits.note(session, record=record, month=3, expected=0, kind=Recorded.DONE, day=today, **who)
        with pytest.raises(ChangedError):
            await note(session, clinicians, case, 3, Recorded.MISSED, today=today)
        with pytest.raises(ChangedError):
            await note(session, clinicians, case, 6, Recorded.UNDONE, today=today)
        with pytest.raises(ChangedError):
            await visits.note(session, record=record, month=7, expected=0, kind=Recorded.MISSED, **who)


async def test_undoing_brings_back_what_stood_before(database: Database, clinicians: Clinicians) -> None:
    """
    Record by record, each by a row of its own that names the one it takes back.
    """
    today = date(2026, 5, 2)
    async with writing(database) as session:
        case = (await included(session, clinicians)).case
        await infuse(session, clinicians, case, INFUSED)
        untouched = await planned.rows(session, case=case)
        first = shown([untouched[3]])
        moved = shown([await note(session, clinicians, case, 3, Recorded.RESCHEDULED, date(2026, 5, 20), today=today)])
        await note(session, clinicians, case, 3, Recorded.MISSED, today=today)
        assert shown([await note(session, clinicians, case, 3, Recorded.UNDONE, today=today)]) == moved
        assert shown([await note(session, clinicians, case, 3, Recorded.UNDONE, today=today)]) == first
        kept = (await session.exec(select(VisitRecord).order_by(col(VisitRecord.id)))).all()
        one, two, undone, undone_too = kept
        assert (undone.undoes, undone_too.undoes) == (two.id, one.id)
        assert [entry.action for entry in (await entries(session))[-4:]] == [
            "visit.rescheduled",
            "visit.missed",
            "visit.undone",
            "visit.undone",
        ]


async def test_an_ended_follow_up_is_left_alone_until_reopened(database: Database, clinicians: Clinicians) -> None:
    """
    Nothing is recorded for a recipient who is lost, and the agenda forgets them; reopening brings all of it back.
    """
    today = date(2026, 5, 2)
    until = today + timedelta(30)
    async with writing(database) as session:
        case = (await included(session, clinicians)).case
        await infuse(session, clinicians, case, INFUSED)
        before = shown(await all_rows(session))
        assert await agenda.count_ahead(session, sites=None, until=until) == 1
        for ending in decisions.ENDINGS:
            record = await as_of(session, case, today)
            await decisions.decide(session, kind=ending, subjects=[record], by=clinicians.actor, now=at(today))
            assert await agenda.count_ahead(session, sites=None, until=until) == 0
            assert await agenda.ahead(session, sites=None, until=until, limit=9) == []
            with pytest.raises(ChangedError):
                await note(session, clinicians, case, 3, Recorded.DONE, today, today=today)
            with pytest.raises(ChangedError):
                await infuse(session, clinicians, case, date(2026, 2, 12), today=today)
            kind = DecisionKind.REOPENED
            await decisions.decide(session, kind=kind, subjects=[record], by=clinicians.actor, now=at(today))
            assert await agenda.count_ahead(session, sites=None, until=until) == 1
        assert shown(await all_rows(session)) == before


async def test_the_agenda_is_of_ones_own_sites(database: Database, clinicians: Clinicians) -> None:
    """
    By site and day; what is done is not on it, and what opens later is not yet.
    """
    today = date(2026, 5, 1)
    async with writing(database) as session:
        codes = {}
        for site, day in (
            (clinicians.here, date(2026, 2, 10)),
            (clinicians.here, date(2025, 9, 1)),
            (clinicians.here, date(2026, 2, 25)),
            (clinicians.there, date(2026, 2, 9)),
        ):
            case = (await included(session, clinicians, site)).case
            await infuse(session, clinicians, case, day, today=today)
            codes[case.id] = case.code
        await note(
            session,
            clinicians,
            await session.get_one(Case, min(codes)),
            3,
            Recorded.DONE,
            today,
            today=today,
        )

        async def found(sites: frozenset[int] | None) -> list[tuple[str, int]]:
            rows = await agenda.ahead(session, sites=sites, until=today + timedelta(7), limit=50)
            assert len(rows) == await agenda.count_ahead(session, sites=sites, until=today + timedelta(7))
            assert all(one.is_pending and one.opens <= today + timedelta(7) for one, _, _ in rows)
            return [(case.code, one.month) for one, case, _ in rows]

        here = [("01-R-002", 3), ("01-R-002", 6)]
        there = [("02-R-001", 3)]
        assert await found(frozenset({clinicians.here.id})) == here
        assert await found(frozenset({clinicians.there.id})) == there
        assert await found(frozenset()) == []
        assert await found(None) == here + there
        overdue, _, _ = (await agenda.ahead(session, sites=None, until=today, limit=1))[0]
        assert planned.standing_of(overdue).state(today) is VisitState.OVERDUE


async def test_a_calendar_sees_every_change(database: Database, clinicians: Clinicians) -> None:
    """
    The sequence of a visit grows, and never falls, whatever happens to it or to its case.
    """
    today = date(2026, 5, 2)
    async with writing(database) as session:
        case = (await included(session, clinicians)).case
        await infuse(session, clinicians, case, INFUSED)

        async def sequence() -> tuple[int, datetime]:
            found = await agenda.dated(session, sites=None, today=today, back=timedelta(366), limit=99)
            return next((one.sequence, one.changed_at) for one in found if one.visit.month == 3)

        seen = [await sequence()]
        await note(session, clinicians, case, 3, Recorded.RESCHEDULED, date(2026, 5, 20), today=today)
        seen.append(await sequence())
        await infuse(session, clinicians, case, date(2026, 2, 14), today=today + timedelta(1))
        seen.append(await sequence())
        record = await as_of(session, case, today + timedelta(2))
        for kind in (DecisionKind.LOST, DecisionKind.REOPENED):
            now = at(today + timedelta(2))
            await decisions.decide(session, kind=kind, subjects=[record], by=clinicians.actor, now=now)
            seen.append(await sequence())
        await note(session, clinicians, case, 3, Recorded.UNDONE, today=today + timedelta(3))
        seen.append(await sequence())
        numbers = [number for number, _ in seen]
        assert numbers == sorted(set(numbers))
        assert [changed for _, changed in seen] == sorted(changed for _, changed in seen)


async def test_another_window_is_taken_up_at_the_start(database: Database, clinicians: Clinicians) -> None:
    """
    What is planned gets it; what is done keeps the window that it was done in. A second start finds nothing to do.
    """
    today = date(2026, 5, 2)
    async with writing(database) as session:
        case = (await included(session, clinicians)).case
        await infuse(session, clinicians, case, INFUSED)
        await note(session, clinicians, case, 3, Recorded.DONE, date(2026, 4, 30), today=today)
    async with writing(database) as session:
        assert await planned.refresh_margins(session, margin=5, now=at(today)) == 1
        assert await planned.refresh_margins(session, margin=5, now=at(today)) == 0
        rows = await planned.rows(session, case=await session.get_one(Case, case.id))
        assert rows[3].closes - rows[3].due == timedelta(MARGIN)
        assert {rows[month].closes - rows[month].due for month in (6, 9, 12, 24)} == {timedelta(5)}


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_happened_a_rebuild_finds_it_all_in_place(
    database: Database, clinicians: Clinicians, seed: int
) -> None:
    """
    After any records and corrections the visits stand as the last facts alone make them; what somebody wrote into them
    otherwise, or took away, is put right.
    """
    dice = random.Random(seed)  # noqa: S311  a different history for each seed
    today = date(2026, 5, 2)
    async with writing(database) as session:
        case = (await included(session, clinicians)).case
        await infuse(session, clinicians, case, INFUSED)
        for _ in range(40):
            today += timedelta(dice.randint(0, 25))
            month, kind = dice.choice([3, 6, 9, 12, 24]), dice.choice(list(Recorded))
            row = (await planned.rows(session, case=case))[month]
            day = {
                Recorded.DONE: today - timedelta(dice.randint(0, 20)),
                Recorded.RESCHEDULED: max(today, row.opens) + timedelta(dice.randint(0, 20)),
            }.get(kind)
            try:
                if dice.random() < 0.2:
                    await infuse(session, clinicians, case, INFUSED + timedelta(dice.randint(0, 60)), today=today)
                else:
                    await note(session, clinicians, case, month, kind, day, today=today)
            except (ChangedError, DayRefusedError):
                continue
        before = shown(await all_rows(session))
        assert len(before) == 5
        assert await planned.rebuild(session, margin=MARGIN, now=at(today)) == 1
        assert shown(await all_rows(session)) == before
        wrong = {"due": today, "opens": today, "closes": today, "day": today, "kind": "missed", "is_pending": False}
        await session.exec(update(PlannedVisit).values(**wrong, record_id=None))
        await planned.rebuild(session, margin=MARGIN, now=at(today))
        assert shown(await all_rows(session)) == before
        connection = await session.connection()
        await connection.execute(text("DELETE FROM visits"))
        session.expunge_all()
        await planned.rebuild(session, margin=MARGIN, now=at(today))
        assert shown(await all_rows(session)) == before


async def test_what_was_recorded_of_a_visit_cannot_be_changed(database: Database, clinicians: Clinicians) -> None:
    """
    The database itself refuses it.
    """
    today = date(2026, 5, 10)
    async with writing(database) as session:
        case = (await included(session, clinicians)).case
        await infuse(session, clinicians, case, INFUSED)
        await note(session, clinicians, case, 3, Recorded.DONE, today, today=today)
    for statement in ("UPDATE visit_records SET day = NULL", "DELETE FROM visit_records"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with database.engine.begin() as connection:
                await connection.execute(text(statement))


@on_sqlite("its way to explain a plan")
async def test_the_agenda_does_not_look_at_every_visit(database: Database) -> None:
    """
    It is found by site and by the day on which windows open, a calendar by the day, a changed setting by the window.
    """
    asked: list[tuple[str, tuple[object, ...]]] = []

    @event.listens_for(database.engine.sync_engine, "before_cursor_execute")
    def listen(*call: Any) -> None:  # noqa: ANN401  the driver's own types
        asked.append((call[2], call[3]))

    day = date(2026, 5, 2)
    async with database.transaction() as session:
        for sites in (None, frozenset({1, 2})):
            await agenda.ahead(session, sites=sites, until=day, limit=12)
            await agenda.count_ahead(session, sites=sites, until=day)
            await agenda.dated(session, sites=sites, today=day, back=timedelta(9), limit=12)
        await planned.refresh_margins(session, margin=MARGIN, now=at(day))
    plans = []
    for statement, values in [one for one in asked if "visits" in one[0]]:
        async with database.engine.connect() as connection:
            rows = (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)).all()
            plans.append(" ".join(str(row[3]) for row in rows))
    pending = 2 * ["ix_visits_pending (site_id=? AND opens<?)"]
    everywhere = ["ix_visits_day (day>?)", "ix_visits_day (day>? AND day<?)"]
    here = ["ix_visits_site_day (site_id=? AND day>?)", "ix_visits_site_day (site_id=? AND day>? AND day<?)"]
    expected = [*pending, *everywhere, *pending, *here, "ix_visits_margin (margin>?)"]
    assert len(plans) == len(expected)
    for plan, index in zip(plans, expected, strict=True):
        assert index in plan
        assert "SCAN visits" not in plan


async def test_a_calendar_with_little_room_holds_what_is_nearest(database: Database, clinicians: Clinicians) -> None:
    """
    What is ahead before what is past, in the order of the days.
    """
    today = date(2026, 9, 1)
    async with writing(database) as session:
        case = (await included(session, clinicians)).case
        await infuse(session, clinicians, case, INFUSED)
        found = {}
        for limit in (1, 3, 4, 9):
            rows = await agenda.dated(session, sites=None, today=today, back=timedelta(60), limit=limit)
            found[limit] = [one.visit.month for one in rows]
        assert found == {1: [9], 3: [9, 12, 24], 4: [6, 9, 12, 24], 9: [6, 9, 12, 24]}
