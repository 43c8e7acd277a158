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

from bot.rules.items import Date
from bot.texts import LANGUAGES, words

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
