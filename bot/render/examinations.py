"""
From which examination a result is.
"""

from datetime import date

from bot.rules.items import Item
from bot.texts import Words
from db.base.tables import Examination
from db.cases.given import UNSAID, Examined
from db.cases.records import Record


def examined(said: Examined, words: Words, *, is_echo: bool = False) -> str:
    """
    The day and source of a result, as far as they are known; the day with its weekday where it is said back.
    """
    day = (words.full_day if is_echo else words.day)(said.on) if said.on else ""
    if said.by is None:
        source = ""
    elif said.by == Examination.OTHER and said.words:
        source = said.words
    else:
        source = words(f"paper.examination.{said.by}")
    return ", ".join(filter(None, (day, source)))


def with_day(shown: str, said: Examined, words: Words, *, is_echo: bool = False) -> str:
    """
    A value and, where they are known, its day and source.
    """
    if not said.on and not said.by:
        return shown
    return words("value.examined", value=shown, examined=examined(said, words, is_echo=is_echo))


def standing(record: Record, item: Item, words: Words) -> str:
    """
    The answer that counts, with the day and source of the result, marked where it is old.
    """
    shown = with_day(words.value(item, record.raw(item.key)), said_of(record, item), words)
    return marked(shown, record, item, words)


def marked(shown: str, record: Record, item: Item, words: Words) -> str:
    """
    An answer, marked where its result is old at the site.
    """
    return words("value.old", value=shown) if item.key in record.old else shown


def said_of(record: Record, item: Item) -> Examined:
    """
    The examination of the answer that counts.
    """
    given = record.current.get(item.key)
    return given.examined if given is not None and item.key not in record.borrowed else UNSAID


def told(more: dict[str, str], words: Words) -> str:
    """
    As `examined`, from what an audit entry tells besides.
    """
    on, by, other = (more.get(name) for name in ("examined_on", "examined_by", "examined_words"))
    return examined(Examined(date.fromisoformat(on) if on else None, by, other), words)
