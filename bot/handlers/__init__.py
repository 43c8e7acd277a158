"""
One short function for each event: read, act, say. Who may cause which event is declared there and checked here.
"""

import pkgutil
from importlib import import_module

from bot.events import Command, Event, Typed
from bot.handlers.questions import what_stands
from bot.handlers.routes import COMMANDS, EVENTS
from bot.rules.items import BadValueError
from bot.screens import present
from bot.turn import READERS, Note, Reply, StaleError, Turn

for _topic in pkgutil.iter_modules(__path__, f"{__name__}."):
    import_module(_topic.name)


async def handle(turn: Turn, event: Event) -> Reply:
    """
    Find the route of an event, check the roles, and let its handler act. What is stale shows the present state.
    """
    is_command = isinstance(event, Command)
    route = COMMANDS.get(event.name) if isinstance(event, Command) else EVENTS[type(event)]
    if turn.member.person.accepted_at is None and (route is None or not route.is_for_newcomers):
        return Reply(await present(turn), fresh=is_command, tidy=isinstance(event, Command | Typed))
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
        note = await what_stands(turn, event)
        return Reply(await present(turn), note=note, toast="toast.stale", tidy=isinstance(event, Typed))
