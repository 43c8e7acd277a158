"""
What people are told without having asked.
"""

from bot import taps
from bot.render import people
from bot.render.card import Card, Rows, button
from bot.texts import Words
from bot.views import Told

IN_PLACE = frozenset({"notice.deactivated", "notice.role_removed"})
"""Those that take the place of the card: it may show what this person is to see no longer."""

_TO_WHERE_THINGS_STAND = frozenset({"notice.role_added", "notice.role_removed", "notice.reactivated"})


def told(view: Told, words: Words) -> Card:
    """
    A notice, with the button that leads to what it is about.
    """
    return Card(words(view.key, **people.named(view.about, words)), _rows(view, words))


def _rows(view: Told, words: Words) -> Rows:
    if "case" in view.about:
        return ((button(words("button.open"), taps.Open(view.about["case"])),),)
    if view.key in _TO_WHERE_THINGS_STAND:
        return ((button(words("button.return"), taps.Menu("here")),),)
    return people.undo(view.about, words)
