"""
Accrual against the plan: what was to be by now, and when the target is reached.
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from bot.documents.pictures.accrual import accrual, drawing, planned, projected, sentence
from bot.documents.pictures.axis import Axis
from bot.documents.reading import read
from bot.rules.protocol import Kind
from bot.study import Study
from bot.texts import words
from tests.chat.ward import NOW, two_wards
from tests.conftest import Clinic

START = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("today", "number"),
    [
        (date(2025, 12, 31), 0),
        (date(2026, 1, 18), 0),
        (date(2026, 1, 19), 1),
        (date(2026, 7, 1), 9),
        (date(2026, 12, 31), 20),
        (date(2030, 1, 1), 20),
    ],
)
def test_what_was_to_be_by_now(today: date, number: int) -> None:
    """
    A steady rate: 20 in 365 days are one in 18.25.
    """
    assert planned(Study(starts=START, months=12), 20, today) == number


@pytest.mark.parametrize(
    ("offsets", "target", "passed", "expected"),
    [
        ((), 20, 100, None),
        ((0,), 20, 100, None),
        ((0, 0), 20, 0, None),
        ((0, 5), 20, 10, 190),
        ((0, 5), 20, 100, 1900),
        ((0, 5, 30), 3, 100, 30),
        ((0, 5, 30, 31), 3, 100, 30),
        ((0, 99), 3, 100, 200),
    ],
)
def test_the_day_on_which_the_target_is_reached(
    offsets: tuple[int, ...], target: int, passed: int, expected: int | None
) -> None:
    """
    At the pace since the first inclusion: with two in ten days, the eighteen others take 180 more. None without a pace.
    """
    days = [START + timedelta(offset) for offset in offsets]
    found = projected(days, target, START + timedelta(passed))
    assert found == (None if expected is None else START + timedelta(expected))


def test_a_day_beyond_the_calendar_is_not_projected() -> None:
    """
    Rather than that the picture fails.
    """
    assert projected([date(1990, 1, 1), date(1990, 1, 2)], 100_000, date(2030, 1, 1)) is None


async def test_it_is_of_the_whole_study(clinic: Clinic) -> None:
    """
    As on the dashboard, whatever sites somebody sees. The sentence says what the picture shows.
    """
    await two_wards(clinic)
    async with clinic.application.database.snapshot() as session:
        own = await read(session, now=NOW, sites={1})
    found = accrual(own, Kind.RECIPIENT, Study())
    assert len(found.days) == 4
    told = sentence(found, words("en"))
    assert told.startswith("Recipients: 4 of 20 included; 20 planned by now at a steady rate. At the pace so far")
    assert words("en").day(found.projected or START) in told


async def test_a_far_projection_leaves_room_for_the_rest(clinic: Clinic) -> None:
    """
    It runs to the edge of the picture, and the date stands there all the same.
    """
    await clinic.coordinator()
    async with clinic.application.database.snapshot() as session:
        empty = await read(session, now=NOW)
    first = datetime(2025, 1, 1, 12, tzinfo=UTC)
    far = replace(empty, inclusions=(("donor", first), ("donor", first + timedelta(3))))
    study = Study(starts=date(2025, 1, 1), months=24)
    found = accrual(far, Kind.DONOR, study)
    assert found.projected is not None
    assert found.projected.year > 2040
    drawn = drawing([found], study, NOW.date(), words("en"))
    panel = drawn["panels"][0]  # type: ignore[index]
    assert panel["reached"] == {"at": 1.0, "label": words("en").day(found.projected)}
    assert panel["plan"][1][0] == pytest.approx(0.5, abs=0.01)
    assert sentence(accrual(empty, Kind.DONOR, study), words("en")).endswith("No date can be projected yet.")


@pytest.mark.parametrize(
    ("start", "end", "labels"),
    [
        (date(2026, 1, 15), date(2026, 4, 20), ["02/2026", "03/2026", "04/2026"]),
        (date(2014, 3, 1), date(2018, 8, 31), ["03/2014", "09/2014", "03/2015"]),
        (date(2014, 3, 1), date(2026, 8, 31), ["2016", "2018", "2020"]),
    ],
)
def test_days_are_named_as_there_is_room(start: date, end: date, labels: list[str]) -> None:
    """
    Months, half years or years, and nine of them or so.
    """
    found = Axis(start, end).ticks
    assert [tick["label"] for tick in found][:3] == labels
    assert len(found) <= 10
