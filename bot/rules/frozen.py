"""
Values that never change.
"""

from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields
from typing import Any, ClassVar, NoReturn, dataclass_transform


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Frozen:
    """
    What every class derived from this is: a frozen dataclass, without being marked as one. (Marked too, it is none.)

    Of a class that is marked Python writes and compiles six methods, which takes half a millisecond. They differ only
    in the names of the fields, and stand here once: for two hundred classes that is a tenth of a start, and 2 MiB.
    """

    __match_args__: ClassVar[tuple[str, ...]] = ()
    _names: ClassVar[tuple[str, ...]] = ()
    _known: ClassVar[frozenset[str]] = frozenset()
    _defaults: ClassVar[dict[str, Any]] = {}
    _factories: ClassVar[dict[str, Callable[[], Any]]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        declared = fields(dataclass(init=False, repr=False, eq=False)(cls))  # type: ignore[arg-type]  # it is one now
        cls._names = tuple(one.name for one in declared)
        cls._known = frozenset(cls._names)
        cls._defaults = {one.name: one.default for one in declared if one.default is not MISSING}
        cls._factories = {one.name: one.default_factory for one in declared if one.default_factory is not MISSING}

    def __init__(self, *given: object, **named: object) -> None:
        values = self.__dict__
        values |= self._defaults
        for name, make in self._factories.items():
            values[name] = make()
        values.update(zip(self.__match_args__, given, strict=False), **named)
        is_twice = bool(named) and not named.keys().isdisjoint(self.__match_args__[: len(given)])
        if is_twice or len(given) > len(self.__match_args__) or values.keys() != self._known:
            raise TypeError(f"{type(self).__name__} is made of: {', '.join(self._names)}")

    def __eq__(self, other: object) -> bool:
        return self._values == other._values if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._values)

    @property
    def _values(self) -> tuple[object, ...]:
        return tuple(map(self.__dict__.__getitem__, self._names))

    def __repr__(self) -> str:
        shown = (one.name for one in fields(self) if one.repr)  # type: ignore[arg-type]  # as above
        return f"{type(self).__qualname__}({', '.join(f'{name}={self.__dict__[name]!r}' for name in shown)})"

    def __setattr__(self, name: str, _: object) -> NoReturn:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise FrozenInstanceError(f"cannot delete field {name!r}")
