"""
The examination that an answer comes from, as files hold it: its day, its kind, and words for a kind of which there is
none.
"""

from collections.abc import Mapping
from datetime import date

from bot.typed.personal import personal
from db.base.tables import Examination
from db.cases.given import Examined

_LONGEST = 60


class BadExaminationError(ValueError):
    """
    An examination that cannot have been. `str()` says what of it: its "day", its "kind" or its "words".
    """


def plainly(said: Examined) -> dict[str, str]:
    """
    What is known of an examination.
    """
    day = said.on.isoformat() if said.on else None
    told = {"on": day, "by": said.by, "words": said.words}
    return {name: value for name, value in told.items() if value}


def read(told: object, as_of: date) -> Examined:
    """
    The examination that `plainly` told, as of a day. Raises BadExaminationError.
    """
    if not isinstance(told, Mapping) or not told.keys() <= set(Examined._fields):
        raise BadExaminationError("kind")
    on, by, words = (told.get(name) for name in Examined._fields)
    day = None if on is None else _day(on, as_of)
    if by is not None and (not isinstance(by, str) or by not in set(Examination)):
        raise BadExaminationError("kind")
    if (words is not None) is not (by == Examination.OTHER) or (words is not None and not _says(words)):
        raise BadExaminationError("words")
    return Examined(day, by, words)


def _day(told: object, as_of: date) -> date:
    try:
        day = date.fromisoformat(str(told))
    except ValueError:
        raise BadExaminationError("day") from None
    if day > as_of:
        raise BadExaminationError("day")
    return day


def _says(words: object) -> bool:
    """
    Whether these are words as the chat takes them: few, no digit, and nobody's name.
    """
    if not isinstance(words, str) or not words.strip() or len(words) > _LONGEST:
        return False
    return not any(map(str.isdigit, words)) and not personal(words)
