"""
Templates set with data: accessible and archivable PDF (PDF/UA-1 and PDF/A-2a), or pictures.
"""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import typst

_TEMPLATES = Path(__file__).parent / "templates"
_STANDARDS = ["ua-1", "a-2a"]
_PIXELS_PER_INCH = 180
_UNSHOWN = re.compile(r"the text `\"(.)\"` could not be displayed", re.DOTALL)
_STAND_IN = "□"


def pdf(template: str, data: Mapping[str, Any], *, made: datetime) -> bytes:
    """
    A template as PDF.
    """
    standards = partial(
        _compiled,
        template,
        format="pdf",
        pdf_standards=_STANDARDS,
        timestamp=made.astimezone(UTC).replace(microsecond=0),
    )
    return _visible(standards, _dated(data, made))


def fitting(template: str, data: Mapping[str, Any], *, sizes: Sequence[float], pages: int, made: datetime) -> bytes:
    """
    A template as PDF, in the largest of these sizes of type with which it has at most so many pages; the smallest where
    none does. The template labels its number of pages.
    """
    for size in sizes:
        sized = {**data, "size": size}
        if size == sizes[-1] or _pages(template, _dated(sized, made)) <= pages:
            return pdf(template, sized, made=made)
    raise ValueError("there is no size")


def _pages(template: str, data: Mapping[str, Any]) -> int:
    def counted(text: str) -> bytes:
        found: str = typst.query(
            str(_TEMPLATES / f"{template}.typ"),
            "<pages>",
            field="value",
            one=True,
            root=str(_TEMPLATES),
            ignore_system_fonts=True,
            sys_inputs={"data": text},
        )
        return found.encode()

    return int(_visible(counted, data))


def _dated(data: Mapping[str, Any], made: datetime) -> dict[str, Any]:
    return {**data, "made": [made.year, made.month, made.day, made.hour, made.minute]}


def png(template: str, data: Mapping[str, Any]) -> bytes:
    """
    A template of one page as a picture.
    """
    return _visible(partial(_compiled, template, format="png", ppi=_PIXELS_PER_INCH), data)


def _compiled(template: str, text: str, **options: Any) -> bytes:  # noqa: ANN401  the library's own options
    made = typst.compile(
        str(_TEMPLATES / f"{template}.typ"),
        root=str(_TEMPLATES),
        ignore_system_fonts=True,
        sys_inputs={"data": text},
        **options,
    )
    if not isinstance(made, bytes):
        raise TypeError(f"{template} is not one file")
    return made


def _visible(compiled: Any, data: Mapping[str, Any]) -> bytes:  # noqa: ANN401  as above
    """
    What somebody typed may hold signs that no font here has: a box stands for them, so that the paper is made all the
    same.
    """
    text = json.dumps(_clean(data), ensure_ascii=False)
    while True:
        try:
            return compiled(text)  # type: ignore[no-any-return]
        except typst.TypstError as error:
            unshown = _UNSHOWN.search(str(error))
            if unshown is None or unshown[1] not in text:
                raise
            text = text.replace(unshown[1], _STAND_IN)


def _clean(value: Any) -> Any:  # noqa: ANN401  any JSON
    """
    Without signs that are no text: control characters, emoji and what varies them.
    """
    match value:
        case str():
            kept = (sign for sign in value if sign == "\n" or not _is_no_text(sign))
            return re.sub(" {2,}", " ", "".join(kept).replace("\ufe0f", ""))
        case dict():
            return {key: _clean(one) for key, one in value.items()}
        case list() | tuple():
            return [_clean(one) for one in value]
    return value


_NO_TEXT = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_PICTURES = 0x2000
"""From here on, what is a symbol by its category is a picture; before, it is such as the sign of degrees."""


def _is_no_text(sign: str) -> bool:
    category = unicodedata.category(sign)
    return category in _NO_TEXT or (category == "So" and ord(sign) >= _PICTURES and sign != _STAND_IN)
