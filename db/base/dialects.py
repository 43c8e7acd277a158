"""
Statements that each kind of database words in its own way.
"""

from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")


class _ForEach(dict[str, T]):
    """
    Built once it is asked for: only the words of the database in use are loaded.
    """

    def __init__(self, build: Callable[[ModuleType], T]) -> None:
        super().__init__()
        self._build = build

    def __missing__(self, name: str) -> T:
        self[name] = built = self._build(import_module(f"sqlalchemy.dialects.{name}"))
        return built


def for_each(build: Callable[[ModuleType], T]) -> dict[str, T]:
    """
    What is built of the words of each, by the name that its connections give.
    """
    return _ForEach(build)
