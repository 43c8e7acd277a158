"""
An imprecise number is refused where a limit lies within it, and the refusal names that limit.
"""

from decimal import Decimal

import pytest

from bot.rules.items import BadValueError, Quantity
from tests.rules.cases import RECIPIENT


@pytest.mark.parametrize(
    ("key", "raw", "number", "unit"),
    [
        ("haemoglobin", "<=8", "8", "g/dL"),
        ("haemoglobin", "7.9-8", "8", "g/dL"),
        ("haemoglobin", "79-81 g/L", "8", "g/dL"),
        ("pao2", "59-60", "60", "mmHg"),
        ("pao2", "7.9-8 kPa", "8", "kPa"),
        ("creatinine_clearance", "34-35 mL/min/1.73m2", "34.6", "mL/min/1.73m2"),
    ],
)
def test_the_limit_within_is_named_in_the_unit_in_which_it_is_compared(
    key: str, raw: str, number: str, unit: str
) -> None:
    """
    That of the value where the protocol states the limit in it, the item's own otherwise.
    """
    with pytest.raises(BadValueError) as caught:
        RECIPIENT.item[key].read(raw)
    assert caught.value.problem == "limit"
    assert caught.value.limit == Quantity(Decimal(number), unit)


@pytest.mark.parametrize(
    ("key", "raw", "why"),
    [
        ("dlco", "<30", None),
        ("dlco", "<=30", "limit"),
        ("dlco", "30-59.9", None),
        ("dlco", "<60", "limit"),
        ("dlco", "50-60", "limit"),
        ("dlco", ">=60", "exact"),
        ("dlco", "61-62", "exact"),
        ("fvc", "<=70", None),
        ("fvc", "60-70", None),
        ("fvc", "70-71", "limit"),
        ("fvc", ">70", "exact"),
        ("tlc", "<60", "exact"),
        ("baseline_dlco", "90-91", "exact"),
        ("baseline_fvc", ">90", "exact"),
        ("baseline_tlc", ">=90", "exact"),
    ],
)
def test_lung_function_is_imprecise_only_where_no_decline_can_matter(key: str, raw: str, why: str | None) -> None:
    """
    Where it is poor for certain; beyond that, the fall from a baseline needs exact numbers.
    """
    try:
        RECIPIENT.item[key].read(raw)
        found = None
    except BadValueError as error:
        found = error.problem
    assert found == why


@pytest.mark.parametrize(
    ("key", "raw"),
    [
        ("haemoglobin", "<8"),
        ("haemoglobin", ">=8"),
        ("haemoglobin", "8-9"),
        ("pao2", "60-61"),
        ("pao2", "7.8-7.9 kPa"),
        ("pao2", "8-8.1 kPa"),
    ],
)
def test_a_range_that_ends_at_a_limit_is_taken(key: str, raw: str) -> None:
    """
    Every number that it may be lies on the same side.
    """
    RECIPIENT.item[key].read(raw)
