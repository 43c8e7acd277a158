"""
What lists know is brought up to date when time alone changes it, and can be worked out anew.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update
from sqlmodel import select

from db.base.engine import Database
from db.base.tables import Case, Site
from db.cases import projections, records
from tests.db.rows import NOW, Clinicians, answer, establish, open_case, writing
from tests.rules import oracle

LAST_DOSE, RECHECK = date(2025, 12, 15), date(2026, 6, 15)
"""Six months must pass since the last dose."""

ZONES = [
    "Europe/Paris",
    "UTC",
    "America/Los_Angeles",
    "Pacific/Kiritimati",
    "Pacific/Niue",
    "Asia/Kathmandu",
    "Pacific/Chatham",
]


def _waiting_for_time_alone() -> dict[str, Any]:
    """
    A recipient with whom all is well, but whose last dose was not six months ago.
    """
    return oracle.well("recipient") | {"dlco": Decimal(50), "cyclophosphamide_last_dose": LAST_DOSE.isoformat()}


async def _stored(database: Database, who: Clinicians, site: Site | None = None) -> int:
    async with writing(database) as session:
        case = await open_case(session, who, site=site)
        record = await records.load(session, case=case, now=NOW)
        for item, raw in _waiting_for_time_alone().items():
            record = await answer(record, session, who, item, raw)
    assert (case.verdict, case.failing, case.recheck_on) == ("not_eligible", "R-I3", RECHECK)
    return case.id


async def _refreshed(database: Database, case_id: int, now: datetime) -> tuple[str, date | None]:
    async with database.transaction() as session:
        await projections.refresh_due(session, now=now)
    async with database.transaction() as session:
        case = await session.get_one(Case, case_id)
        return case.verdict, case.recheck_on


@pytest.mark.parametrize("zone", ZONES)
async def test_the_verdict_turns_at_midnight_at_the_site(database: Database, zone: str) -> None:
    """
    On the day on which the wait is over there, wherever the server stands: not a second before.
    """
    who = await establish(database, zone)
    case_id = await _stored(database, who)
    midnight = datetime(RECHECK.year, RECHECK.month, RECHECK.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    for before in (timedelta(days=20), timedelta(days=1), timedelta(hours=13), timedelta(seconds=1)):
        assert await _refreshed(database, case_id, midnight - before) == ("not_eligible", RECHECK)
    assert await _refreshed(database, case_id, midnight) == ("eligible", None)


async def test_a_case_is_refreshed_however_late(database: Database, clinicians: Clinicians) -> None:
    """
    A bot that was off for weeks catches up at its start.
    """
    case_id = await _stored(database, clinicians)
    late = datetime(2026, 8, 1, tzinfo=UTC)
    assert await _refreshed(database, case_id, late) == ("eligible", None)
    async with database.transaction() as session:
        assert await projections.refresh_due(session, now=late) == 0


async def test_what_is_not_due_is_left_alone(database: Database, clinicians: Clinicians) -> None:
    """
    Cases that time does not change, or not yet, are not assessed again.
    """
    case_id = await _stored(database, clinicians)
    async with writing(database) as session:
        await open_case(session, clinicians)
    async with database.transaction() as session:
        assert await projections.refresh_due(session, now=NOW) == 0
    async with database.transaction() as session:
        assert (await session.get_one(Case, case_id)).assessed_on == NOW.date()


async def test_rebuilding_puts_right_what_lists_know(database: Database, clinicians: Clinicians) -> None:
    """
    Whatever stood there, afterwards lists show what the answers say today; answers and stages are not touched.
    """
    first = await _stored(database, clinicians)
    second = await _stored(database, clinicians, clinicians.there)
    async with writing(database) as session:
        await open_case(session, clinicians)
        before = {case.id: case.model_dump() for case in await session.exec(select(Case))}
        await session.flush()
        wrong = {"verdict": "eligible", "failing": "R-E9", "open": "", "to_ask": 7, "awaited": 7, "answered": 0}
        await session.exec(update(Case).values(**wrong, recheck_on=None, assessed_on=date(2020, 1, 1)))
    async with database.transaction() as session:
        assert await projections.rebuild(session, now=NOW) == 3
    async with database.transaction() as session:
        assert {case.id: case.model_dump() for case in await session.exec(select(Case))} == before
    async with database.transaction() as session:
        assert await projections.rebuild(session, now=datetime(2026, 6, 15, 9, tzinfo=UTC)) == 3
    async with database.transaction() as session:
        verdicts = {case.id: case.verdict for case in await session.exec(select(Case))}
    assert (verdicts[first], verdicts[second]) == ("eligible", "eligible")
