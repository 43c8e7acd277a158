"""
What was stored just before: a line, and buttons that take it back or give it a day.
"""

from bot import taps
from bot.render.buttons import to
from bot.render.card import Button, Rows, button
from bot.render.dating import days
from bot.render.phrases import answered
from bot.screens.dating import DayScreen
from bot.screens.stored import Stored
from bot.texts import Words
from db.cases.records import Record

_NAMED = 12
_LONGEST = 900


def lines(stored: Stored | None, record: Record, words: Words) -> list[str]:
    """
    What was stored as a list, if nothing has been answered since, and an empty line.
    """
    if stored is None or stored.batch is None or not stored.is_last:
        return []
    room = _LONGEST
    shown: list[str] = []
    for key in stored.items[:_NAMED]:
        one = answered(record, record.population.item[key], words)
        room -= len(one)
        if room < 0 and shown:
            break
        shown.append(one)
    if more := len(stored.items) - len(shown):
        shown.append(words("summary.more", number=more))
    return [words.count("quick.stored", len(stored.items), items=words.joined(shown)), ""]


def rows(stored: Stored | None, record: Record, words: Words) -> Rows:
    """
    The buttons: the day of the results by one tap, or another day and the source; and to take a list back.
    """
    if stored is None:
        return ()
    case = record.case
    found: list[tuple[Button, ...]] = []
    if stored.can_be_dated:
        found.append((*days(case, words), to(words, DayScreen(), case, "button.other_day")))
    if stored.batch is not None:
        found.append(
            (button(words.count("button.take_back", len(stored.items)), taps.TakeBack(case.id, stored.batch)),)
        )
    return tuple(found)
