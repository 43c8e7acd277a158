"""
Statements that each kind of database words in its own way.
"""

from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")


class ForEach(dict[str, T]):
    """
    What is built of the words of each kind, by the name that its connections give: when it is asked for, as the words
    of the other kind would be loaded for nothing.
    """

    def __init__(self, build: Callable[[ModuleType], T]) -> None:
        super().__init__()
        self._build = build

    def __missing__(self, name: str) -> T:
        self[name] = built = self._build(import_module(f"sqlalchemy.dialects.{name}"))
        return built
