"""
Answers as JSON: what is written is read back, digit by digit.
"""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.file_form import dumps, loads
from tests.rules.cases import examples

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False) | st.integers().map(Decimal)
SCALARS = st.none() | st.booleans() | st.text() | NUMBERS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
@examples(200)
def test_what_is_written_is_read_back(value: object) -> None:
    """
    Any value comes back as it was; it is JSON on a single line, and writing it again gives the same text.
    """
    text = dumps(value)
    assert loads(text) == value
    assert dumps(loads(text)) == text
    assert "\n" not in text
    json.loads(text)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("59.9", "59.9"),
        ("59.90", "59.90"),
        ("60", "60"),
        ("0.1", "0.1"),
        ("1E+2", "100"),
        ("1E-7", "0.0000001"),
        ("0", "0"),
        ("0.30000000000000000000000001", "0.30000000000000000000000001"),
    ],
)
def test_numbers_keep_their_digits(number: str, text: str) -> None:
    """
    No number passes through a float.
    """
    assert dumps(Decimal(number)) == text
    assert str(loads(text)) == str(Decimal(text))


def test_a_huge_number_stays_short() -> None:
    """
    A number with a huge exponent is written with it, not with a million zeros.
    """
    for text in ("1E+999999", "-1E+999999", "1E-999999"):
        assert dumps(loads(text)) == text


def test_up_to_thirty_digits_are_written_out() -> None:
    """
    From there on the exponent stands, on either side of the point.
    """
    assert dumps(Decimal("1E+29")) == "1" + "0" * 29
    assert dumps(Decimal("1E+30")) == "1E+30"
    assert dumps(Decimal("1E-29")) == "0." + "0" * 28 + "1"
    assert dumps(Decimal("1E-30")) == "1E-30"


def test_letters_stay_as_they_are() -> None:
    """
    French is not turned into escapes.
    """
    assert dumps(["évalué"]) == '["évalué"]'


def test_what_is_beyond_all_measure_is_refused() -> None:
    """
    In the same way as what is no JSON.
    """
    for text in ("[" * 100000, "1E99999999999999999999"):
        with pytest.raises(ValueError, match="beyond all measure"):
            loads(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 1}',
        '{"a": 1, "a": 2}',
        '[{"b": {"a": 1, "a": 2}}]',
        '{"a": 1, "\\u0061": 2}',
        "NaN",
        "[Infinity]",
        '{"a": -Infinity}',
        "",
        "{",
        "'a'",
        "01",
        "1.",
        ".5",
        "+1",
        "[1,]",
    ],
)
def test_what_is_no_plain_json_is_refused(text: str) -> None:
    """
    A key that stands twice, what is no number, and what is no JSON at all.
    """
    with pytest.raises(ValueError):  # noqa: PT011  json's own words
        loads(text)


def test_numbers_are_read_exactly() -> None:
    """
    Whole or not, a number is a Decimal; true is not.
    """
    assert loads(b'{"a": 0.1, "b": 3, "c": true}') == {"a": Decimal("0.1"), "b": Decimal(3), "c": True}
    assert all(isinstance(value, Decimal) for value in loads("[0.1, 3, -0, 1e3]"))
