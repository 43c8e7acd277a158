"""
Which handler an event has, and who may cause it: declared beside the handler, gathered here.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from bot.coded import Screen
from bot.events import Command, Event
from bot.rules.frozen import Frozen
from bot.turn import Reply, Turn, View
from db.base.tables import PersonRole

E = TypeVar("E", bound=Event)
V = TypeVar("V", bound=View)

Handler = Callable[[Turn, E], Awaitable[Reply]]
Reader = Callable[[Turn, V, str], Awaitable[Reply]]


class Route(Frozen):
    """
    The handler of an event, and the roles of which a person needs one. `rank` is a command's place in the menu, None
    for one that is not in it; `is_for_newcomers` where the event comes before the privacy note is accepted.
    """

    handler: Handler[Any]
    roles: frozenset[PersonRole]
    rank: int | None = None
    is_for_newcomers: bool = False


COMMANDS: dict[str, Route] = {}
EVENTS: dict[type[Event], Route] = {}
READERS_OF: dict[type[View], Reader[Any]] = {}
"""Who reads what is typed while this is on the card. Each sees to it that the person may."""


def command(
    name: str, roles: frozenset[PersonRole], *, rank: int | None
) -> Callable[[Handler[Command]], Handler[Command]]:
    """
    Declare the handler of a command. The catalogues say under menu.NAME what it does; `rank` is its place in the menu.
    """

    def declare(handler: Handler[Command]) -> Handler[Command]:
        _declare(COMMANDS, name, Route(handler, roles, rank))
        return handler

    return declare


def shows(name: str, roles: frozenset[PersonRole], screen: Screen, *, rank: int) -> None:
    """
    Declare a command that does nothing but show a screen outside any case.
    """

    async def show(turn: Turn, _: Command) -> Reply:
        return turn.show(screen, await turn.focus() if screen.keeps_case else None)

    command(name, roles, rank=rank)(show)


def on(
    event: type[E], roles: frozenset[PersonRole], *, is_for_newcomers: bool = False
) -> Callable[[Handler[E]], Handler[E]]:
    """
    Declare the handler of a kind of tap, or of another event.
    """

    def declare(handler: Handler[E]) -> Handler[E]:
        _declare(EVENTS, event, Route(handler, roles, is_for_newcomers=is_for_newcomers))
        return handler

    return declare


def reads(view: type[V]) -> Callable[[Reader[V]], Reader[V]]:
    """
    Declare who reads what is typed while a kind of view is on the card.
    """

    def declare(reader: Reader[V]) -> Reader[V]:
        _declare(READERS_OF, view, reader)
        return reader

    return declare


def _declare(table: dict[Any, Any], key: object, value: object) -> None:
    if key in table:
        raise ValueError(f"{key} is declared twice")
    table[key] = value


def menu() -> dict[str, frozenset[PersonRole]]:
    """
    The commands that are offered, in order, with the roles of which each needs one.
    """
    offered = [(route.rank, name, route.roles) for name, route in COMMANDS.items() if route.rank is not None]
    return {name: roles for _, name, roles in sorted(offered, key=lambda one: one[:2])}
