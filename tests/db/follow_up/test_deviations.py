"""
What did happen can be recorded: deviations are shown before, kept with the infusion or the visit, and listed; and an
infusion entered by mistake is taken back.
"""

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.assessment import Verdict
from bot.rules.protocol import Kind
from bot.rules.schedule import Recorded
from bot.terminal.well import WELL
from db.base.engine import Database
from db.base.tables import Case, DecisionKind, Stage
from db.cases import answers, decisions, overview, pairs, records
from db.cases.overview import DEVIATING, Filter
from db.follow_up import agenda, infusions, planned, visits
from db.follow_up.infusions import VisitRecordedError
from db.follow_up.visits import ChangedError, DeviatesError
from db.upkeep import facts
from tests.db.follow_up.test_visits import INCLUDED, INFUSED, MARGIN, as_of, at, included, infuse, note
from tests.db.rows import KEY, Clinicians, answer, open_case, writing


async def _pair(session: AsyncSession, who: Clinicians) -> tuple[Case, Case]:
    """
    A recipient and a donor, eligible, signed and included on 1 February.
    """
    cases = [await open_case(session, who, kind=kind, now=INCLUDED) for kind in (Kind.RECIPIENT, Kind.DONOR)]
    await pairs.link(session, recipient=cases[0], donor=cases[1], by=who.actor, now=INCLUDED)
    for case in cases:
        for item, raw in WELL[Kind(case.kind)].items():
            await answer(await as_of(session, case, INCLUDED.date()), session, who, item, raw)
        assert case.verdict == Verdict.ELIGIBLE
    for kind in (DecisionKind.SIGNED, DecisionKind.INCLUDED):
        subjects = [await as_of(session, case, INCLUDED.date()) for case in cases]
        await decisions.decide(session, kind=kind, subjects=subjects, by=who.actor, now=INCLUDED)
    return cases[0], cases[1]


async def _infuse(
    session: AsyncSession, who: Clinicians, case: Case, day: date, accepted: tuple[str, ...] = ()
) -> None:
    today = max(day, INFUSED)
    await infusions.infuse(
        session,
        record=await as_of(session, case, today),
        day=day,
        expected=0,
        margin=MARGIN,
        by=who.actor,
        now=at(today),
        reason="urgent",
        accepted=accepted,
    )


DAY, YEAR = timedelta(days=1), date(2027, 2, 1)

HAPPENED = [
    ("recipient", {}, INFUSED, ()),
    ("recipient", {}, INCLUDED.date(), ()),
    ("recipient", {}, INCLUDED.date() - DAY, ("before_inclusion",)),
    ("recipient", {}, YEAR, ()),
    ("recipient", {}, YEAR + DAY, ("long_after_inclusion",)),
    ("recipient", {"neutrophils": 0}, INFUSED, ("not_eligible", "unsigned")),
    ("recipient", {"neutrophils": None}, INFUSED, ("incomplete", "unsigned")),
    ("recipient", {"mrss": 21}, INFUSED, ("unsigned",)),
    ("donor", {"lidocaine_allergy": True}, INFUSED, ("donor_not_eligible", "unsigned")),
]


@pytest.mark.parametrize(("who_changes", "change", "day", "deviation"), HAPPENED, ids=str)
async def test_an_infusion_that_deviates_is_stored_once_that_is_known(  # noqa: PLR0917  a table
    database: Database,
    clinicians: Clinicians,
    who_changes: str,
    change: dict[str, object],
    day: date,
    deviation: tuple[str, ...],
) -> None:
    """
    Not before somebody has said yes to each; then with its reason, and the case is among those that deviate.
    """
    async with writing(database) as session:
        recipient, donor = await _pair(session, clinicians)
        case = recipient if who_changes == "recipient" else donor
        for item, raw in change.items():
            await answer(await as_of(session, case, INFUSED), session, clinicians, item, raw)
        today = max(day, INFUSED)
        assert await infusions.deviations(session, record=await as_of(session, recipient, today), day=day) == deviation
        for known in range(len(deviation)):
            with pytest.raises(DeviatesError) as refused:
                await _infuse(session, clinicians, recipient, day, deviation[:known])
            assert refused.value.words == deviation
        await _infuse(session, clinicians, recipient, day, deviation)
        begun = await planned.infusion(session, case=recipient)
        assert begun is not None
        assert (begun.day, begun.deviation) == (day, deviation)
        found = await overview.find(session, sites=None, wanted=Filter(group=DEVIATING), limit=9)
        assert found == ([recipient] if deviation else [])
        assert await overview.number_of(session, group=DEVIATING, sites=None) == len(found)
    async with writing(database) as session:
        await facts.verify(session, key=KEY)


@pytest.mark.parametrize(
    ("month", "day", "deviation", "meant"),
    [
        (3, date(2026, 4, 26), (), [3]),
        (3, date(2026, 4, 25), ("outside_window",), []),
        (3, date(2026, 5, 24), (), [3]),
        (3, date(2026, 5, 25), ("outside_window",), []),
        (3, INFUSED, ("outside_window", "on_infusion_day"), []),
        (24, INFUSED + timedelta(days=97), ("outside_window",), [3]),
    ],
    ids=str,
)
async def test_a_visit_that_deviates_is_stored_once_that_is_known(  # noqa: PLR0917  a table
    database: Database,
    clinicians: Clinicians,
    month: int,
    day: date,
    deviation: tuple[str, ...],
    meant: list[int],
) -> None:
    """
    The visit that the day fits is at hand. Undone, it deviates no longer.
    """
    today = date(2026, 6, 1)
    async with writing(database) as session:
        recipient, _ = await _pair(session, clinicians)
        await _infuse(session, clinicians, recipient, INFUSED)
        assert [visit.month for visit in await visits.meant(session, case=recipient, day=day)] == meant

        async def done(*accepted: str) -> None:
            rows = await planned.rows(session, case=recipient)
            assert visits.deviations(rows[month], Recorded.DONE, day, INFUSED) == deviation
            await visits.note(
                session,
                record=await as_of(session, recipient, today),
                month=month,
                expected=rows[month].sequence,
                kind=Recorded.DONE,
                margin=MARGIN,
                by=clinicians.actor,
                now=at(today),
                day=day,
                detail="unwell",
                accepted=accepted,
            )

        if deviation:
            with pytest.raises(DeviatesError):
                await done()
        await done(*deviation)
        assert recipient.deviations == bool(deviation)
        await note(session, clinicians, recipient, month, Recorded.UNDONE, today=today)
        assert recipient.deviations == 0
    async with writing(database) as session:
        await facts.verify(session, key=KEY)


async def test_an_infusion_entered_by_mistake_is_taken_back(database: Database, clinicians: Clinicians) -> None:
    """
    No visit is planned any more, and calendars are told; what deviated does so no longer. A later one plans them again.
    """
    async with writing(database) as session:
        record = await included(session, clinicians)
        case = record.case
        await infuse(session, clinicians, case, INFUSED)
        assert case.deviations == 1, "neither eligible nor signed"
        begun = await planned.infusion(session, case=case)
        assert begun is not None
        before = await planned.rows(session, case=case)
        sequences = {month: visit.sequence for month, visit in before.items()}
        await infusions.take_back(
            session,
            record=record,
            expected=begun.number,
            margin=MARGIN,
            by=clinicians.actor,
            now=at(INFUSED),
            reason="another recipient",
        )
        assert (await planned.infusion(session, case=case), await planned.rows(session, case=case)) == (None, {})
        assert (await visits.of_case(session, case=case), case.stage, case.deviations) == ([], Stage.INCLUDED, 0)
        assert await agenda.count_ahead(session, sites=None, until=INFUSED + timedelta(days=900)) == 0
        told = await agenda.dated(session, sites=None, today=INFUSED, back=timedelta(days=9), limit=9)
        assert {(one.visit.month, one.visit.kind, one.visit.sequence) for one in told} == {
            (month, planned.TAKEN_BACK, sequence + 1) for month, sequence in sequences.items()
        }
        assert await planned.rebuild(session, margin=MARGIN, now=at(INFUSED)) == 1
        assert await planned.rows(session, case=case) == {}
        await infuse(session, clinicians, case, INFUSED + timedelta(days=1))
        after = await planned.rows(session, case=case)
        assert {month: visit.sequence for month, visit in after.items()} == {
            month: sequence + 2 for month, sequence in sequences.items()
        }
        assert all(visit.is_pending for visit in after.values())
    async with writing(database) as session:
        await facts.verify(session, key=KEY)


@pytest.mark.parametrize("kind", [Recorded.DONE, Recorded.MISSED, Recorded.RESCHEDULED])
async def test_an_infusion_after_which_something_was_recorded_stays(
    database: Database, clinicians: Clinicians, kind: Recorded
) -> None:
    """
    Until that is undone; nor is one taken back that is another one by now, or none.
    """
    async with writing(database) as session:
        record = await included(session, clinicians)
        await infuse(session, clinicians, record.case, INFUSED)
        begun = await planned.infusion(session, case=record.case)
        assert begun is not None

        async def take_back(expected: int) -> None:
            await infusions.take_back(
                session,
                record=record,
                expected=expected,
                margin=MARGIN,
                by=clinicians.actor,
                now=at(INFUSED),
                reason="x",
            )

        due = date(2026, 5, 10)
        day = None if kind is Recorded.MISSED else due
        await note(session, clinicians, record.case, 3, kind, day, today=due)
        with pytest.raises(VisitRecordedError):
            await take_back(begun.number)
        await note(session, clinicians, record.case, 3, Recorded.UNDONE, today=due)
        with pytest.raises(ChangedError):
            await take_back(begun.number + 1)
        await take_back(begun.number)
        with pytest.raises(ChangedError):
            await take_back(0)


async def test_a_margin_changes_nothing_of_what_is_planned_no_more(database: Database, clinicians: Clinicians) -> None:
    """
    Nor does answering.
    """
    async with writing(database) as session:
        record = await included(session, clinicians)
        await infuse(session, clinicians, record.case, INFUSED)
        begun = await planned.infusion(session, case=record.case)
        await infusions.take_back(
            session,
            record=record,
            expected=begun.number if begun else 0,
            margin=MARGIN,
            by=clinicians.actor,
            now=at(INFUSED),
            reason="x",
        )
        assert await planned.refresh_margins(session, margin=7, now=at(INFUSED)) == 0
        await answers.follow(session, case=record.case, now=at(INFUSED))
        assert (await records.load(session, case=record.case, now=at(INFUSED))).case.deviations == 0


_KEPT = {
    "infusion": (
        "INSERT INTO decisions (case_id, kind, about, deviation, reason, protocol, digest, at) "
        "VALUES (1, 'infused', '2026-02-03', {deviation}, {reason}, 'x', 'x', '2026-02-03 00:00:00+00:00')"
    ),
    "visit": (
        "INSERT INTO visit_records (case_id, month, kind, day, deviation, detail, due, opens, closes, person_id, at) "
        "VALUES (1, 3, 'done', '2026-05-03', {deviation}, {reason}, '2026-05-03', '2026-05-01', '2026-05-05', 1, "
        "'2026-05-03 00:00:00+00:00')"
    ),
}


@pytest.mark.parametrize("reason", ["NULL", "''"])
@pytest.mark.parametrize("what", _KEPT)
async def test_the_database_keeps_no_deviation_without_its_reason(
    database: Database, clinicians: Clinicians, what: str, reason: str
) -> None:
    """
    Whoever writes it, past the program too; with a reason, or where nothing deviates, it is taken.
    """
    async with writing(database) as session:
        await _pair(session, clinicians)
    with pytest.raises(DBAPIError, match=r"needs its reason|explain_deviation"):
        await _run(database, _KEPT[what].format(deviation="'unsigned'", reason=reason))
    for deviation, said in (("'unsigned'", "'urgent'"), ("NULL", reason)):
        await _run(database, _KEPT[what].format(deviation=deviation, reason=said))


async def _run(database: Database, statement: str) -> None:
    async with writing(database) as session:
        await (await session.connection()).execute(text(statement))


async def test_a_deviation_that_nobody_explains_is_not_stored(database: Database, clinicians: Clinicians) -> None:
    """
    A yes to it is not enough, for an infusion as for a visit.
    """
    today = INFUSED + timedelta(days=97)
    async with writing(database) as session:
        recipient, _ = await _pair(session, clinicians)
        record = await as_of(session, recipient, today)
        about = {"record": record, "expected": 0, "margin": MARGIN, "by": clinicians.actor, "now": at(today)}
        with pytest.raises(DeviatesError):
            await infusions.infuse(session, day=date(2026, 1, 1), accepted=("before_inclusion",), **about)
        await _infuse(session, clinicians, recipient, INFUSED)
        about["expected"] = (await planned.rows(session, case=recipient))[24].sequence
        with pytest.raises(DeviatesError):
            await visits.note(session, month=24, kind=Recorded.DONE, day=today, accepted=("outside_window",), **about)
