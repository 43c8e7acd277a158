"""
The sites of a skin score as a picture: the body from the front and from the back, shaded by what was given.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from bot.texts import Words

_TEMPLATE = Path(__file__).parent / "templates" / "body.typ"
_PIXELS_PER_INCH = 72
"""Enough for a phone, and made within the time of a turn."""


def figure(scores: Mapping[str, object], words: Words) -> bytes:
    """
    The figure as PNG, with the scores given so far by site.
    """
    import typst  # noqa: PLC0415  a tenth of a second that only this needs

    labels = {key: words.plain(f"figure.{key}") for key in ("front", "back", "right", "left")}
    named = [words.plain(f"figure.score.{score}") for score in range(4)]
    made = typst.compile(
        str(_TEMPLATE),
        format="png",
        ppi=_PIXELS_PER_INCH,
        ignore_system_fonts=True,
        sys_inputs={
            "sites": json.dumps({site: int(str(score)) for site, score in scores.items()}),
            "words": json.dumps({**labels, "scores": named}),
        },
    )
    if not isinstance(made, bytes):
        raise TypeError("the figure is not one file")
    return made
