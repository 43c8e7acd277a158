"""
What a text says of the options of a several-of: HIV neg, HTLV pending; HIV and HTLV negative; négatifs : VIH, HTLV.

A result belongs to all the options before it that have none of their own, or to those behind where it stands in front.
What could be read in another way is handed back to be confirmed, and what is left open is refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from bot.rules.frozen import Frozen
from bot.rules.items import AWAITED, Several
from bot.typed.answers import is_said, option_of
from bot.typed.letters import fold

_Kind: TypeAlias = Literal["option", "marked", "result", "joint", "colon", "sign"]

_TOKEN = re.compile(r"[:=;,+]|[-?]+(?=[\s:=;,+]|$)|[^\s:=;,+]+?(?=[-?]*(?:[\s:=;,+]|$))")
_MOST_WORDS = 8
_RESULTS = {"positive": ("positive", "yes"), "negative": ("negative", "no"), "awaited": ("awaited",)}
_MARKS = {"positive": "", "awaited": AWAITED}
_KINDS: dict[str, _Kind] = {":": "colon", "=": "colon", ",": "joint", ";": "joint", "+": "sign", "-": "sign"}
_SIGNS = {"+": "positive", "-": "negative"}


class IncompleteOptionsError(ValueError):
    """
    Options of which some are said to be absent or awaited, and others are not spoken of; or it is open of which.
    """


class OptionsRead(Frozen):
    """
    The options present and those awaited, in file form. `is_complete`: each was spoken of. `is_certain`: each that was
    named has a result that can be no other's.
    """

    raw: list[str]
    is_complete: bool
    is_certain: bool


class _Word(Frozen):
    kind: _Kind
    said: str = ""
    is_certain: bool = True


class _UnknownWordError(ValueError):
    pass


def options_said(item: Several, text: str) -> OptionsRead | None:
    """
    What a text says of an item's options; None where a word of it is not known, or one option is said to be two things.
    Raises IncompleteOptionsError.
    """
    reader = _OptionsReader()
    try:
        for word in _signs_read(list(_words(item, fold(text).replace("\u2013", "-")))):
            reader.take(word)
        states = reader.settled()
    except _UnknownWordError:
        return None
    is_complete = states.keys() == set(item.options)
    if not is_complete and not {"positive"}.issuperset(states.values()):
        raise IncompleteOptionsError
    raw = [f"{_MARKS[state]}{option}" for option, state in sorted(states.items()) if state in _MARKS]
    return OptionsRead(raw, is_complete, reader.is_certain)


def with_awaited(raw: object, before: object) -> object:
    """
    Options said to be there, and of an answer before those that were awaited and are not spoken of now: they still are.
    """
    if not isinstance(raw, list) or not isinstance(before, list):
        return raw
    spoken = {option.removeprefix(AWAITED) for option in raw}
    still = [one for one in before if one.startswith(AWAITED) and one.removeprefix(AWAITED) not in spoken]
    return sorted([*raw, *still])


def has_result(text: str) -> bool:
    """
    Whether a text says a result, whatever of.
    """
    tokens = [match[0] for match in _TOKEN.finditer(fold(text).replace("\u2013", "-"))]
    runs = (
        tokens[at:end] for at in range(len(tokens)) for end in range(at + 1, min(at + _MOST_WORDS, len(tokens)) + 1)
    )
    return any(_result(" ".join(run)) for run in runs)


def _words(item: Several, text: str) -> Iterator[_Word]:
    """
    The words of a text, the longest at each place. Raises _UnknownWordError.
    """
    tokens, at = list(_TOKEN.finditer(text)), 0
    while at < len(tokens):
        ends = range(min(_MOST_WORDS, len(tokens) - at), 0, -1)
        read = ((count, _word(item, text, tokens[at : at + count])) for count in ends)
        count, word = next(((count, word) for count, word in read if word), (0, None))
        if word is None:
            raise _UnknownWordError
        yield word
        at += count


def _word(item: Several, text: str, tokens: list[re.Match[str]]) -> _Word | None:
    start, end = tokens[0].start(), tokens[-1].end()
    run = text[start:end]
    if kind := _KINDS.get(run):
        is_close = kind == "sign" and text[start - 1 : start].strip(" :=,;") and not text[end : end + 1].strip(" ,;")
        return _Word("result", _SIGNS[run]) if is_close else _Word(kind, run)
    if run[0] in _KINDS or run[-1] in _KINDS:
        return None
    if state := _result(run):
        return _Word("result", state)
    if run.startswith(AWAITED) and (option := option_of(item, run.removeprefix(AWAITED))):
        return _Word("marked", option)
    if option := option_of(item, run):
        return _Word("option", option)
    return _Word("joint") if is_said(run, "joints") else None


def _result(run: str) -> str | None:
    return next((state for state, names in _RESULTS.items() if any(is_said(run, name) for name in names)), None)


def _signs_read(words: list[_Word]) -> Iterator[_Word]:
    """
    The words, each sign taken for what it is: a result, or what joins two.
    """
    kinds = [word.kind for word in words]
    pairs = list(zip(["joint", *kinds], words, [*kinds[1:], "joint"], strict=False))
    has_minus = any(before == "option" and word == _Word("sign", "-") for before, word, _ in pairs)
    for before, word, after in pairs:
        if word.kind != "sign":
            yield word
        elif before in {"result", "marked"}:
            yield _Word("joint")
        elif before not in {"option", "colon"}:
            raise _UnknownWordError
        elif before == "option" and after == "option":
            yield _Word("result", _SIGNS[word.said], is_certain=False) if has_minus else _Word("joint", "+")
        else:
            yield _Word("result", _SIGNS[word.said])


@dataclass
class _OptionsReader:
    """
    `open` are the options named since the last result, `front` is the result that stands before its options. `is_open`:
    it still lacks one of these.
    """

    states: dict[str, str] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)
    front: str | None = None
    is_open: bool = False
    has_results: bool = False
    has_plus: bool = False
    is_certain: bool = True

    def take(self, word: _Word) -> None:
        match word:
            case _Word("marked", option):
                self._set(option, "awaited")
            case _Word("option", option) if self.front is not None:
                self.is_open = self.is_certain = False
                self._set(option, self.front)
            case _Word("option", option):
                self.open.append(option)
            case _Word("result", state):
                self.is_certain = self.is_certain and word.is_certain
                self._result(state)
            case _Word("joint", "+"):
                self.has_plus = True

    def _result(self, state: str) -> None:
        if not self.open:
            if self.is_open or (self.has_results and self.front is None):
                raise _UnknownWordError
            self.front, self.is_open, self.has_results = state, True, True
            return
        if self.has_plus and state != "positive":
            raise IncompleteOptionsError  # HIV + HTLV neg: HIV is positive, or negative as well
        self.is_certain = self.is_certain and len(self.open) == 1
        for option in self.open:
            self._set(option, state)
        self.open, self.has_plus, self.has_results = [], False, True

    def _set(self, option: str, state: str) -> None:
        if self.states.setdefault(option, state) != state:
            raise _UnknownWordError

    def settled(self) -> dict[str, str]:
        """
        What is said of each option; those of a text without a result are present.
        """
        if self.is_open or not (self.states or self.open):
            raise _UnknownWordError
        if self.open and self.has_results:
            raise IncompleteOptionsError
        if self.open:
            self.is_certain = False
        for option in self.open:
            self._set(option, "positive")
        return self.states
