"""
Days and numbers in words are those of the Unicode consortium's locale data, which Babel holds.
"""

import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from babel.dates import format_date, get_day_names, get_month_names
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogues import LANGUAGES
from bot.rules.items import Date
from bot.rules.rounding import rounded
from bot.texts import words
from tests.rules.cases import RECIPIENT

ROOT = Path(__file__).parents[1]
WASHED_OUT = Date("washed_out", section="treatment", wait_months=1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_months_and_days_of_the_week_have_their_names(language: str) -> None:
    """
    All of them, in their order.
    """
    assert list(words(language).months) == list(get_month_names("wide", locale=language).values())
    names = get_day_names("wide", locale=language)
    assert list(words(language).weekdays) == [names[number] for number in range(7)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("month", range(1, 13))
def test_a_day_has_its_month_abbreviated_and_a_month_alone_has_it_whole(language: str, month: int) -> None:
    """
    And the first of a month is "1er" in French.
    """
    text, day = words(language), date(2026, month, 3)
    assert text.day(day) == format_date(day, "d MMM y", locale=language)
    whole = format_date(day, "LLLL y", locale=language)
    assert text.value(WASHED_OUT, f"2026-{month:02}") == text("value.month", month=whole)
    first = {"en": "1 ", "fr": "1er "}[language]
    assert text.day(day.replace(day=1)) == first + format_date(day, "MMM y", locale=language)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=6), st.sampled_from(LANGUAGES))
def test_a_number_has_its_signs_and_every_digit(number: Decimal, language: str) -> None:
    """
    Grouped by thousands, without zeros at its end.
    """
    shown = format_decimal(number, format="#,##0.###############", locale=language, decimal_quantization=False)
    assert words(language).number(number) == shown


@pytest.mark.parametrize(
    ("number", "english"), [("100", "100"), ("1E+3", "1,000"), ("1200.50", "1,200.5"), ("0.0", "0")]
)
def test_zeros_count_where_they_stand_before_the_sign(number: str, english: str) -> None:
    """
    Those at the end of a fraction do not.
    """
    assert words("en").number(Decimal(number)) == english
    assert words("fr").number(Decimal(number)) == english.replace(".", ";").replace(",", "\u202f").replace(";", ",")


@pytest.mark.parametrize(
    ("language", "raw", "shown"),
    [
        *[("en", "2026-05-03", "Sunday 3 May 2026"), ("en", "2026-05-04", "Monday 4 May 2026")],
        *[("fr", "2026-05-01", "vendredi 1er mai 2026"), ("fr", "2026-05-04", "lundi 4 mai 2026")],
        *[("en", "2026-05", "May 2026, day not known"), ("en", None, "not available yet")],
    ],
)
def test_a_typed_day_is_said_back_with_its_weekday(language: str, raw: str | None, shown: str) -> None:
    """
    A month alone has none.
    """
    assert words(language).echoed(WASHED_OUT, raw) == shown


@pytest.mark.parametrize(
    ("language", "number", "shown"),
    [
        *[("en", 0, "0 years"), ("en", 1, "1 year"), ("en", 2, "2 years"), ("en", 11, "11 years")],
        *[("fr", 0, "0 an"), ("fr", 1, "1 an"), ("fr", 2, "2 ans"), ("fr", 11, "11 ans")],
    ],
)
def test_a_unit_that_is_a_word_has_its_plural(language: str, number: int, shown: str) -> None:
    """
    As each language has it: none is singular in French.
    """
    assert words(language).value(RECIPIENT.item["age"], number) == shown


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("6.9 mmol/L", "6,9 mmol/L ≈ 11,1 g/dL"),
        ("6.935 mmol/L", "6,935 mmol/L ≈ 11,17 g/dL"),
        ("80 g/L", "80 g/L = 8 g/dL"),
        ("81.5 g/L", "81,5 g/L = 8,15 g/dL"),
        (">6.9 mmol/L", "> 6,9 mmol/L ≈ > 11,1 g/dL"),
        ("6.9-7.1 mmol/L", "6,9 à 7,1 mmol/L ≈ 11,1 à 11,4 g/dL"),
        (">69 g/L", "> 69 g/L = > 6,9 g/dL"),
    ],
)
def test_a_converted_value_has_no_more_digits_than_say_something(raw: str, shown: str) -> None:
    """
    As many as were entered, three at least, and the sign says whether it is rounded.
    """
    plain = words("fr").value(RECIPIENT.item["haemoglobin"], raw).replace("\xa0", " ")
    assert plain == shown


@pytest.mark.parametrize(
    ("exact", "near"),
    [("7.9996", "7.9996"), ("7.99", "7.99"), ("8", "8"), ("8.0004", "8.00"), ("8.006", "8.01"), ("11.1159", "11.1")],
)
def test_a_rounded_value_stays_on_its_side_of_every_limit(exact: str, near: str) -> None:
    """
    Under 8 g/dL, on it and over it: digits are added until each limit sees both alike.
    """
    assert rounded(RECIPIENT.item["haemoglobin"], Decimal(exact), Decimal(5)) == Decimal(near)  # type: ignore[arg-type]


def test_the_words_of_both_languages_take_no_locale_data() -> None:
    """
    What Babel knows of the two would stay in memory: 5 MiB.
    """
    script = (
        "from datetime import date; from decimal import Decimal; from babel import localedata\n"
        "from bot.texts import LANGUAGES, words; from bot.typed.days import calendar_words\n"
        "shown = [(words(one).day(date.today()), words(one).number(Decimal(1))) for one in LANGUAGES]\n"
        "print(len(calendar_words()) > 40, localedata._cache)"
    )
    done = subprocess.run(  # noqa: S603  our own
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == "True {}"
