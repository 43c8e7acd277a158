"""
One short function for each event: read, act, say. Who may cause which event is declared there and checked here.
"""

import pkgutil
from importlib import import_module

from msgspec.structs import replace

from bot.events import Command, Event, Typed
from bot.handlers.questions import what_stands
from bot.handlers.routes import COMMANDS, EVENTS, Route
from bot.handlers.waiting import left_behind, overtaken
from bot.rules.items import BadValueError
from bot.screens import present
from bot.turn import READERS, Note, RefusedError, Reply, Said, StaleError, Turn
from bot.typed import drafts

for _topic in pkgutil.iter_modules(__path__, f"{__name__}."):
    import_module(_topic.name)


async def handle(turn: Turn, event: Event) -> Said:
    """
    Let an event's handler act, and find what the chat then shows.
    """
    before, draft = turn.screen, drafts.on_card(turn.chat.draft, turn.chat.card_for)
    reply = await _reply(turn, event)
    await present(turn)
    lost = overtaken(turn, before)
    if lost is not None and reply.note is not None and lost.item is not None and reply.note.item is lost.item:
        reply = replace(reply, note=None)  # it says less of the same
    view = await present(turn)
    left = lost or await left_behind(turn, event, before, draft, view)
    fresh = isinstance(event, Command) if reply.fresh is None else reply.fresh
    tidy = isinstance(event, Command | Typed) if reply.tidy is None else reply.tidy
    return Said(view, replace(reply, fresh=fresh, tidy=tidy, left=left))


async def _reply(turn: Turn, event: Event) -> Reply:
    """
    Find the route of an event, check the roles, and let its handler act.
    """
    route = COMMANDS.get(event.name) if isinstance(event, Command) else EVENTS[type(event)]
    if turn.member.person.accepted_at is None and (route is None or not route.is_for_newcomers):
        return Reply()
    if route is None:
        return Reply(Note("note.unknown_command"))
    if not turn.member.roles & route.roles:
        return Reply(Note("note.not_allowed"), "note.not_allowed", tidy=False)
    return await _acted(turn, route, event)


async def _acted(turn: Turn, route: Route, event: Event) -> Reply:
    """
    What a handler says; what is refused shows why, and what is stale the present state.
    """
    turn.roles = route.roles
    try:
        return await route.handler(turn, event)
    except RefusedError as refused:
        if refused.screen is None:
            return Reply(refused.note)
        return turn.show(refused.screen, note=refused.note, fresh=True)
    except (StaleError, BadValueError):
        # A value that its item does not take can only come from a button that nobody was shown.
        turn.roles, turn.known, turn.found = READERS, None, None
        note = await what_stands(turn, event)
        return Reply(note, "toast.stale", fresh=False, tidy=isinstance(event, Typed))
