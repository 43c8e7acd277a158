"""
What follows an item's name on a sheet: its value, and around it what laboratories print (reference ranges, flags, the
same in another unit) and people add (the day). What is left over beside these refuses the value.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from functools import cache

from bot.rules.frozen import Frozen
from bot.rules.items import BloodPressure, Date, Item, Number
from bot.typed.days import reading_of
from bot.typed.letters import fold
from bot.typed.measures import OVER_UPPER
from bot.typed.names import names_of
from bot.typed.numbers import NUMBER
from bot.typed.tables import table
from bot.typed.units import folded_unit, foreign
from bot.typed.values import Entry, EntryRefusedError, Slip, take

_LINK = re.compile(
    r"(?:[\s:=|]+|\.{2,}|\.(?=\s)|[\u2026_\u00b7]+|[-\u2013]+(?=\s)"
    r"|(?:est|is|was|at|a|of|de|est de|(?:mesure|estime|calcule|evalue)e?s? a)(?=\s))+"
)
_FLAGS = r"(?:[hlbn]|hh|ll|\*+|\u2191+|\u2193+|\++|!+|high|low|haut|bas)"
_FLAG = re.compile(rf"(?:\s|^|(?<=\d)(?=[*\u2191\u2193]))(?:(?P<flag>{_FLAGS})|\({_FLAGS}\)|\[{_FLAGS}\])$")
_MARK_WITHIN = re.compile(r"(?<=\d)\s*[*\u2191\u2193]+(?=\s|$)")
_COLUMN = re.compile(r"\s*\|\s*(?!\s*\d)")
_UNIT = r"(?:[^\s\d()\[\]]+(?:\d[^\s\d()\[\]]*)*)?"
_NORMAL = (
    r"(?:(?:vn|n|ref|vr|normes?|normales?|normal|normal range|range|reference|uln|lsn"
    r"|valeurs? (?:de )?(?:ref|references?|normales?))\.?\s*[:=]?\s*)"
)
_REFERENCE = re.compile(
    rf"(?:\s|^|(?=[(\[]))[(\[]?\s*{_NORMAL}?"
    rf"(?:(?:{NUMBER})\s*(?:[-\u2013]|a|to)\s*(?P<high>{NUMBER})|(?:<|<=|\u2264)\s*(?P<under>{NUMBER})"
    rf"|(?:>|>=|\u2265)\s*(?:{NUMBER}))\s*{_UNIT}\s*[)\]]?$",
    re.ASCII,
)
_UPPER = re.compile(rf"\s*[(\[]\s*{_NORMAL}?(?P<upper>{NUMBER})\s*{_UNIT}\s*[)\]]$", re.ASCII)
_PAIR_LAST = re.compile(rf"\s[(\[]?\s*(?:{NUMBER})\s*(?P<unit>[^\s\d()\[\]]+)\s*[)\]]?$", re.ASCII)
_PAIR_FIRST = re.compile(rf"(?:{NUMBER})\s*(?P<unit>[^\s\d()\[\],;]+)[\s,;]+", re.ASCII)
_ALONE = re.compile(rf"(?P<value>{NUMBER})\s*(?P<unit>\S+)?", re.ASCII)
_EXPLICIT = re.compile(r"[a-z%/]")
_MEASURED = (Number, BloodPressure)
_MOST_WORDS_OF_A_DAY = 4
_LEADS_TO_A_DAY = re.compile(r"(?:^|[\s,;(]+)(?:le|du|en date du|on|of|from)$")
_LIKE_A_DAY = re.compile(r"\d{1,2}/\d{1,2}|[a-z]{3}|\d{4}-\d{2}-\d{2}|\d{1,2}([.-])\d{1,2}\1\d{2}", re.ASCII)


class SheetRow(Frozen):
    """
    A value and the day of the result, where one stands beside it.
    """

    entry: Entry | Slip
    day: date | None


def read_row(item: Item, text: str, *, today: date) -> SheetRow:
    """
    The value of an item in what follows its name. Raises EntryRefusedError, for what the whole text was refused for.
    """
    refusal: EntryRefusedError | None = None
    value = _MARK_WITHIN.sub(" ", _COLUMN.sub(" ", _without_own_name(item, linked(fold(text)))))
    for core, day in _candidates(item, value, today):
        try:
            return SheetRow(take(item, core, today=today), day)
        except EntryRefusedError as refused:
            if refused.problem == "ambiguous_number":
                raise
            refusal = refusal or refused
    if _is_ahead(item, value, today):
        raise EntryRefusedError(item, "future")
    raise refusal or EntryRefusedError(item, "type")


def _is_ahead(item: Item, text: str, today: date) -> bool:
    """
    Whether a text is a value and a day of its result that is yet to come.
    """
    found = None if isinstance(item, Date) else _at_the_end(text.rstrip(" ,;|"), today)
    if found is None or found[1] <= today:
        return False
    with suppress(EntryRefusedError):
        return bool(take(item, found[0], today=today))
    return False


def _candidates(item: Item, text: str, today: date) -> Iterator[tuple[str, date | None]]:
    """
    The text, and what remains of it as one thing after the other is left out at its ends.
    """
    core, day, upper = text.rstrip(" ,;|"), None, ""
    yield core, day
    while core:
        if day is None and not isinstance(item, Date) and (before := dated(core, today)):
            core, day = before
        elif isinstance(item, Number) and item.unit != OVER_UPPER and (shorter := _without_foreign(item, core)):
            core = shorter
        elif match := _aside(item, core) or _flag(item, core):
            core = core[: match.start()]
        elif isinstance(item, _MEASURED) and (match := _REFERENCE.search(core) or _upper(item, core)):
            core, upper = core[: match.start()], next(filter(None, match.groupdict().values()), upper)
        else:
            return
        core = core.rstrip(" ,;|")
        yield _over(item, core, upper) or core, day


def linked(text: str) -> str:
    """
    A folded text without what links it to the name before it: colons, dots, "is".
    """
    match = _LINK.match(text)
    return text[match.end() :] if match else text


def _without_own_name(item: Item, text: str) -> str:
    match = re.match(r"\(([^()]*)\)\s*", text)
    return linked(text[match.end() :]) if match and fold(match[1]) in names_of(item) else text


def dated(text: str, today: date) -> tuple[str, date] | None:
    """
    What stands before a day at the end of a text, and the day: one that is past and can be no other.
    """
    found = _at_the_end(text, today)
    return found if found and found[1] <= today else None


def _at_the_end(text: str, today: date) -> tuple[str, date] | None:
    words = text.split(" ")
    for count in range(min(_MOST_WORDS_OF_A_DAY, len(words) - 1), 0, -1):
        said = " ".join(words[-count:]).strip("()[]")
        reading = reading_of(said, today=today) if _LIKE_A_DAY.search(said) else None
        if reading and not reading.other:
            return _LEADS_TO_A_DAY.sub("", " ".join(words[:-count])), reading.day
    return None


def _flag(item: Item, text: str) -> re.Match[str] | None:
    """
    A laboratory's mark for high or low. L is none where it could as well be litres.
    """
    match = _FLAG.search(text) if isinstance(item, _MEASURED) else None
    if match is None or not isinstance(item, Number) or match["flag"] not in foreign(item):
        return match
    return match if _EXPLICIT.search(text[: match.start()]) else None


@cache
def _asides(key: str) -> re.Pattern[str] | None:
    words = table("answers")["asides"].get(key)
    said = "|".join(map(re.escape, sorted(map(fold, words or ()), key=len, reverse=True)))
    return re.compile(rf"[\s,;]+[(\[]?(?:{said})[)\]]?$") if words else None


def _aside(item: Item, text: str) -> re.Match[str] | None:
    pattern = _asides(item.key)
    return pattern.search(text) if pattern else None


def _upper(item: Item, text: str) -> re.Match[str] | None:
    """
    An upper limit alone in brackets, where the item is a multiple of it.
    """
    return _UPPER.search(text) if isinstance(item, Number) and item.unit == OVER_UPPER else None


def _over(item: Item, text: str, upper: str) -> str | None:
    """
    A value in the laboratory's unit over the upper limit that stood beside it.
    """
    if not upper or not isinstance(item, Number) or item.unit != OVER_UPPER:
        return None
    match = _ALONE.fullmatch(text)
    if match is None or (match["unit"] and folded_unit(match["unit"]) not in foreign(item)):
        return None
    return f"{match['value']}/{upper}"


def _without_foreign(item: Number, text: str) -> str | None:
    """
    The text without a number in a unit that is not the item's, before or after one that has a unit of its own.
    """
    for match, rest in (
        (last := _PAIR_LAST.search(text), text[: last.start()] if last else ""),
        (first := _PAIR_FIRST.match(text), text[first.end() :].lstrip("([").rstrip(")]") if first else ""),
    ):
        if match and folded_unit(match["unit"]) in foreign(item) and _EXPLICIT.search(rest):
            return rest
    return None
