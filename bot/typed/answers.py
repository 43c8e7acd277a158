"""
Answers that are words, by the table of common ones: yes and no, options, not available yet, not measurable.
"""

from functools import cache
from typing import Any

from bot.rules.items import Bool, Choice, Item, Several
from bot.rules.protocol import Kind
from bot.typed.letters import fold
from bot.typed.names import option_named
from bot.typed.tables import table

_KINDS = {
    "recipient": Kind.RECIPIENT,
    "receveur": Kind.RECIPIENT,
    "receveuse": Kind.RECIPIENT,
    "donor": Kind.DONOR,
    "donneur": Kind.DONOR,
    "donneuse": Kind.DONOR,
}


def kind_in(text: str) -> Kind | None:
    """
    The kind of case that a text names, in either language and as far as it was typed.
    """
    word = fold(text)
    return next((kind for name, kind in _KINDS.items() if word and name.startswith(word)), None)


def is_said(text: str, answer: str) -> bool:
    """
    Whether a text is one of the common words for an answer: yes, no, none, awaited, not_measurable ...
    """
    return _said(text) in _common(answer)


def is_yes(text: str) -> bool:
    """
    Whether a text says yes, in either language.
    """
    return is_said(text, "yes")


def yes_or_no(item: Bool, text: str) -> bool | None:
    """
    What a text answers to a question for yes or no; None where it does neither, or may mean something else at this one.
    """
    word = _said(text)
    if word in _of_item("yes_no", item.key, "unclear"):
        return None
    for answer, value in (("yes", True), ("no", False)):
        if word in _of_item("yes_no", item.key, answer) or word in _common(answer):
            return value
    return None


def is_awaited(item: Item, text: str) -> bool:
    """
    Whether a text says that an item's answer is not available yet, in the words for any item or in its own.
    """
    return is_said(text, "awaited") or _said(text) in _of_item("yes_no", item.key, "awaited")


def answers_alone(text: str) -> bool:
    """
    Whether a text is a word that answers an item without its name, and may say other things elsewhere.
    """
    return any(_said(text) in map(_said, words) for words in table("answers")["alone"].values())


def option_of(item: Choice | Several, text: str) -> str | None:
    """
    The option that a text names; None where there is none, or more than one.
    """
    return option_named(item, text, {option: _of_item("options", item.key, option) for option in item.options})


def _said(text: str) -> str:
    return fold(text).removesuffix(".").rstrip()


@cache
def _common(answer: str) -> frozenset[str]:
    return frozenset(map(_said, table("answers")[answer]))


@cache
def _of_item(kind: str, key: str, answer: str) -> frozenset[str]:
    words: dict[str, Any] = table("answers")[kind].get(key, {})
    return frozenset(map(_said, words.get(answer, ())))
