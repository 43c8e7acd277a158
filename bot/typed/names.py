"""
Items and options as people name them in what they type: by key, by label in either language, or by how these begin.
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from bot.rules.items import Choice, Item, Several
from bot.rules.protocol import Population
from bot.texts import LANGUAGES, words
from bot.typed.letters import fold

T = TypeVar("T")


def item_named(text: str, populations: Iterable[Population]) -> Item | None:
    """
    The item that a text names; None where there is none, or more than one.
    """
    known = {item.key: item for population in populations for item in population.items}
    labels: dict[str, set[str]] = {key: set() for key in known}
    for population in populations:
        for item in population.items:
            labels[item.key] |= {fold(words(language).label(item, population.kind)) for language in LANGUAGES}
    key = _one_of(text, labels)
    return known[key] if key else None


def option_named(item: Choice | Several, text: str) -> str | None:
    """
    The option of an item that a text names; None where there is none, or more than one.
    """
    labels = {
        option: {fold(words(language)(f"option.{item.key}.{option}").unescape()) for language in LANGUAGES}
        for option in item.options
    }
    return _one_of(text, labels, shortest=1)


def _one_of(text: str, labels: Mapping[str, set[str]], shortest: int = 2) -> str | None:
    """
    The key that is meant: the closest reading that is one key's alone.
    """
    word = fold(text)
    plain = word.replace("_", " ")
    readings = (
        [key for key in labels if key.casefold() == word.replace(" ", "_")],
        [key for key, names in labels.items() if plain in names],
        [key for key in labels if key.replace("_", " ").startswith(plain)],
        [key for key, names in labels.items() if any(name.startswith(plain) for name in names)],
    )
    if len(plain) < shortest:
        return None
    found = next(filter(None, readings), [])
    return found[0] if len(found) == 1 else None
