"""
One short function for each event: read, act, say. Who may cause which event is declared here and checked in one place.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot import taps
from bot.events import Command, Edited, Event, OldButton, Typed, Unreadable
from bot.handlers import answering, menus, moving, overview, reading, typed
from bot.rules.items import BadValueError
from bot.screens import present
from bot.turn import READERS, SCREENERS, StaleError, Turn
from bot.views import Note, Reply
from db.tables import PersonRole


@dataclass(frozen=True)
class Route:
    """
    The handler of an event, and the roles of which a person needs one.
    """

    handler: Callable[[Turn, Any], Awaitable[Reply]]
    roles: frozenset[PersonRole]


COMMANDS: dict[str, Route] = {
    "start": Route(menus.on_start, READERS),
    "help": Route(menus.on_help, READERS),
    "new": Route(menus.on_new_command, SCREENERS),
    "cases": Route(menus.on_cases, READERS),
    "resume": Route(reading.on_resume, SCREENERS),
    "status": Route(overview.on_status, READERS),
    "dashboard": Route(overview.on_board, READERS),
    "find": Route(overview.on_find, READERS),
    "why": Route(reading.on_why, READERS),
    "history": Route(reading.on_history, READERS),
    "whatif": Route(reading.on_what_if, READERS),
    "report": Route(reading.on_report_command, READERS),
    "language": Route(menus.on_language, READERS),
    "cancel": Route(moving.on_cancel, SCREENERS),
}

EVENTS: dict[type[Event], Route] = {
    Typed: Route(typed.on_typed, READERS),
    Edited: Route(menus.on_edited, READERS),
    Unreadable: Route(menus.on_unreadable, READERS),
    OldButton: Route(menus.on_old_button, READERS),
    taps.Answer: Route(answering.on_answer, SCREENERS),
    taps.Toggle: Route(answering.on_toggle, SCREENERS),
    taps.Done: Route(answering.on_done, SCREENERS),
    taps.Confirm: Route(answering.on_confirm, SCREENERS),
    taps.Go: Route(moving.on_go, READERS),
    taps.Open: Route(moving.on_open, READERS),
    taps.Read: Route(overview.on_read, READERS),
    taps.Report: Route(reading.on_report, READERS),
    taps.Pause: Route(moving.on_pause, READERS),
    taps.Finish: Route(moving.on_finish, SCREENERS),
    taps.Complete: Route(moving.on_complete, SCREENERS),
    taps.New: Route(menus.on_new, SCREENERS),
    taps.Menu: Route(menus.on_menu, READERS),
    taps.SetLanguage: Route(menus.on_set_language, READERS),
}


async def handle(turn: Turn, event: Event) -> Reply:
    """
    Find the route of an event, check the roles, and let its handler act. What is stale shows the present state.
    """
    is_command = isinstance(event, Command)
    route = COMMANDS.get(event.name) if isinstance(event, Command) else EVENTS[type(event)]
    if route is None:
        return Reply(await present(turn), note=Note("note.unknown_command"), fresh=True, tidy=True)
    if not turn.member.roles & route.roles:
        return Reply(await present(turn), note=Note("note.not_allowed"), toast="toast.not_allowed", fresh=is_command)
    turn.roles = route.roles
    try:
        return await route.handler(turn, event)
    except (StaleError, BadValueError):
        # A value that its item does not take can only come from a button that nobody was shown.
        turn.roles = READERS
        return Reply(await present(turn), toast="toast.stale")
