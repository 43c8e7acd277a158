"""
Answers as JSON text, the form in which they are filed and stored. Numbers are Decimal on the way in and exact on the
way out.
"""

import json
from decimal import Decimal, InvalidOperation

_DIGITS = 30


def loads(text: str | bytes) -> object:
    """
    Read JSON. Raises ValueError for what is not JSON, for a key that stands twice in an object, and for a number that
    is beyond all measure.
    """
    try:
        return _READER.decode(text if isinstance(text, str) else text.decode("utf-8-sig"))
    except (InvalidOperation, RecursionError):
        raise ValueError("beyond all measure") from None


def dumps(value: object) -> str:
    """
    Write what `loads` reads, numbers digit by digit.
    """
    match value:
        case Decimal():
            return format(value, "f") if abs(value.adjusted()) < _DIGITS else str(value)
        case dict():
            return "{" + ", ".join(f"{json.dumps(key)}: {dumps(one)}" for key, one in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(dumps, value)) + "]"
        case _:
            return json.dumps(value, ensure_ascii=False)


def _refuse(name: str) -> object:
    raise ValueError(f"{name} is no number")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


_READER = json.JSONDecoder(parse_float=Decimal, parse_int=Decimal, parse_constant=_refuse, object_pairs_hook=_unique)
