"""
What cases somebody looks for, as words in any order in English or French.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache

from msgspec.structs import replace

from bot.catalogues import LANGUAGES
from bot.rules.assessment import Verdict
from bot.rules.versions import LATEST
from bot.texts import words
from bot.typed.answers import kind_in
from bot.typed.letters import fold
from bot.typed.names import item_named
from bot.typed.personal import personal
from bot.typed.tables import table
from db.cases.overview import STAGES, Filter

_PARTS = ("verdict", "stage", "group")
_LONGEST_PHRASE = 4
_WORDS = 20

_DIGIT = re.compile(r"\d")
_SITE = re.compile(r"\d{1,2}", re.ASCII)
_PART = re.compile(r"(?:(?P<site>\d{1,2})-?)?(?P<letter>[rd])-?(?P<number>\d{0,4})|(?P<bare>\d{3,4})", re.ASCII)


class UnknownWordError(ValueError):
    """
    Words that say nothing about cases, and what the others describe: `wanted`. `named` holds the words, one that looks
    personal, or has digits as a code that signs has, by its place alone, counted from 1; so does the error's text for
    all. `excludes` where one is known, but goes with no earlier one.
    """

    def __init__(self, unknown: Mapping[int, str], wanted: Filter, *, excludes: bool = False) -> None:
        super().__init__(f"words {', '.join(map(str, unknown))}")
        self.wanted, self.excludes = wanted, excludes
        self.named = tuple(f"#{place}" if _is_private(word) else word for place, word in unknown.items())


def _is_private(word: str) -> bool:
    return bool(personal(word) or _DIGIT.search(word))


@cache
def _vocabulary() -> dict[str, tuple[str, str]]:
    """
    For each folded word or phrase, the part of a filter that it sets and to what.
    """
    found = {
        phrase: (part, value)
        for part in _PARTS
        for value, phrases in table("search")[part].items()
        for phrase in phrases
    }
    for language in LANGUAGES:
        said = words(language)
        found |= {fold(said.plain(f"stage.{stage}")): ("stage", str(stage)) for stage in STAGES}
        found |= {fold(said.plain(f"verdict.{verdict}.short")): ("verdict", str(verdict)) for verdict in Verdict}
    return found


def read_words(text: str, wanted: Filter | None = None) -> Filter:
    """
    The filter that words describe, or what they make of the one there is. Raises UnknownWordError, also for a word that
    contradicts an earlier one: of a filter each part has one value.
    """
    said, at, found = text.replace(",", " ").split(), 0, wanted or Filter()
    unknown: dict[int, str] = {}
    settled: set[str] = set()
    excludes = False
    while at < min(len(said), _WORDS):
        length, phrase = _phrase(said[at : at + _LONGEST_PHRASE])
        narrower = replace(found, **{phrase[0]: phrase[1]}) if phrase else _single(found, said[at])
        changed = _differing(found, narrower or found)
        if narrower is None or changed & settled:
            unknown |= {place: said[place - 1] for place in range(at + 1, at + length + 1)}
            excludes |= narrower is not None
        else:
            found, settled = narrower, settled | changed
        at += length
    unknown |= {place: word for place, word in enumerate(said, start=1) if place == _WORDS + 1}
    if unknown:
        raise UnknownWordError(unknown, found, excludes=excludes)
    return found


def _differing(one: Filter, other: Filter) -> set[str]:
    return {name for name in Filter.__struct_fields__ if getattr(one, name) != getattr(other, name)}


def _phrase(said: Sequence[str]) -> tuple[int, tuple[str, str] | None]:
    """
    The longest phrase with which these words begin: how many of them it takes, and what it sets.
    """
    for length in range(len(said), 0, -1):
        if meaning := _vocabulary().get(fold(" ".join(said[:length]))):
            return length, meaning
    return 1, None


def _single(wanted: Filter, said: str) -> Filter | None:
    """
    What a word makes of a filter: a kind, a site, a part of a code, an item that is missing. None for any other.
    """
    word = fold(said)
    if word in table("search")["beside"]:
        return wanted
    if kind := kind_in(word):
        return replace(wanted, kind=kind)
    if _SITE.fullmatch(word):
        return replace(wanted, site=int(word))
    if part := _PART.fullmatch(word):
        return replace(wanted, code=_part(part))
    item = item_named(word, (LATEST.recipient, LATEST.donor))
    return replace(wanted, missing=item.key) if item else None


def _part(match: re.Match[str]) -> str:
    """
    A part of a code as codes are written: r3 is R-003.
    """
    if match["bare"]:
        return match["bare"]
    site = f"{int(match['site']):02d}-" if match["site"] else ""
    number = f"-{int(match['number']):03d}" if match["number"] else "-"
    return f"{site}{match['letter'].upper()}{number}"
