"""
Views into cards, in a person's language.
"""

import pkgutil
from importlib import import_module
from typing import Any

from msgspec.structs import replace

from bot.render.card import Card, fit
from bot.render.left import not_taken
from bot.render.questions import what_to_type
from bot.render.renderers import RENDERERS
from bot.texts import Words
from bot.turn import Note, NotTaken, View

for _topic in pkgutil.iter_modules(__path__, f"{__name__}."):
    import_module(_topic.name)


def render(view: View, words: Words, *notes: Note | NotTaken | None) -> Card:
    """
    The card of a view, with notes above it.
    """
    card = RENDERERS[type(view)](view, words)
    said = [line for note in notes if note is not None for line in _lines(note, words)]
    return replace(card, html=fit([*said, "", *card.html.split("\n")])) if said else card


def _lines(note: Note | NotTaken, words: Words) -> list[str]:
    if isinstance(note, NotTaken):
        return not_taken(note.record, note.pending, words)
    return [note_line(note, words)]


def note_line(note: Note, words: Words) -> str:
    """
    A note in words.
    """
    if note.number is not None:
        return words.count(note.key, note.number, name=note.name)
    if note.item is None:
        return words(note.key, name=note.name, day=words.full_day(note.day) if note.day else "")
    shown: dict[str, Any] = {
        "name": note.name,
        "item": words.label(note.item, note.kind),
        "value": words.echoed(note.item, note.raw),
    }
    return what_to_type(note.key, note.item, words, note.limit, **shown)
