"""
What a refusal shows as an example can be typed.
"""

from datetime import date

import pytest

from bot.catalogues import LANGUAGES
from bot.rules.items import Choice, Item, Several
from bot.rules.protocol import Kind
from bot.rules.versions import LATEST
from bot.texts import words
from bot.typed.examples import example
from bot.typed.sheets import read_list
from bot.typed.values import Entry, parse

TODAY = date(2026, 5, 10)
ITEMS = [(kind, item) for kind in Kind for item in LATEST.population(kind).items]


@pytest.mark.parametrize(("kind", "item"), ITEMS, ids=lambda one: getattr(one, "key", str(one)))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_example_is_taken(kind: Kind, item: Item, language: str) -> None:
    """
    As an answer that needs no confirmation, alone and after the item's name on a list; one option after the other where
    lists do so.
    """
    said = words(language)
    for problem in ("type", "part"):
        typed = example(item, said, problem)
        entry = parse(item, typed, today=TODAY)
        assert isinstance(entry, Entry), typed
        assert entry.raw is not None
        assert not entry.is_unusual
        if problem == "part" and not item.key.startswith("positive_"):
            continue
        found = read_list(f"{item.key} = {typed}", LATEST.population(kind), today=TODAY).found
        assert [(one.item, one.entry) for one in found] == [(item, entry)], typed


@pytest.mark.parametrize(
    ("item", "option"),
    [(item, option) for _, item in ITEMS if isinstance(item, Choice | Several) for option in item.options],
    ids=lambda one: getattr(one, "key", str(one)),
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_stands_on_a_button_may_be_typed(item: Choice | Several, option: str, language: str) -> None:
    """
    In its own language, whatever that of the chat.
    """
    entry = parse(item, words(language)(f"option.{item.key}.{option}").unescape(), today=TODAY)
    assert entry.raw == ([option] if isinstance(item, Several) else option)
