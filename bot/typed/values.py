"""
What a coordinator types for an item, in English or French, turned into an answer in file form.

Nothing is guessed: text that can be read in two ways is refused or handed back for the person to confirm, and a unit is
taken only where the item declares it. What was typed never stands in an error.
"""

import re
from contextlib import suppress
from datetime import date
from typing import Literal, TypeAlias

from bot.rules.frozen import Frozen
from bot.rules.items import (
    BadValueError,
    BloodPressure,
    Bool,
    Choice,
    Date,
    Item,
    Number,
    Problem,
    Quantity,
    Raw,
    Several,
    Value,
)
from bot.typed import measures
from bot.typed.answers import is_awaited, is_said, option_of, yes_or_no
from bot.typed.days import month_of, reading_of
from bot.typed.letters import fold, has_strange_digits, plain
from bot.typed.measures import Doubt, Measured, NotRead
from bot.typed.names import names_of
from bot.typed.numbers import SEPARATORS, Separator
from bot.typed.options import IncompleteOptionsError, options_said
from bot.typed.personal import Personal, personal
from bot.typed.scores import digits_of

LONGEST = 200

EntryProblem: TypeAlias = (
    Problem | Literal["ambiguous_number", "no_unit", "upper_limit", "other_result", "part", "personal"]
)
SlipReason: TypeAlias = Doubt | Separator | Literal["day", "options", "each", "highest"]
_BREAKS = re.compile(r"[\n\r\t\v\f\x1c-\x1f\x85\u2028\u2029]")


class Entry(Frozen):
    """
    An answer as understood. `raw` is its file form: what Item.read takes, with the unit under its declared name; None
    for what is not available yet.

    `is_unusual`: outside the usual range, to be confirmed. `was_converted`: in another unit than the default, or a day
    said in short; to be echoed as understood.
    """

    raw: Raw
    value: Value | None
    is_unusual: bool = False
    was_converted: bool = False


class Slip(Frozen):
    """
    What was probably meant, to be confirmed, in file form and as a value: a number that lacks its unit, is in
    centimetres of mercury, only about right, or of two readings the one that can be; a day that may be another one, in
    file form in `other`; options, of which others may have been left out, or of which one result may not be that of
    each; one result where the highest of several counts.
    """

    raw: Raw
    value: Value
    why: SlipReason = "unit"
    other: Raw = None


class EntryRefusedError(ValueError):
    """
    Text that the item does not take.

    `problem` is one of BadValueError's, "ambiguous_number" (1,250 is 1250 or 1.25), "no_unit" (a number alone where
    sheets print another unit), "upper_limit" (a laboratory's unit without its upper limit of normal), "other_result"
    (the other result of the item was refused), "part" (some options were spoken of, and others not), or "personal",
    with `personal` naming the kind. With "limit", `limit` is the one that lies within what was typed. `str()` names the
    item and the problem, never the text.
    """

    def __init__(
        self, item: Item, problem: EntryProblem, *, personal: Personal | None = None, limit: Quantity | None = None
    ) -> None:
        super().__init__(f"{item.key}: {problem}" + (f" ({personal})" if personal else ""))
        self.item = item
        self.problem: EntryProblem = problem
        self.personal = personal
        self.limit = limit


def parse(item: Item, text: str, *, today: date) -> Entry | Slip:
    """
    The answer that was typed. English and French are read alike, whatever the person's language.

    Raises EntryRefusedError. Personal data is looked for only in text that is no value.
    """
    if len(text) > LONGEST:
        raise EntryRefusedError(item, "type")
    try:
        return take(item, text, today=today)
    except EntryRefusedError as refused:
        refusal = refused
    if value := after_own_name(item, text):
        with suppress(EntryRefusedError):
            return take(item, value, today=today)
    if not _names_the_item(item, text) and (kind := personal(text)):
        refusal = EntryRefusedError(item, "personal", personal=kind)
    raise refusal


def take(item: Item, text: str, *, today: date) -> Entry | Slip:
    """
    As parse, without looking for personal data.
    """
    try:
        return _parse(item, text, today)
    except BadValueError as bad:
        raise EntryRefusedError(item, bad.problem, limit=bad.limit) from None


def after_own_name(item: Item, text: str) -> str | None:
    """
    What follows the item's own name, where the text begins with it.
    """
    folded = fold(text)
    rests = [folded[len(name) :] for name in names_of(item) if folded.startswith(name)]
    values = [rest.lstrip(" :=") for rest in rests if rest[:1] in {" ", ":", "="}]
    return min(values, key=len, default=None)


def _parse(item: Item, text: str, today: date) -> Entry | Slip:
    if has_strange_digits(text) or _BREAKS.search(text.strip()):
        raise EntryRefusedError(item, "type")
    return _read(item, plain(text).strip().removesuffix(".").rstrip(), today)


def _names_the_item(item: Item, text: str) -> bool:
    options = item.options if isinstance(item, Choice | Several) else ()
    known = {word for name in (item.key, *options) for word in name.split("_")}
    return known.issuperset(fold(text).replace("_", " ").split())


def _read(item: Item, text: str, today: date) -> Entry | Slip:
    if isinstance(item, Bool) and (answer := yes_or_no(item, text)) is not None:
        return Entry(answer, item.read(answer))
    if is_awaited(item, text):
        return Entry(None, None)
    match item:
        case Number() | BloodPressure():
            return _measured(item, text)
        case Date():
            return _day(item, text, today)
        case Several():
            return _several(item, text)
        case Choice():
            return _choice(item, text)
        case _:
            raise EntryRefusedError(item, "type")


def _measured(item: Number | BloodPressure, text: str) -> Entry | Slip:
    if parts := digits_of(item, text):
        return Entry(parts, item.read(parts))
    try:
        return _entered(item, measures.read(item, text))
    except NotRead as not_read:
        if not_read.problem != "ambiguous_number":
            raise EntryRefusedError(item, not_read.problem) from None
    return _either(item, text)


def _either(item: Number | BloodPressure, text: str) -> Slip:
    """
    Of the two readings of a number the one that can be meant, to be confirmed; where both can, neither is guessed.
    """
    found: list[tuple[Separator, Entry | Slip]] = []
    refusal = EntryRefusedError(item, "ambiguous_number")
    for mark in SEPARATORS:
        try:
            found.append((mark, _entered(item, measures.read(item, text, mark))))
        except NotRead as not_read:
            refusal = EntryRefusedError(item, not_read.problem)
        except BadValueError as bad:
            if bad.problem in {"limit", "exact"}:
                raise EntryRefusedError(item, "ambiguous_number") from None  # it may be what is meant
            refusal = EntryRefusedError(item, bad.problem, limit=bad.limit)
    likely = [one for one in found if not item.is_unusual(one[1].value)] or found
    if not likely:
        raise refusal
    if any(one.value != likely[0][1].value for _, one in likely):
        raise EntryRefusedError(item, "ambiguous_number")
    mark, meant = next((one for one in likely if isinstance(one[1], Entry)), likely[0])
    return Slip(meant.raw, meant.value, mark)


def _entered(item: Number | BloodPressure, found: Measured) -> Entry | Slip:
    value = item.read(found.raw)
    if found.doubt:
        return Slip(found.raw, value, found.doubt)
    return Entry(found.raw, value, is_unusual=item.is_unusual(value), was_converted=found.was_converted)


def _choice(item: Choice, text: str) -> Entry:
    option = option_of(item, text)
    if option is None:
        raise EntryRefusedError(item, "option")
    return Entry(option, item.read(option))


def _several(item: Several, text: str) -> Entry | Slip:
    if is_said(text, "none"):
        return Entry([], item.read([]))
    try:
        found = options_said(item, text)
    except IncompleteOptionsError:
        raise EntryRefusedError(item, "part") from None
    if found is None:
        raise EntryRefusedError(item, "option")
    value = item.read(found.raw)
    if found.is_complete and found.is_certain:
        return Entry(found.raw, value)
    return Slip(found.raw, value, "each" if found.is_complete else "options")


def _day(item: Date, text: str, today: date) -> Entry | Slip:
    reading = reading_of(text, today=today)
    if reading is None:
        month = month_of(text, today=today)
        return Entry(month, _past(item, month, today))
    raw = reading.day.isoformat()
    if reading.other:
        other = reading.other.isoformat()
        _past(item, other, today)
        return Slip(raw, _past(item, raw, today), "day", other)
    return Entry(raw, _past(item, raw, today), was_converted=reading.is_short)


def _past(item: Date, raw: str | None, today: date) -> Value:
    value = item.read(raw)
    item.check_past(value, today)
    return value
