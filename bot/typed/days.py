"""
A calendar day as people type it, in English or French. The trial is French: day, month, year, in that order, always.
"""

import re
from collections import defaultdict
from datetime import date, timedelta
from functools import cache

from bot.catalogues import LANGUAGES
from bot.rules.frozen import Frozen
from bot.rules.months import add_months
from bot.texts import words
from bot.typed.letters import fold

SHORTEST_ABBREVIATION = 3

DAYS_AGO = {
    "today": 0,
    "aujourd'hui": 0,
    "aujourdhui": 0,
    "ce jour": 0,
    "yesterday": 1,
    "hier": 1,
    "day before yesterday": 2,
    "the day before yesterday": 2,
    "avant-hier": 2,
    "avant hier": 2,
}

_COUNTS = {"a": 1, "an": 1, "one": 1, "un": 1, "une": 1, "two": 2, "deux": 2, "three": 3, "trois": 3}
_STEPS = {"d": (1, 0), "w": (7, 0), "m": (0, 1), "y": (0, 12)}
"""Days and months in each."""
_SPANS = {
    **dict.fromkeys(("day", "days", "jour", "jours", "j", "d"), "d"),
    **dict.fromkeys(("week", "weeks", "wk", "wks", "semaine", "semaines", "sem"), "w"),
    **dict.fromkeys(("month", "months", "mois"), "m"),
    **dict.fromkeys(("year", "years", "yr", "yrs", "an", "ans", "annee", "annees"), "y"),
}
_A_LIFE_AHEAD = 25


class Reading(Frozen):
    """
    What a text that names a day may mean: `day`, and `other` where it may as well be that one. `is_short`: the year was
    left out, has two digits, or the day was counted from today, so that the day is to be said with its weekday.
    """

    day: date
    other: date | None = None
    is_short: bool = False


@cache
def months() -> dict[str, int]:
    """
    The month's number for every folded month name of both languages, whole or abbreviated to three letters or more,
    as long as it can be one month only: "jui" is not there.
    """
    found: dict[str, set[int]] = defaultdict(set)
    for language in LANGUAGES:
        for number, name in enumerate(words(language).months, start=1):
            word = fold(name)
            for length in range(SHORTEST_ABBREVIATION, len(word) + 1):
                found[word[:length]].add(number)
    return {word: numbers.pop() for word, numbers in found.items() if len(numbers) == 1}


@cache
def weekdays() -> dict[str, int]:
    """
    The number of every folded weekday's name of both languages; Monday is 0.
    """
    return {fold(name): number for language in LANGUAGES for number, name in enumerate(words(language).weekdays)}


@cache
def calendar_words() -> frozenset[str]:
    """
    Every folded single word by which people name a day or a month.
    """
    return frozenset({*months(), *weekdays(), *DAYS_AGO})


_ORDINAL = r"(?:er|st|nd|rd|th)?"
_NAMED = rf"(?:le |the |du )?(?P<day>\d{{1,2}}){_ORDINAL}[ -]?(?:of )?(?P<month>[a-z]+)"
_WHOLE = tuple(
    re.compile(form, re.ASCII)
    for form in (
        r"(?P<day>\d{1,2}) ?(?P<mark>[/.-]) ?(?P<month>\d{1,2}) ?(?P=mark) ?(?P<year>\d{4}|\d{2})",
        r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})",
        rf"{_NAMED}\.?[ -]?,? ?'?(?P<year>\d{{4}}|\d{{2}})",
        rf"(?P<month>[a-z]+)\.? ?(?P<day>\d{{1,2}}){_ORDINAL}(?:, ?| )(?P<year>\d{{4}})",
    )
)
_YEARLESS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        r"(?:le |the |du )?(?P<day>\d{1,2}) ?/ ?(?P<month>\d{1,2})",
        rf"{_NAMED}\.?",
        rf"(?P<month>[a-z]+)\.? ?(?P<day>[1-9]|\d{{1,2}}(?=st|nd|rd|th)){_ORDINAL}",
    )
)
_MACHINE = re.compile(r"(\d\d)-(\d\d)-(\d\d)", re.ASCII)
_MONTH = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})", re.ASCII),
    re.compile(r"(?P<month>\d{1,2}) ?[/.-] ?(?P<year>\d{4})", re.ASCII),
    re.compile(r"(?:en |in |debut |fin |mi-)?(?P<month>[a-z]+)\.?,? (?:of |de )?(?P<year>\d{4})", re.ASCII),
)
_COUNTED = re.compile(
    r"(?P<since>(?:il )?y ?a )?(?P<count>\d{1,4}|[a-z]+) ?(?P<span>[a-z]+)(?P<ago>(?: ago)?)", re.ASCII
)
_WEEKDAY = re.compile(
    r"(?:on |le )?(?:(?P<which>last|ce|this) (?P<one>[a-z]+)|(?P<two>[a-z]+)(?: (?P<dernier>dernier|passe))?)", re.ASCII
)


def read_day(text: str, *, today: date, ahead: bool = False) -> date | None:
    """
    The day that was typed; None for what is no day, or could be two. `ahead`: a day without a year is the next one.
    """
    reading = reading_of(text, today=today, ahead=ahead)
    return None if reading is None or reading.other else reading.day


def reading_of(text: str, *, today: date, ahead: bool = False) -> Reading | None:
    """
    What day was typed; None for what is none: no such day, no such month. A month over 12 is never taken for the day.

    A day without a year is the last one before today, or the next where `ahead`; so is a year of two digits.
    """
    folded = fold(text).removesuffix(".").rstrip()
    name, _, rest = folded.partition(" ")
    if rest[:1].isdigit() and name.removesuffix(",") in weekdays():
        reading = _dated(rest, today, ahead=ahead)
        return reading if reading and reading.day.weekday() == weekdays()[name.removesuffix(",")] else None
    if folded in DAYS_AGO:
        return Reading(today - timedelta(days=DAYS_AGO[folded]), is_short=True)
    return _dated(folded, today, ahead=ahead) or _counted(folded, today) or _weekday(folded, today, ahead=ahead)


def month_of(text: str, *, today: date) -> str | None:
    """
    The month that was typed without a day, as YYYY-MM; None for anything else.
    """
    folded = fold(text).removesuffix(".").rstrip()
    match = _first(_MONTH, folded)
    first = _day(int(match["year"]), match["month"], "1") if match else None
    return f"{first:%Y-%m}" if first and first <= today else None


def _dated(text: str, today: date, *, ahead: bool) -> Reading | None:
    """
    A day by its number and month. 26-05-03 may be the third of May 2026, as machines write it, unless that is yet to
    come.
    """
    if match := _first(_WHOLE, text):
        day = _day(_year(match["year"], today, ahead=ahead), match["month"], match["day"])
        if day is None or len(match["year"]) > len("26"):
            return None if day is None else Reading(day)
        by_machine = _MACHINE.fullmatch(text)
        other = _day(_year(by_machine[1], today, ahead=ahead), by_machine[2], by_machine[3]) if by_machine else None
        is_one = other is None or other == day or (not ahead and day <= today < other)
        return Reading(day, None if is_one else other, is_short=True)
    match = _first(_YEARLESS, text)
    return _nearest(match["month"], match["day"], today, ahead=ahead) if match else None


def _first(forms: tuple[re.Pattern[str], ...], text: str) -> re.Match[str] | None:
    return next(filter(None, (form.fullmatch(text) for form in forms)), None)


def _day(year: int, month: str, day: str) -> date | None:
    number = int(month) if month.isdigit() else months().get(month, 0)
    try:
        return date(year, number, int(day))
    except ValueError:
        return None


def _year(typed: str, today: date, *, ahead: bool) -> int:
    """
    A year of two digits is of this century, and of the last where it could only be meant so: 97, but not 28.
    """
    year = int(typed)
    if len(typed) > len("26"):
        return year
    this = today.year - today.year % 100 + year
    return this if ahead or this - today.year < _A_LIFE_AHEAD else this - 100


def _nearest(month: str, day: str, today: date, *, ahead: bool) -> Reading | None:
    years = range(today.year, today.year + 9) if ahead else range(today.year, today.year - 9, -1)
    for year in years:
        found = _day(year, month, day)
        if found is not None and (found >= today if ahead else found <= today):
            return Reading(found, is_short=True)
    return None


def _counted(text: str, today: date) -> Reading | None:
    """
    So many days, weeks, months or years ago.
    """
    match = _COUNTED.fullmatch(text)
    if match is None or bool(match["since"]) == bool(match["ago"]):
        return None
    count = int(match["count"]) if match["count"].isdigit() else _COUNTS.get(match["count"])
    span = _SPANS.get(match["span"])
    if count is None or span is None:
        return None
    days, in_months = (count * one for one in _STEPS[span])
    try:
        return Reading(add_months(today, -in_months) - timedelta(days=days), is_short=True)
    except (ValueError, OverflowError):
        return None


def _weekday(text: str, today: date, *, ahead: bool) -> Reading | None:
    """
    A weekday by its name: the last before today. It may be that or the one a week earlier where it is called the last
    while this week has had one; and today itself where today is one.
    """
    match = _WEEKDAY.fullmatch(text)
    number = weekdays().get(match["one"] or match["two"]) if match else None
    if match is None or number is None or ahead:
        return None
    day, week = today - timedelta(days=(today.weekday() - number) % 7), timedelta(weeks=1)
    is_last = match["which"] == "last" or bool(match["dernier"])
    if match["which"] in {"ce", "this"}:
        return Reading(day, is_short=True) if number <= today.weekday() else None
    if day == today:
        return Reading(day - week, None if is_last else today, is_short=True)
    return Reading(day, day - week if is_last and number < today.weekday() else None, is_short=True)
