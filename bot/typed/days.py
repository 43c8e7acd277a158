"""
A calendar day as people type it, in English or French. The trial is French: day, month, year, in that order, always.
"""

import re
import unicodedata
from collections import defaultdict
from datetime import date, timedelta
from functools import cache

from babel.dates import get_day_names, get_month_names

LANGUAGES = ("en", "fr")
SHORTEST_ABBREVIATION = 3

DAYS_AGO = {
    "today": 0,
    "aujourd'hui": 0,
    "aujourdhui": 0,
    "yesterday": 1,
    "hier": 1,
    "day before yesterday": 2,
    "the day before yesterday": 2,
    "avant-hier": 2,
    "avant hier": 2,
}

_LIKE_ASCII = str.maketrans({"\u2019": "'", "\u2010": "-", "\u2011": "-"})


def fold(text: str) -> str:
    """
    The text without letter case, accents and doubled spaces; curly apostrophes and unbreakable hyphens made plain.
    """
    letters = unicodedata.normalize("NFD", text.translate(_LIKE_ASCII).casefold())
    return " ".join("".join(letter for letter in letters if unicodedata.category(letter) != "Mn").split())


@cache
def months() -> dict[str, int]:
    """
    The month's number for every folded month name of both languages, whole or abbreviated to three letters or more,
    as long as it can be one month only: "jui" is not there.
    """
    found: dict[str, set[int]] = defaultdict(set)
    for language in LANGUAGES:
        for number, name in get_month_names("wide", locale=language).items():
            word = fold(name)
            for length in range(SHORTEST_ABBREVIATION, len(word) + 1):
                found[word[:length]].add(number)
    return {word: numbers.pop() for word, numbers in found.items() if len(numbers) == 1}


@cache
def calendar_words() -> frozenset[str]:
    """
    Every folded single word by which people name a day or a month.
    """
    weekdays = {fold(name) for language in LANGUAGES for name in get_day_names("wide", locale=language).values()}
    return frozenset({*months(), *weekdays, *DAYS_AGO})


_ORDINAL = r"(?:er|st|nd|rd|th)?"
_FORMS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        r"(?P<day>\d{1,2}) ?(?P<mark>[/.-]) ?(?P<month>\d{1,2}) ?(?P=mark) ?(?P<year>\d{4})",
        r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})",
        rf"(?:le |the )?(?P<day>\d{{1,2}}){_ORDINAL}[ -]?(?:of )?(?P<month>[a-z]+)\.?[ -]?,? ?(?P<year>\d{{4}})",
        rf"(?P<month>[a-z]+)\.? ?(?P<day>\d{{1,2}}){_ORDINAL}(?:, ?| )(?P<year>\d{{4}})",
    )
)


def read_day(text: str, *, today: date) -> date | None:
    """
    The day that was typed, or None for what is not a day: no such day, no such month, a year of two digits.

    A month over 12 is never taken for the day.
    """
    folded = fold(text)
    if folded in DAYS_AGO:
        return today - timedelta(days=DAYS_AGO[folded])
    match = next(filter(None, (form.fullmatch(folded) for form in _FORMS)), None)
    if match is None:
        return None
    month = int(match["month"]) if match["month"].isdigit() else months().get(match["month"], 0)
    try:
        return date(int(match["year"]), month, int(match["day"]))
    except ValueError:
        return None
