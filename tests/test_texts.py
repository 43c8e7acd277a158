"""
Words are those of the catalogues, and days and numbers those of the Unicode consortium's locale data: Babel knows both.
"""

from datetime import date
from decimal import Decimal
from gettext import c2py

import pytest
from babel.dates import format_date, get_day_names, get_month_names
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.items import Date
from bot.texts import CATALOGUES, DOCUMENTS, HTML, LANGUAGES, PLAIN, catalogue, words

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


def as_gettext_reads(language: str, domain: str) -> Catalog:
    """
    A catalogue, read by Babel.
    """
    with (CATALOGUES / language / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("domain", [PLAIN, HTML, DOCUMENTS])
def test_a_catalogue_is_read_as_gettext_reads_it(language: str, domain: str) -> None:
    """
    Every key with all its texts, and no text that belongs to no key.
    """
    read: dict[str, list[str]] = {}
    for message in as_gettext_reads(language, domain):
        if isinstance(message.id, str):
            read[message.id] = [str(message.string)]
        else:
            read[message.id[0]] = list(message.string)
    del read[""]
    assert catalogue(language, domain) == read


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_goes_with_the_plural_that_the_catalogue_says(language: str) -> None:
    """
    None at all is plural in English, and singular in French.
    """
    plural = c2py(as_gettext_reads(language, HTML).plural_expr)
    forms = catalogue(language, HTML)["summary.folded"]
    for number in (0, 1, 2, 3, 10, 11, 21, 100, 101):
        assert words(language).count("summary.folded", number) == forms[plural(number)].format(number=number)
