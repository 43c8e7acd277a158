"""
Calendar months, the day clamped to the month's length.
"""

from calendar import monthrange
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.months import add_months
from tests.rules.cases import examples


@pytest.mark.parametrize(
    ("day", "months", "there"),
    [
        ("2026-05-10", 0, "2026-05-10"),
        ("2026-05-10", 6, "2026-11-10"),
        ("2026-05-10", -6, "2025-11-10"),
        ("2026-05-10", -18, "2024-11-10"),
        ("2025-08-31", -6, "2025-02-28"),
        ("2024-08-31", -6, "2024-02-29"),
        ("2024-08-30", -6, "2024-02-29"),
        ("2024-08-29", -6, "2024-02-29"),
        ("2024-08-28", -6, "2024-02-28"),
        ("2025-08-29", -6, "2025-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2024-02-29", 6, "2024-08-29"),
        ("2025-02-28", 6, "2025-08-28"),
        ("2026-03-31", 6, "2026-09-30"),
        ("2026-12-31", 1, "2027-01-31"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2027-01-31", -1, "2026-12-31"),
        ("2026-11-15", 1, "2026-12-15"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2027-01-15", -1, "2026-12-15"),
        ("1900-01-31", 1, "1900-02-28"),
        ("2000-01-31", 1, "2000-02-29"),
    ],
)
def test_months_from_a_day(day: str, months: int, there: str) -> None:
    """
    The same day of another month, or the last one of a shorter month; leap years and year ends included.
    """
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(there)


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.integers(-240, 240))
@examples(100)
def test_months_count_on_the_calendar(day: date, months: int) -> None:
    """
    The month is so many later, and the day the same or the last there is.
    """
    there = add_months(day, months)
    assert (there.year * 12 + there.month) - (day.year * 12 + day.month) == months
    assert there.day == min(day.day, monthrange(there.year, there.month)[1])


@pytest.mark.parametrize(
    ("day", "months", "there"),
    [
        (date(1, 2, 28), -1, date(1, 1, 28)),
        (date(2, 1, 1), -12, date(1, 1, 1)),
        (date(9999, 11, 30), 1, date(9999, 12, 30)),
        (date(9998, 12, 31), 12, date(9999, 12, 31)),
    ],
)
def test_the_calendars_own_ends(day: date, months: int, there: date) -> None:
    """
    The years 1 and 9999 are in it.
    """
    assert add_months(day, months) == there


@pytest.mark.parametrize(
    ("day", "months"), [(date(1, 1, 31), -1), (date(9999, 12, 1), 1), (date(2026, 1, 1), -(10**6))]
)
def test_no_month_outside_the_calendar(day: date, months: int) -> None:
    """
    Before the year 1 and after 9999 there is none.
    """
    with pytest.raises(OverflowError, match="outside the calendar"):
        add_months(day, months)
