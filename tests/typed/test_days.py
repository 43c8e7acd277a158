"""
Days as people type them.
"""

from datetime import date

import pytest
from babel.dates import get_month_names
from hypothesis import given
from hypothesis import strategies as st

from bot.typed.days import Reading, calendar_words, month_of, months, read_day, reading_of
from bot.typed.letters import fold

TODAY = date(2026, 5, 10)
THIRD_OF_MAY = date(2026, 5, 3)


@pytest.mark.parametrize(
    "text",
    [
        "3/5/2026",
        "03/05/2026",
        "03.05.2026",
        "3-5-2026",
        "3 / 5 / 2026",
        "2026-05-03",
        "3 mai 2026",
        "le 3 mai 2026",
        "3 MAI 2026",
        "3-mai-2026",
        "3 May 2026",
        "3rd of May 2026",
        "the 3rd May, 2026",
        "May 3, 2026",
        "May 3 2026",
        "may 3rd, 2026",
        "3  mai  2026",
    ],
)
def test_a_day_is_read_in_every_common_form(text: str) -> None:
    """
    However it is written, it is the third of May.
    """
    assert read_day(text, today=TODAY) == THIRD_OF_MAY


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("1er mars 2026", 3),
        ("1 févr. 2026", 2),
        ("1 fevrier 2026", 2),
        ("1 Sept 2025", 9),
        ("1 sept. 2025", 9),
        ("1 août 2025", 8),
        ("1 aout 2025", 8),
        ("1 déc 2025", 12),
        ("Aug 1, 2025", 8),
        ("1 juin 2025", 6),
        ("1 juil. 2025", 7),
        ("1 jun 2025", 6),
        ("1 jul 2025", 7),
    ],
)
def test_months_may_be_abbreviated_and_lack_accents(text: str, month: int) -> None:
    """
    Month names of both languages are known, whole or short.
    """
    day = read_day(text, today=TODAY)
    assert day is not None
    assert (day.day, day.month) == (1, month)


@pytest.mark.parametrize("locale", ["en", "en_GB", "fr"])
@pytest.mark.parametrize("width", ["wide", "abbreviated"])
def test_every_month_name_of_the_locales_is_known(locale: str, width: str) -> None:
    """
    No month of either language is missing.
    """
    names = get_month_names(width, locale=locale)  # type: ignore[arg-type]  # a literal
    assert {number: read_day(f"2 {name} 2020", today=TODAY) for number, name in names.items()} == {
        number: date(2020, number, 2) for number in range(1, 13)
    }


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", date(2026, 5, 10)),
        ("Aujourd'hui", date(2026, 5, 10)),
        ("aujourd\u2019hui", date(2026, 5, 10)),
        ("Yesterday", date(2026, 5, 9)),
        ("hier", date(2026, 5, 9)),
        ("avant-hier", date(2026, 5, 8)),
        ("Avant\u2011hier", date(2026, 5, 8)),
        ("day before yesterday", date(2026, 5, 8)),
        ("The day before yesterday", date(2026, 5, 8)),
    ],
)
def test_a_day_may_be_said_from_today(text: str, day: date) -> None:
    """
    Yesterday is counted from today.
    """
    assert read_day(text, today=TODAY) == day


@pytest.mark.parametrize(
    "text",
    [
        "5/13/2026",
        "May 32, 2026",
        "May 32026",
        "31/2/2026",
        "29/2/2025",
        "0/5/2026",
        "3/0/2026",
        "3/5/0000",
        "3/5.2026",
        "2026/05/03",
        "2026-5-3",
        "2026-13-01",
        "3 5 2026",
        "3 jui 2026",
        "3 ma 2026",
        "3 mayo 2026",
        "mai 2026",
        "mars 26",
        "May 20",
        "lundi 3 mai 2026",
        "Tuesday, 3 May",
        "last week",
        "3 weeks",
        "il y a 3 weeks ago",
        "ce samedi prochain",
        "3 mai 2026 2027",
        "tomorrow",
        "",
        "\u0663/5/2026",
    ],
)
def test_what_is_no_day_is_not_guessed(text: str) -> None:
    """
    No month over twelve, no impossible day, no weekday that is not that day's, no word that could be two months.
    """
    assert read_day(text, today=TODAY) is None


@pytest.mark.parametrize(
    ("text", "day", "other"),
    [
        ("3/5/26", date(2026, 5, 3), None),
        ("3 mai 26", date(2026, 5, 3), None),
        ("3/5/97", date(1997, 5, 3), None),
        ("3/5/28", date(2028, 5, 3), None),
        ("26-05-03", date(2003, 5, 26), date(2026, 5, 3)),
        ("30-04-26", date(2026, 4, 30), None),
        ("3/5", date(2026, 5, 3), None),
        ("10/5", date(2026, 5, 10), None),
        ("11/5", date(2025, 5, 11), None),
        ("12/10", date(2025, 10, 12), None),
        ("29/2", date(2024, 2, 29), None),
        ("le 3 mai", date(2026, 5, 3), None),
        ("1er mars", date(2026, 3, 1), None),
        ("May 3", date(2026, 5, 3), None),
        ("May 20th", date(2025, 5, 20), None),
        ("lundi 4 mai", date(2026, 5, 4), None),
        ("Monday, 4 May", date(2026, 5, 4), None),
        ("3 days ago", date(2026, 5, 7), None),
        ("il y a 3 jours", date(2026, 5, 7), None),
        ("a week ago", date(2026, 5, 3), None),
        ("il y a 3 semaines", date(2026, 4, 19), None),
        ("two months ago", date(2026, 3, 10), None),
        ("il y a un an", date(2025, 5, 10), None),
        ("2 years ago", date(2024, 5, 10), None),
        ("lundi", date(2026, 5, 4), None),
        ("this Monday", date(2026, 5, 4), None),
        ("last Monday", date(2026, 5, 4), date(2026, 4, 27)),
        ("lundi dernier", date(2026, 5, 4), date(2026, 4, 27)),
        ("dimanche", date(2026, 5, 3), TODAY),
        ("dimanche dernier", date(2026, 5, 3), None),
        ("hier", date(2026, 5, 9), None),
    ],
)
def test_what_is_said_in_short_is_marked(text: str, day: date, other: date | None) -> None:
    """
    The last such day before today, to be said with its weekday, and with the other day that may be meant. Today is a
    Sunday.
    """
    assert reading_of(text, today=TODAY) == Reading(day, other, is_short=True)
    assert read_day(text, today=TODAY) == (None if other else day)


def test_a_whole_date_is_not_short() -> None:
    """
    Nothing was left out.
    """
    assert reading_of("3/5/2026", today=TODAY) == Reading(THIRD_OF_MAY)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("3/5", date(2027, 5, 3)),
        ("10/5", TODAY),
        ("11/5", date(2026, 5, 11)),
        ("3/5/31", date(2031, 5, 3)),
        ("lundi", None),
    ],
)
def test_a_day_to_come_is_the_next_one(text: str, day: date | None) -> None:
    """
    Until which somebody wants to be left in peace.
    """
    assert read_day(text, today=TODAY, ahead=True) == day


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2026-03", "2026-03"),
        ("mars 2026", "2026-03"),
        ("March 2026", "2026-03"),
        ("03/2026", "2026-03"),
        ("en mars 2026", "2026-03"),
        ("mai 2026", "2026-05"),
        ("juin 2026", None),
        ("13/2026", None),
        ("3 mars 2026", None),
        ("2026", None),
    ],
)
def test_a_month_may_stand_for_a_day(text: str, month: str | None) -> None:
    """
    One that has begun.
    """
    assert month_of(text, today=TODAY) == month


def test_a_leap_day_is_a_day() -> None:
    """
    29 February exists in leap years.
    """
    assert read_day("29/2/2024", today=TODAY) == date(2024, 2, 29)


@given(st.dates(min_value=date(1000, 1, 1)), st.sampled_from(["{0.day}/{0.month}/{0.year}", "{0:%d.%m.%Y}", "{0}"]))
def test_the_day_always_stands_before_the_month(day: date, form: str) -> None:
    """
    Even where day and month could be swapped.
    """
    assert read_day(form.format(day), today=TODAY) == day


def test_words_are_compared_without_case_and_accents() -> None:
    """
    A phone's keyboard may leave accents out or write capitals.
    """
    assert fold("  FÉVR\u00a0 L\u2019Août ") == "fevr l'aout"
    assert "jui" not in months()
    assert {"lundi", "monday", "fevrier", "hier"} <= calendar_words()
