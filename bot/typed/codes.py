"""
The codes of cases, as people type them.
"""

import re

_CODE = re.compile(r"\s*(\d{1,2})\s*-?\s*([RD])\s*-?\s*(\d{1,4})\s*", re.ASCII | re.IGNORECASE)
_BEGINS_WITH_CODE = re.compile(rf"{_CODE.pattern}(?!\S)", re.ASCII | re.IGNORECASE)


def code_in(text: str) -> str | None:
    """
    The case code that a text is, in any case and with or without zeros: 1-r-3 is 01-R-003.
    """
    match = _CODE.fullmatch(text)
    return f"{int(match[1]):02d}-{match[2].upper()}-{int(match[3]):03d}" if match else None


def code_and_rest(text: str) -> tuple[str, str]:
    """
    The code with which a text begins, empty where there is none, and what follows.
    """
    match = _BEGINS_WITH_CODE.match(text)
    return (match[0].strip(), text[match.end() :].strip()) if match else ("", text.strip())
