"""
Results that are old at a site: by its own setting, off until somebody sets it, and no verdict changes by it.
"""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.engine import Database
from db.base.tables import Case, Examination, Site
from db.cases import ageing, answers, overview, records
from db.cases.given import Examined
from db.cases.overview import AGED, Filter
from tests.db.rows import NOW, Clinicians, entries, open_case, writing

TODAY = NOW.date()


async def _with_results(session: AsyncSession, who: Clinicians, site: Site | None = None) -> Case:
    """
    Somebody whose blood was taken 30 days ago, whose lungs were measured 40 days ago, and whose skin nobody knows when.
    """
    record = await records.load(session, case=await open_case(session, who, site=site), now=NOW)
    for item, value, examined in (
        ("cd4", 300, Examined(TODAY - timedelta(days=30), Examination.LABORATORY)),
        ("dlco", 58, Examined(TODAY - timedelta(days=40), Examination.LUNG_FUNCTION)),
        ("mrss", 20, Examined(None, Examination.CLINIC)),
    ):
        record = await answers.add(
            session,
            record=record,
            item=item,
            raw=Decimal(value),
            by=who.actor,
            now=NOW,
            examined=examined,
        )
    return record.case


async def _set(session: AsyncSession, who: Clinicians, **days: int) -> None:
    site = await session.get_one(Site, who.here.id)
    named = {Examination(name): number for name, number in days.items()}
    await ageing.set_old_after(session, site=site, days=named, by=who.actor, now=NOW)


async def _old(session: AsyncSession, today: date = TODAY) -> list[str]:
    found = await overview.find(session, sites=None, wanted=Filter(group=AGED), limit=9, today=today)
    return [case.code for case in found]


async def test_nothing_is_old_until_a_site_says_so(database: Database, clinicians: Clinicians) -> None:
    """
    Nor at another site then; and what it says can be unsaid.
    """
    async with writing(database) as session:
        case = await _with_results(session, clinicians)
        await _with_results(session, clinicians, clinicians.there)
        verdict = case.verdict
        assert (case.old_on, await _old(session)) == (None, [])
        await _set(session, clinicians, laboratory=29, clinic=1)
        assert (case.old_on, await _old(session), case.verdict) == (TODAY, [case.code], verdict)
        await _set(session, clinicians)
        assert (case.old_on, await _old(session)) == (None, [])
        told = [(one.old, one.new) for one in await entries(session) if one.field == "old_after"]
    assert told == [("{}", '{"clinic": 1, "laboratory": 29}'), ('{"clinic": 1, "laboratory": 29}', "{}")]


@pytest.mark.parametrize(("days", "is_old"), [(29, True), (30, False), (31, False)])
async def test_a_result_is_old_when_it_is_older_than_so_many_days(
    database: Database, clinicians: Clinicians, *, days: int, is_old: bool
) -> None:
    """
    Thirty days ago is older than 29 days, and not than 30: then it is on the day after.
    """
    async with writing(database) as session:
        await _set(session, clinicians, laboratory=days)
        case = await _with_results(session, clinicians)
        record = await records.load(session, case=case, now=NOW)
        assert record.old_on == {"cd4": TODAY + timedelta(days=days - 29)}
        assert bool(await _old(session)) is is_old
        assert await _old(session, TODAY + timedelta(days=2)) == [case.code]


async def test_a_new_result_is_not_old(database: Database, clinicians: Clinicians) -> None:
    """
    The oldest of what stands counts; one of which nothing is known any more does not.
    """
    async with writing(database) as session:
        await _set(session, clinicians, laboratory=7, lung_function=7)
        case = await _with_results(session, clinicians)
        assert case.old_on == TODAY - timedelta(days=32)
        for item, raw, expected in (("dlco", Decimal(60), TODAY - timedelta(days=22)), ("cd4", None, None)):
            await answers.add(
                session,
                record=await records.load(session, case=case, now=NOW),
                item=item,
                raw=raw,
                by=clinicians.actor,
                now=NOW,
            )
            assert case.old_on == expected


async def test_a_result_is_not_old_on_its_own_day(database: Database, clinicians: Clinicians) -> None:
    """
    So many days are at least one.
    """
    async with writing(database) as session:
        await _set(session, clinicians, laboratory=1)
        with pytest.raises(ValueError, match="its own day"):
            await _set(session, clinicians, laboratory=0)
