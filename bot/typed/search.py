"""
What cases somebody looks for, as words in any order in English or French, and as the few characters a button carries.
"""

import re
from dataclasses import replace
from functools import cache

from bot.rules.assessment import Verdict
from bot.rules.protocol import Kind
from bot.rules.versions import LATEST
from bot.texts import LANGUAGES, words
from bot.typed.answers import kind_in
from bot.typed.letters import fold
from bot.typed.names import item_named
from db.base.tables import Stage
from db.cases.overview import (
    NEAR,
    OLDEST,
    SINGLE,
    STAGES,
    Filter,
)

_ALSO: dict[str, dict[str, str]] = {
    "verdict": {
        "eligibles": Verdict.ELIGIBLE,
        "not eligible": Verdict.NOT_ELIGIBLE,
        "not_eligible": Verdict.NOT_ELIGIBLE,
        "ineligible": Verdict.NOT_ELIGIBLE,
        "ineligibles": Verdict.NOT_ELIGIBLE,
        "non eligible": Verdict.NOT_ELIGIBLE,
        "non eligibles": Verdict.NOT_ELIGIBLE,
        "incomplets": Verdict.INCOMPLETE,
        "incomplete": Verdict.INCOMPLETE,
        "incompletes": Verdict.INCOMPLETE,
        "eligible": Verdict.ELIGIBLE,
        "incomplet": Verdict.INCOMPLETE,
    },
    "stage": {
        "screening": Stage.SCREENING,
        "preselection": Stage.SCREENING,
        "en preselection": Stage.SCREENING,
        "finished": Stage.FINISHED,
        "termine": Stage.FINISHED,
        "termines": Stage.FINISHED,
        "signed": Stage.SIGNED,
        "signe": Stage.SIGNED,
        "signes": Stage.SIGNED,
        "valide": Stage.SIGNED,
        "valides": Stage.SIGNED,
        "failure": Stage.SCREEN_FAILURE,
        "failures": Stage.SCREEN_FAILURE,
        "echec": Stage.SCREEN_FAILURE,
        "echecs": Stage.SCREEN_FAILURE,
        "included": Stage.INCLUDED,
        "inclus": Stage.INCLUDED,
        "withdrawn": Stage.WITHDRAWN,
        "retire": Stage.WITHDRAWN,
        "retires": Stage.WITHDRAWN,
        "refused": Stage.CONSENT_REFUSED,
        "refus": Stage.CONSENT_REFUSED,
        "lost": Stage.LOST,
        "perdu": Stage.LOST,
        "perdus": Stage.LOST,
    },
    "group": {
        "almost": NEAR,
        "presque": NEAR,
        "single": SINGLE,
        "seul": SINGLE,
        "oldest": OLDEST,
        "anciens": OLDEST,
    },
}
_SAID_BESIDE = frozenset(
    {"missing", "awaited", "manque", "manquant", "manquante", "attendu", "site", "case", "cas", "dossier", "dossiers"}
)
_LONGEST_PHRASE = 4
_WORDS = 20

_SITE = re.compile(r"\d{1,2}", re.ASCII)
_PART = re.compile(r"(?:(?P<site>\d{1,2})-?)?(?P<letter>[rd])-?(?P<number>\d{0,4})|(?P<bare>\d{3,4})", re.ASCII)


class UnknownWordError(ValueError):
    """
    A word that says nothing about cases; `position` counts from 1.
    """

    def __init__(self, position: int) -> None:
        super().__init__(f"word {position}")
        self.position = position


@cache
def _vocabulary() -> dict[str, tuple[str, str]]:
    """
    For each folded word or phrase, the part of a filter that it sets and to what.
    """
    found = {phrase: (part, value) for part, phrases in _ALSO.items() for phrase, value in phrases.items()}
    for language in LANGUAGES:
        said = words(language)
        found |= {fold(said(f"stage.{stage}").unescape()): ("stage", str(stage)) for stage in STAGES}
        found |= {fold(said(f"verdict.{verdict}.short").unescape()): ("verdict", str(verdict)) for verdict in Verdict}
    return found


def read_words(text: str, wanted: Filter | None = None) -> Filter:
    """
    The filter that words describe, or what they make of the one there is. Raises UnknownWordError.
    """
    said, at, found = text.replace(",", " ").split(), 0, wanted or Filter()
    while at < len(said):
        if at >= _WORDS:
            raise UnknownWordError(at + 1)
        for length in range(min(_LONGEST_PHRASE, len(said) - at), 0, -1):
            phrase = fold(" ".join(said[at : at + length]))
            if phrase in _vocabulary():
                part, value = _vocabulary()[phrase]
                found = replace(found, **{part: value})  # type: ignore[arg-type]  # no phrase names a site
                at += length
                break
        else:
            found = _single(found, said[at], at + 1)
            at += 1
    return found


def _single(wanted: Filter, said: str, position: int) -> Filter:
    word = fold(said)
    if word in _SAID_BESIDE:
        return wanted
    if kind := kind_in(word):
        return replace(wanted, kind=kind)
    if _SITE.fullmatch(word):
        return replace(wanted, site=int(word))
    if part := _PART.fullmatch(word):
        return replace(wanted, code=_part(part))
    item = item_named(word, (LATEST.recipient, LATEST.donor))
    if item is None:
        raise UnknownWordError(position)
    return replace(wanted, missing=item.key)


def _part(match: re.Match[str]) -> str:
    """
    A part of a code as codes are written: r3 is R-003.
    """
    if match["bare"]:
        return match["bare"]
    site = f"{int(match['site']):02d}-" if match["site"] else ""
    number = f"-{int(match['number']):03d}" if match["number"] else "-"
    return f"{site}{match['letter'].upper()}{number}"


_NONE = "-"
_PLACES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("verdict", (Verdict.ELIGIBLE, Verdict.NOT_ELIGIBLE, Verdict.INCOMPLETE)),
    ("stage", STAGES),
    ("kind", (Kind.RECIPIENT, Kind.DONOR)),
    ("group", (NEAR, SINGLE, OLDEST)),
)
_FORM = re.compile(r"([-0-9]{4})(--|[0-9]{2}):([0-9]{0,4}):([-0-9RD]{0,9}):([a-z0-9_]{0,40})", re.ASCII)


def encode(wanted: Filter, page: int = 0) -> str:
    """
    A filter and a page in few characters: a button carries 64 bytes.
    """
    chosen = "".join(
        _NONE if getattr(wanted, name) is None else str(values.index(getattr(wanted, name))) for name, values in _PLACES
    )
    site = "--" if wanted.site is None else f"{wanted.site:02d}"
    return f"{chosen}{site}:{page or ''}:{wanted.code or ''}:{wanted.missing or ''}"


def decode(text: str) -> tuple[Filter, int]:
    """
    What was encoded; no filter and the first page for anything else.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        return Filter(), 0
    found: dict[str, str] = {}
    for (name, values), character in zip(_PLACES, match[1], strict=True):
        if character != _NONE and int(character) < len(values):
            found[name] = str(values[int(character)])
    site = None if match[2] == "--" else int(match[2])
    return Filter(**found, site=site, code=match[4] or None, missing=match[5] or None), int(match[3] or 0)
