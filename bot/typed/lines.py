"""
A line of a sheet, taken apart: the names in it, and what follows each.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from msgspec.structs import asdict, replace

from bot.rules.frozen import Frozen
from bot.rules.items import Item, Several
from bot.rules.protocol import Population
from bot.typed.letters import fold
from bot.typed.names import item_named, items_by_name
from bot.typed.tables import table

_TOKEN = re.compile(r"[:=<>\u2264\u2265~]|[^\s:=<>\u2264\u2265~]+")
_MOST_WORDS_OF_A_NAME = 8
_SHORTEST_OPTION = 3
_SIGNS = ("+", "-", "?")
NAMED_OPTIONS = ("positive_serology", "positive_pcr")
"""Items of whose options a sheet speaks one by one, each with its result."""
_SPOKEN_OPTIONS = (*NAMED_OPTIONS, "toxic_exposure")
"""Items whose options need no name of the item before them."""


class Piece(Frozen):
    """
    A name and what follows it, in `text` as typed; `rest` is what follows. `items` are those that the name may mean,
    `source` is what kind of examination it names; where `is_option`, it is one of the item's options that is spoken of,
    where `is_answer`, its answer, which is then what follows. One that means nothing stands beside, unless it is
    unknown.
    """

    text: str
    rest: str
    items: tuple[Item, ...] = ()
    source: str | None = None
    is_option: bool = False
    is_unknown: bool = False
    is_answer: bool = False

    @property
    def name(self) -> str:
        """
        The name as typed.
        """
        return self.text.removesuffix(self.rest)

    def followed_by(self, part: "Piece") -> "Piece":
        """
        The same with all of the next part taken as what follows the name.
        """
        rest = self.rest if part.is_option else self.rest.rstrip(" ,+")
        return replace(self, text=f"{self.text} {part.text}", rest=f"{rest} {part.text}")


class _Meaning(Frozen):
    items: tuple[Item, ...] = ()
    source: str | None = None
    is_option: bool = False
    is_unknown: bool = False
    is_answer: bool = False


@dataclass
class _Token:
    text: str
    start: int
    end: int
    folded: str = field(init=False)

    def __post_init__(self) -> None:
        self.folded = fold(self.text.replace("_", " ")).strip(",.")


def take_apart(line: str, population: Population) -> tuple[str, list[Piece]]:
    """
    What stands before the first name, and the parts that begin with names.
    """
    tokens = [_Token(match[0], match.start(), match.end()) for match in _TOKEN.finditer(line)]
    found = list(_names(tokens, population))
    if not found:
        return line.strip(), []
    ends = [start for _, start, _ in found[1:]] + [len(line)]
    parts = [
        Piece(line[start:end].strip(), line[start if meaning.is_answer else stop : end].strip(), **asdict(meaning))
        for (meaning, start, stop), end in zip(found, ends, strict=True)
    ]
    return line[: found[0][1]].strip(), parts


def _names(tokens: list[_Token], population: Population) -> Iterator[tuple[_Meaning, int, int]]:
    """
    What each name means, where it begins and ends; the longest name at each place.
    """
    known, at = _vocabulary(population), 0
    while at < len(tokens):
        for count in range(min(_MOST_WORDS_OF_A_NAME, len(tokens) - at), 0, -1):
            run = tokens[at : at + count]
            name = " ".join(token.folded for token in run)
            meaning = known.get(name)
            if meaning and (not meaning.is_answer or _begins_a_clause(tokens, at)):
                yield meaning, run[0].start, run[-1].end
                at += count
                break
            if (signed := known.get(name[:-1])) and signed.is_option and name.endswith(_SIGNS):
                yield signed, run[0].start, run[-1].start + run[-1].text.rindex(name[-1])
                at += count
                break
        else:
            if at + 1 < len(tokens) and tokens[at + 1].text == "=" and tokens[at].text.isidentifier():
                item = item_named(tokens[at].text, [population])
                yield _Meaning((item,)) if item else _Meaning(is_unknown=True), tokens[at].start, tokens[at].end
            at += 1


def _begins_a_clause(tokens: list[_Token], at: int) -> bool:
    return at == 0 or tokens[at - 1].text.endswith(",")


@cache
def _vocabulary(population: Population) -> Mapping[str, _Meaning]:
    found = {spaced(name): _Meaning() for name in table("beside")["names"]}
    for key, answers in table("answers")["alone"].items():
        if key in population.item:
            meaning = _Meaning((population.item[key],), is_answer=True)
            found |= dict.fromkeys(map(spaced, answers), meaning)
    for key in _SPOKEN_OPTIONS:
        item = population.item.get(key)
        if isinstance(item, Several):
            for name in _names_of_options(item):
                others = found[name].items if name in found else ()
                found[name] = _Meaning((*others, item), is_option=True)
    sources = {spaced(name): source for source, names in table("answers")["sources"].items() for name in names}
    found |= {name: _Meaning(source=source) for name, source in sources.items()}
    for name, items in items_by_name(population).items():
        found[spaced(name)] = _Meaning(items, sources.get(spaced(name)))
    return found


def _names_of_options(item: Several) -> set[str]:
    options = table("answers")["options"][item.key]
    names = (name for option in item.options for name in options.get(option, ()))
    return {spaced(name) for name in names if len(name) >= _SHORTEST_OPTION}


def spaced(name: str) -> str:
    """
    A name as its words stand in a line.
    """
    return " ".join(fold(token).strip(",.") for token in _TOKEN.findall(name.replace("_", " ")))
