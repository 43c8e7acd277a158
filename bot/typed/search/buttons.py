"""
A filter and a page as the few characters a button carries, and back.
"""

import re

from bot.rules.assessment import Verdict
from bot.rules.protocol import Kind
from db.cases.overview import GROUPS, NEAR, OLDEST, SINGLE, STAGES, Filter

_FIRST_GROUPS = (NEAR, SINGLE, OLDEST)
"""Those that buttons on screens may carry by their place."""

_NONE = "-"
_PLACES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("verdict", (Verdict.ELIGIBLE, Verdict.NOT_ELIGIBLE, Verdict.INCOMPLETE)),
    ("stage", STAGES),
    ("kind", (Kind.RECIPIENT, Kind.DONOR)),
    ("group", (*_FIRST_GROUPS, *(group for group in GROUPS if group not in _FIRST_GROUPS))),
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
