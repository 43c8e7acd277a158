"""
The visits ahead: three months of them, and those that are overdue.
"""

from datetime import UTC, datetime, timedelta

import pytest

from bot.documents.pictures.ahead import ahead, drawing, sentences
from bot.documents.reading import read
from bot.texts import words
from tests.chat.ward import two_wards
from tests.conftest import Clinic


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-01-30", [(3, "upcoming")]),
        ("2026-04-15", [(3, "upcoming")]),
        ("2026-04-16", [(3, "open"), (6, "upcoming")]),
        ("2026-04-30", [(3, "due_today"), (6, "upcoming")]),
        ("2026-05-14", [(3, "open"), (6, "upcoming")]),
        ("2026-05-15", [(3, "overdue"), (6, "upcoming")]),
    ],
)
async def test_visits_whose_window_opens_within_three_months(
    clinic: Clinic, day: str, expected: list[tuple[int, str]]
) -> None:
    """
    Infused on 30 January, two weeks on either side: month 3 opens on 16 April, month 6 on 16 July.
    """
    here, _ = await two_wards(clinic)
    now = datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)
    async with clinic.application.database.snapshot() as session:
        found = ahead(await read(session, now=now, sites={1}))
    assert [(one.visit.month, one.state) for one in found] == expected
    assert {one.code for one in found} == {here.of("infused", "code")}
    told = sentences(found, words("en"))
    assert len(told) == 1 + len(found)
    assert f"overdue: {sum(state == 'overdue' for _, state in expected)}." in told[0]
    rows = drawing(found, now.date(), words("en"))["rows"]
    assert all(row["opens"] <= row["at"] <= row["closes"] for row in rows)  # type: ignore[attr-defined]


async def test_no_visits_are_told_too(clinic: Clinic) -> None:
    """
    And a site with more than a picture holds sees how many are left out.
    """
    await two_wards(clinic)
    now = datetime(2025, 1, 1, tzinfo=UTC)
    async with clinic.application.database.snapshot() as session:
        none = ahead(await read(session, now=now, sites={1}))
        some = ahead(await read(session, now=now + timedelta(500)))
    assert sentences(none, words("en")) == ["No follow-up visit is due in the next three months."]
    assert drawing(some * 11, now.date(), words("en"))["more"] == "And 4 more."
