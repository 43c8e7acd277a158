"""
The words that wards use: of items, options, units, answers, examinations. A capital does not make them names.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from bot.catalogues import LANGUAGES
from bot.rules.items import Choice, Several
from bot.rules.versions import LATEST
from bot.texts import words
from bot.typed.days import calendar_words
from bot.typed.letters import fold
from bot.typed.tables import table

_TABLES = ("names", "beside", "answers")
_WORD = re.compile(r"[^\W_]+(?:['.-][^\W_]+)*")


@cache
def ward_words() -> frozenset[str]:
    """
    Every folded word that is known from the wards, single and as parts of what is longer.
    """
    said = [text for name in _TABLES for text in _texts(table(name))]
    said += [text for name, text in table("ward").items() if name != "abbreviations"]
    return calendar_words().union(word for text in (*said, *_said_of_items()) for word in words_in(text))


@cache
def abbreviations() -> frozenset[str]:
    """
    Folded abbreviations that are no names where they are written as such, all in capitals or none: ANA is no Ana.
    """
    return frozenset(words_in(table("ward")["abbreviations"]))


def words_in(text: str) -> Iterator[str]:
    """
    The folded words of a text, and the parts of those joined by a hyphen or an elision.
    """
    for match in _WORD.finditer(fold(text.replace("_", " "))):
        yield match[0]
        yield from re.split(r"['.-]", match[0])


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401  whatever a table holds
    if isinstance(value, str):
        yield value
        return
    if isinstance(value, dict):
        yield from value
        value = value.values()
    for one in value:
        yield from _texts(one)


def _said_of_items() -> Iterator[str]:
    for population in (LATEST.recipient, LATEST.donor):
        for item in population.items:
            yield item.key
            for said in map(words, LANGUAGES):
                yield said.label(item, population.kind).unescape()
                yield said.question(item, population.kind).unescape()
                if isinstance(item, Choice | Several):
                    yield from (said.plain(f"option.{item.key}.{option}") for option in item.options)
