"""
What every screen is: outside any case, or about the one in focus.
"""

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar, Generic, TypeVar

from bot.coded import Screen
from bot.rules.frozen import Frozen
from bot.turn import Turn, View
from db.cases.records import Record

S = TypeVar("S")
T = TypeVar("T")


class MenuScreen(Screen):
    """
    A screen outside any case. Where it shows nothing, another one stands in its place, known by its code.
    """

    otherwise: ClassVar[str] = "home"

    @abstractmethod
    async def find(self, turn: Turn) -> View | None:
        """
        What it shows now; None where it is not for this person, or no longer so.
        """


class CaseScreen(Screen):
    """
    A screen about the case in focus. Where it shows nothing, another one stands in its place, known by its code.
    """

    otherwise: ClassVar[str] = "summary"

    @abstractmethod
    async def find(self, turn: Turn, record: Record) -> View | None:
        """
        As MenuScreen.find.
        """


class Page(Frozen, Generic[T]):
    """
    A page of a list: the first has number 0. `has_more` where another one follows.
    """

    items: Sequence[T]
    number: int = 0
    has_more: bool = False

    @classmethod
    def of(cls, found: Sequence[T], number: int, size: int) -> "Page[T]":
        """
        A page of all that was found.
        """
        first = number * size
        return cls(found[first : first + size], number, len(found) > first + size)

    def showing(self, items: Sequence[S]) -> "Page[S]":
        """
        The same page with something made of each of its items.
        """
        return Page(items, self.number, self.has_more)


async def page_of(number: int, size: int, find: Callable[..., Awaitable[Sequence[T]]]) -> Page[T]:
    """
    A page of what `find` finds with a `limit` and an `offset`.
    """
    found = await find(limit=size + 1, offset=number * size)
    return Page(found[:size], number, len(found) > size)
