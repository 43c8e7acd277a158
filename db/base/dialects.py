"""
Statements that each kind of database words in its own way.
"""

from collections.abc import Callable
from types import ModuleType
from typing import TypeVar

from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")


def for_each(build: Callable[[ModuleType], T]) -> dict[str, T]:
    """
    What is built of the words of each, by the name that its connections give.
    """
    return {"sqlite": build(sqlite), "postgresql": build(postgresql)}
