"""
A month in the place of a day: where the protocol only makes sure that so many months have passed since.
"""

from datetime import date

import pytest

from bot.rules.items import BadValueError, Date
from bot.rules.values import MonthEnd
from tests.rules.cases import RECIPIENT

DOSE = RECIPIENT.item["cyclophosphamide_last_dose"]
"""After which six months are waited."""

BASELINE = RECIPIENT.item["baseline_pft_date"]
"""Of which the day matters."""


@pytest.mark.parametrize(
    ("written", "last_day"),
    [
        ("2025-01", date(2025, 1, 31)),
        ("2025-02", date(2025, 2, 28)),
        ("2024-02", date(2024, 2, 29)),
        ("2025-12", date(2025, 12, 31)),
        ("1900-01", date(1900, 1, 31)),
    ],
)
def test_a_month_counts_from_its_last_day(written: str, last_day: date) -> None:
    """
    Whichever day of it was meant, so long has passed at least.
    """
    read = DOSE.read(written)
    assert isinstance(read, MonthEnd)
    assert read == last_day


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        *((text, "type") for text in ("2025-00", "2025-13", "0000-01", "2025-1", "2025-012", "25-01", " 2025-01")),
        ("1899-12", "range"),
        ("1899-01", "range"),
    ],
)
def test_what_is_no_month_is_none(written: str, problem: str) -> None:
    """
    Nor does one before 1900 count, which is out of range as a day would be.
    """
    with pytest.raises(BadValueError) as refused:
        DOSE.read(written)
    assert refused.value.problem == problem


def test_a_month_does_not_do_where_the_day_matters() -> None:
    """
    A baseline lies in its window by days.
    """
    with pytest.raises(BadValueError) as refused:
        BASELINE.read("2025-01")
    assert refused.value.problem == "type"


@pytest.mark.parametrize(
    ("as_of", "problem"),
    [
        (date(2025, 8, 31), "future"),
        (date(2025, 9, 1), "day"),
        (date(2025, 9, 2), "day"),
        (date(2025, 9, 30), "day"),
        (date(2026, 3, 29), "day"),
        (date(2026, 3, 30), None),
        (date(2026, 3, 31), None),
    ],
)
def test_a_month_does_once_the_wait_is_over_for_its_last_day(as_of: date, problem: str | None) -> None:
    """
    Six months after the last of September; until then the day is needed, and before the first nothing can have been.
    """
    assert isinstance(DOSE, Date)
    month = DOSE.read("2025-09")
    if problem is None:
        DOSE.check_past(month, as_of)
        return
    with pytest.raises(BadValueError) as refused:
        DOSE.check_past(month, as_of)
    assert refused.value.problem == problem
