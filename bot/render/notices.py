"""
What people are told without having asked.
"""

from bot import taps
from bot.render.card import Card, Rows, button
from bot.texts import Words
from bot.views import Told


def told(view: Told, words: Words) -> Card:
    """
    A notice, with the button that leads to what it is about.
    """
    return Card(
        words(view.key, **{key: value for key, value in view.about.items() if key != "case"}), _rows(view, words)
    )


def _rows(view: Told, words: Words) -> Rows:
    if "case" in view.about:
        return ((button(words("button.open"), taps.Open(view.about["case"])),),)
    return ()
