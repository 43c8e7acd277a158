"""
What the overviews say of all cases is what counting and sorting every one of them says.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from random import Random
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.assessment import Verdict
from bot.rules.protocol import Kind
from db.base.engine import Database
from db.base.tables import Case, Stage
from db.cases import cases, overview, projections, records
from db.cases.overview import (
    AGED,
    DEVIATING,
    FAILING,
    GROUPS,
    NEAR,
    OLDEST,
    QUERY,
    SINGLE,
    STAGES,
    WAITING,
    Filter,
)
from tests.bench.recipients import complete
from tests.databases import on_sqlite
from tests.db.rows import NOW, Clinicians, answer, open_case, writing

SITES = (None, "here", "there", "nowhere")


def _sites(who: Clinicians, name: str | None) -> frozenset[int] | None:
    places = {"here": [who.here.id], "there": [who.there.id], "nowhere": []}
    return None if name is None else frozenset(places[name])


async def _all(session: AsyncSession, sites: frozenset[int] | None) -> list[Case]:
    await session.flush()
    found = (await session.exec(select(Case))).all()
    return [case for case in found if case.stage != Stage.DISCARDED and (sites is None or case.site_id in sites)]


async def _happen(session: AsyncSession, who: Clinicians, random: Random) -> None:
    """
    A few cases at both sites, answered to some point, moved to some stage.
    """
    for number in range(14):
        kind = random.choice(list(Kind))
        case = await open_case(session, who, kind=kind, site=random.choice([who.here, who.there]))
        record = await records.load(session, case=case, now=NOW)
        for _ in range(random.choice([0, 2, 6, 12])):
            if not record.assessment.to_ask:
                break
            key = record.assessment.to_ask[0]
            raw = complete(record.as_of, random, record.population)[key]
            record = await answer(record, session, who, key, raw if random.random() < 0.9 else None)
        if random.random() < 0.5:
            await cases.move(session, case=case, to=random.choice(list(Stage)), by=who.actor, now=NOW)
        case.touched_at = NOW - timedelta(minutes=random.randrange(20))
        case.deviations, case.proposal = random.choice([0, 0, 1]), random.choice([None, 1])
        case.old_on = random.choice([None, *(TODAY + timedelta(days=days) for days in (-9, 0, 1))])
        case.open_queries = random.choice([0, 1])
        assert number < 14
    await session.flush()


async def _is_counted(session: AsyncSession, who: Clinicians) -> None:
    for name in SITES:
        sites = _sites(who, name)
        expected = Counter((case.kind, case.stage, case.verdict) for case in await _all(session, sites))
        counted = await overview.counts(session, sites=sites)
        assert {(one.kind, one.stage, one.verdict): one.number for one in counted} == expected
        screening = sum(number for (_, stage, _), number in expected.items() if stage == Stage.SCREENING)
        assert await cases.count_in_screening(session, sites=sites) == screening


@pytest.mark.parametrize("seed", [1, 2])
async def test_counts_are_those_of_all_cases_whatever_happened(
    database: Database, clinicians: Clinicians, seed: int
) -> None:
    """
    After answers, stages and a rebuild on another day; at one site, at all, at none.
    """
    random = Random(seed)  # noqa: S311  no secret
    async with writing(database) as session:
        await _happen(session, clinicians, random)
        await _is_counted(session, clinicians)
    async with writing(database) as session:
        await projections.rebuild(session, now=NOW + timedelta(days=200))
        await _is_counted(session, clinicians)
    async with writing(database) as session:
        await _happen(session, clinicians, random)
        await _is_counted(session, clinicians)


TODAY = NOW.date()
UNDECIDED = {"screening", "finished", "signed"}


def _is_wanted(case: Case, wanted: Filter) -> bool:
    """
    A filter, read once more and in another way.
    """
    left = case.to_ask + case.awaited
    groups = {
        NEAR: case.stage == "screening" and case.verdict == "incomplete" and left == 1,
        SINGLE: case.stage == "screening" and len(case.failing.split()) == 1,
        OLDEST: case.stage == "screening",
        QUERY: case.open_queries > 0 and case.stage in {*UNDECIDED, "included"},
        WAITING: case.awaited > 0 and case.stage in {"screening", "included"},
        DEVIATING: case.deviations > 0,
        FAILING: case.proposal is not None and case.stage in UNDECIDED,
        AGED: case.old_on is not None and case.old_on <= TODAY and case.stage in {*UNDECIDED, "included"},
    }
    return (
        (wanted.verdict is None or case.verdict == wanted.verdict)
        and (wanted.stage is None or case.stage == wanted.stage)
        and (wanted.kind is None or case.kind == wanted.kind)
        and (wanted.site is None or int(case.code[:2]) == wanted.site)
        and (wanted.missing is None or wanted.missing in case.missing.split())
        and (wanted.code is None or wanted.code in case.code)
        and (wanted.group is None or groups[wanted.group])
    )


def _filters() -> Iterator[Filter]:
    yield from (Filter(stage=stage, verdict=verdict) for stage, verdict in product((None, *STAGES), (None, *Verdict)))
    yield from (Filter(group=group, kind=kind) for group, kind in product((*GROUPS, OLDEST), (None, *Kind)))
    yield from (Filter(missing=key) for key in ("dlco", "sex", "age", "positive_serology", "pos_tive_serology", "%"))
    yield from (Filter(code=code) for code in ("R-", "-00", "02-D", "01-R-001", "_", "%"))
    yield from (Filter(site=site, group=group) for site, group in product((1, 2, 3), (None, NEAR, OLDEST)))


@pytest.mark.parametrize("branches", [200, 1])
async def test_what_is_looked_for_is_found_in_order(
    database: Database, clinicians: Clinicians, branches: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    For every filter, page after page, the last touched first; whether sites are asked one by one or together.
    """
    monkeypatch.setattr(overview, "_MOST_BRANCHES", branches)
    found_any = Counter[Filter]()
    async with writing(database) as session:
        await _happen(session, clinicians, Random(3))  # noqa: S311  no secret
        for name, wanted in product(SITES, _filters()):
            sites = _sites(clinicians, name)
            matching = [case for case in await _all(session, sites) if _is_wanted(case, wanted)]
            ordered = sorted(matching, key=lambda case: (case.touched_at, case.id), reverse=wanted.group != OLDEST)
            paged: list[Case] = []
            for page in range(len(ordered) // 3 + 1):
                paged += await overview.find(session, sites=sites, wanted=wanted, limit=3, offset=3 * page, today=TODAY)
            assert [case.code for case in paged] == [case.code for case in ordered], wanted
            found_any[wanted] += len(paged)
            if wanted == Filter(group=wanted.group) and wanted.group in GROUPS.keys() - {AGED}:
                number = await overview.number_of(session, group=str(wanted.group), sites=sites)
                assert number == len(matching), wanted
    assert sum(number > 0 for number in found_any.values()) > 20
    assert all(found_any[Filter(group=group)] for group in (QUERY, WAITING, DEVIATING, FAILING, AGED))


async def test_one_item_away_and_one_criterion_are_found(database: Database, clinicians: Clinicians) -> None:
    """
    A donor with one answer to give, awaited or not; one whom a single criterion keeps out; and nobody else.
    """
    answers = {"age": 40, "sex": "male", "consent_signed": True, "social_security": True, "relationship": "sibling"}
    answers |= {"lidocaine_allergy": False, "donation_contraindication": False, "positive_serology": []}
    ends: list[dict[str, object]] = [{}, {"positive_pcr": None}, {"positive_pcr": []}, {"positive_pcr": ["hiv"]}]
    async with writing(database) as session:
        for end in ends:
            record = await records.load(session, case=await open_case(session, clinicians, kind=Kind.DONOR), now=NOW)
            for key, raw in (answers | end).items():
                record = await answer(record, session, clinicians, key, raw)
        near = await overview.find(session, sites=None, wanted=Filter(group=NEAR), limit=9)
        single = await overview.find(session, sites=None, wanted=Filter(group=SINGLE), limit=9)
    assert {case.code for case in near} == {"01-D-001", "01-D-002"}
    assert [case.code for case in single] == ["01-D-004"]
    assert date.fromisoformat("2026-05-10") == near[0].assessed_on


INDEXES = {
    NEAR: "ix_cases_one_missing",
    SINGLE: "ix_cases_one_failing",
    OLDEST: "ix_cases_site_stage_touched",
    QUERY: "ix_cases_open_query",
    WAITING: "ix_cases_awaited",
    DEVIATING: "ix_cases_deviation",
    FAILING: "ix_cases_proposal",
}


@on_sqlite("its way to explain a plan")
@pytest.mark.parametrize("group", [*INDEXES, None])
async def test_lists_follow_an_index_and_read_no_more_than_they_show(
    database: Database, clinicians: Clinicians, group: str | None
) -> None:
    """
    For each site the first few entries in the order wanted: no list reads all cases, however many there are.
    """
    said: list[tuple[str, Any]] = []
    event.listen(
        database.engine.sync_engine,
        "before_cursor_execute",
        lambda _, __, text, values, *___: said.append((text, values)),
    )
    sites = frozenset([clinicians.here.id, clinicians.there.id])
    wanted = Filter(group=group, stage=None if group else Stage.SCREENING)
    async with writing(database) as session:
        await overview.find(session, sites=sites, wanted=wanted, limit=9)
        text, values = next(one for one in said if "UNION ALL" in one[0])
        connection = await session.connection()
        plan = [row[3] for row in await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)]
    reads = [step for step in plan if " cases" in step]
    assert len(reads) == len(sites)
    assert all(step.startswith("SEARCH cases USING") and INDEXES[group or OLDEST] in step for step in reads)
    assert sum("TEMP B-TREE" in step for step in plan) == 1, "only what is shown is sorted"
