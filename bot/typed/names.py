"""
Items and options as people name them in what they type: by key, by label in either language, by what wards call them,
or by how these begin.
"""

from collections.abc import Iterable, Mapping
from functools import cache

from bot.catalogues import LANGUAGES
from bot.rules.items import Choice, Item, Several
from bot.rules.protocol import Kind, Population
from bot.texts import words
from bot.typed.letters import fold
from bot.typed.tables import table


def item_named(text: str, populations: Iterable[Population]) -> Item | None:
    """
    The item that a text names; None where there is none, or more than one.
    """
    known: dict[str, Item] = {}
    names: dict[str, set[str]] = {}
    for population in populations:
        for item in population.items:
            known[item.key] = item
            names.setdefault(item.key, set()).update(names_of(item))
    key = _one_of(text, names)
    return known[key] if key else None


@cache
def names_of(item: Item) -> frozenset[str]:
    """
    The folded names of an item: its key, its labels, and what wards and laboratories call it.
    """
    labels = (words(language).label(item, kind).unescape() for language in LANGUAGES for kind in Kind)
    return frozenset(map(fold, (item.key.replace("_", " "), *labels, *table("names").get(item.key, ()))))


@cache
def items_by_name(population: Population) -> Mapping[str, tuple[Item, ...]]:
    """
    The items that each folded name may mean.
    """
    found: dict[str, list[Item]] = {}
    for item in population.items:
        for name in names_of(item):
            found.setdefault(name, []).append(item)
    return {name: tuple(items) for name, items in found.items()}


def option_named(item: Choice | Several, text: str, also: Mapping[str, frozenset[str]]) -> str | None:
    """
    The option of an item that a text names; None where there is none, or more than one. `also`: further names, folded.
    """
    labels = {
        option: {fold(words(language)(f"option.{item.key}.{option}").unescape()) for language in LANGUAGES}
        | also[option]
        for option in item.options
    }
    return _one_of(text, labels, shortest=1)


def _one_of(text: str, names: Mapping[str, set[str]], shortest: int = 2) -> str | None:
    """
    The key that is meant: the closest reading that is one key's alone.
    """
    word = fold(text)
    plain = word.replace("_", " ")
    readings = (
        [key for key in names if key.casefold() == word.replace(" ", "_")],
        [key for key, known in names.items() if plain in known],
        [key for key in names if key.replace("_", " ").startswith(plain)],
        [key for key, known in names.items() if any(name.startswith(plain) for name in known)],
    )
    if len(plain) < shortest:
        return None
    found = next(filter(None, readings), [])
    return found[0] if len(found) == 1 else None
