"""
Reasons in somebody's own words, in the place of one from a list.
"""

import re
from datetime import date

from bot.handlers.authenticator import CODE
from bot.rules.versions import LATEST
from bot.turn import Note, RefusedError
from bot.typed.personal import personal
from bot.typed.sheets import read_list

_CAPITALISED = re.compile(r"(?:[^\W\d_a-z][\w'\u2019-]*\s){1,3}[^\W\d_a-z][\w'\u2019-]*")
"""Words that begin with a capital in a row, as names do within a sentence."""

_FEWEST_LETTERS, _LONGEST = 3, 200


def read_reason(text: str) -> str:
    """
    The reason that a text gives. Raises RefusedError for one that names somebody, that is a one-time code or results
    with their names, or that says nothing: a full stop, or one letter again and again.
    """
    reason = " ".join(text.split())
    if CODE.fullmatch(reason):
        raise RefusedError(Note("note.reason_code"))
    if personal(reason) or any(map(personal, _CAPITALISED.findall(reason))):
        raise RefusedError(Note("note.reason_personal"))
    if _are_results(text):
        raise RefusedError(Note("note.reason_results"))
    letters = [sign for sign in reason.casefold() if sign.isalpha()]
    if len(letters) < _FEWEST_LETTERS or len(set(letters)) == 1 or len(reason) > _LONGEST:
        raise RefusedError(Note("note.reason_length"))
    return reason


def _are_results(text: str) -> bool:
    """
    Whether a text is a list of results and nothing else, as whoever has the next sheet at hand types it.
    """
    read = (read_list(text, population, today=date.max) for population in (LATEST.recipient, LATEST.donor))
    return any((sheet.found or sheet.unsure) and not (sheet.refused or sheet.unread) for sheet in read)
