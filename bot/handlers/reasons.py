"""
Reasons in somebody's own words, in the place of one from a list.
"""

import re
from datetime import date

from bot.handlers.authenticator import CODE
from bot.rules.versions import LATEST
from bot.turn import Note, RefusedError
from bot.typed.answers import answers_alone, is_said
from bot.typed.found import Sheet
from bot.typed.personal import personal
from bot.typed.sheets import read_list

_CAPITALISED = re.compile(r"(?:[^\W\d_a-z][\w'\u2019-]*\s){1,3}[^\W\d_a-z][\w'\u2019-]*")
"""Words that begin with a capital in a row, as names do within a sentence."""

_FEWEST_LETTERS, _LONGEST = 3, 200
_SAY_NOTHING = ("yes", "no", "agreed", "cancel")
_ONE_BY_ONE = re.compile(r"[,;\n]")
_READ_AS_RESULTS = {"range", "part", "no_unit", "upper_limit", "other_result"}
"""Why a result is refused that was read as one: beyond what can be, half of what it needs, or one of several."""


def read_reason(text: str) -> str:
    """
    The reason that a text gives. Raises RefusedError for one that names somebody, that is a one-time code or results
    with their names, or that says nothing: a yes or a no, a full stop, or one letter again and again.
    """
    reason = " ".join(text.split())
    if CODE.fullmatch(reason):
        raise RefusedError(Note("note.reason_code"))
    if personal(reason) or any(map(personal, _CAPITALISED.findall(reason))):
        raise RefusedError(Note("note.reason_personal"))
    if _are_results(text):
        raise RefusedError(Note("note.reason_results"))
    if says_nothing(reason):
        raise RefusedError(Note("note.reason_yes"))
    letters = [sign for sign in reason.casefold() if sign.isalpha()]
    if len(letters) < _FEWEST_LETTERS or len(set(letters)) == 1 or len(reason) > _LONGEST:
        raise RefusedError(Note("note.reason_length"))
    return reason


def says_nothing(text: str) -> bool:
    """
    Whether a text is a yes, a no or the word of a button and no more, in either language.
    """
    words = re.findall(r"[^\W\d_]+", text)
    return _is_bare(text) or (bool(words) and all(map(_is_bare, words)))


def _is_bare(text: str) -> bool:
    return any(is_said(text, answer) for answer in _SAY_NOTHING)


def _are_results(text: str) -> bool:
    """
    Whether a text is a list of results and nothing else, as whoever has the next sheet at hand types it: as a whole, or
    one by one, whichever kind of case each belongs to.
    """
    return _is_read(text) or all(_is_read(part) for part in _ONE_BY_ONE.split(text) if part.strip())


def _is_read(text: str) -> bool:
    if answers_alone(text):
        return False
    read = (read_list(text, population, today=date.max) for population in (LATEST.recipient, LATEST.donor))
    return any(map(_holds_only_results, read))


def _holds_only_results(sheet: Sheet) -> bool:
    return (
        bool(sheet.found or sheet.unsure or sheet.refused)
        and not sheet.unread
        and all(one.problem in _READ_AS_RESULTS for one in sheet.refused)
    )
