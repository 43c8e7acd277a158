"""
Typed values as short texts, such as `visit:3:done`: a code, and after colons what the value is about. What a button
carries and what a chat shows are written and read here alone.
"""

import re
from datetime import date
from functools import cache
from typing import Any, ClassVar, Self

from msgspec import NODEFAULT
from msgspec.structs import FieldInfo, fields, replace

from bot.rules.frozen import Frozen


class Coded(Frozen):
    """
    A value of a family in which each class has its code. Fields are numbers, words, days that may be None, or other
    such values. Those at the end that are as by default are not written; the last one may hold colons.
    """

    code: ClassVar[str]
    known: ClassVar[dict[str, Any]]
    """The classes of the family by their code."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "code" in vars(cls) and cls.known.setdefault(cls.code, cls) is not cls:
            raise ValueError(f"{cls.__name__} has the code of another one")

    @property
    def text(self) -> str:
        """
        The value as text.
        """
        about = self._about()
        return f"{self.code}:{about}" if about else self.code

    def _about(self) -> str:
        values = [(getattr(self, field.name), field.default) for field in _fields(type(self))]
        while values and values[-1][0] == values[-1][1]:
            values.pop()
        return ":".join(_written(value) for value, _ in values)

    @classmethod
    def read(cls, text: str) -> Self | None:
        """
        The value of this family that a text stands for; None where it stands for none.
        """
        code, _, about = text.partition(":")
        try:
            return cls.known[code]._of(about)  # type: ignore[no-any-return]  # noqa: SLF001  its own
        except (KeyError, ValueError):
            return None

    @classmethod
    def _of(cls, about: str) -> Self:
        """
        The value of this class that is about that. Raises ValueError.
        """
        declared = _fields(cls)
        parts = about.split(":", len(declared) - 1) if about and declared else []
        if any(field.default is NODEFAULT for field in declared[len(parts) :]):
            raise ValueError("not all is said")
        return cls(*(_read(field.type, part, field.default) for field, part in zip(declared, parts, strict=False)))


class Screen(Coded):
    """
    What a chat shows, as its row holds it, or what a button leads to. `keeps_case` where one returns from it to the
    case in focus; `is_under_way` where something is begun on it that can be cancelled. `unconfirmed` are the fields
    that hold what was given on it, a day or words, until it is confirmed.
    """

    known: ClassVar[dict[str, Any]] = {}
    keeps_case: ClassVar[bool] = False
    is_under_way: ClassVar[bool] = False
    unconfirmed: ClassVar[tuple[str, ...]] = ()

    @property
    def is_typed(self) -> bool:
        """
        Whether it holds words that somebody typed: no button leads to it, as they would not have been looked at.
        """
        return any(isinstance(given := getattr(self, name), str) and given for name in self.unconfirmed)

    @property
    def holds_unconfirmed(self) -> bool:
        """
        Whether something that somebody gave, and has not confirmed, is lost with it: words, or a day.
        """
        return self.is_typed or getattr(self, "day", None) is not None

    def afresh(self) -> Self:
        """
        The same without what was given on it.
        """
        return replace(self, **{one: "" if isinstance(getattr(self, one), str) else None for one in self.unconfirmed})


@cache
def _fields(kind: type[Coded]) -> tuple[FieldInfo, ...]:
    return fields(kind)


def _written(value: object) -> str:
    if isinstance(value, Coded):
        return value.text
    return "" if value is None else str(value)


def _read(kind: Any, part: str, default: object) -> object:  # noqa: ANN401  a field's type
    if kind is str:
        return part
    if not part and kind == date | None:
        return None
    if not part and default is not NODEFAULT:
        return default
    if kind is int:
        if not re.fullmatch(r"[0-9]{1,9}", part):
            raise ValueError("no plain number")
        return int(part)
    if kind in {date, date | None}:
        return date.fromisoformat(part)
    if (found := kind.read(part)) is None:
        raise ValueError("stands for nothing")
    return found
