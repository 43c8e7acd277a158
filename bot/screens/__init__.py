"""
What a chat shows: a function of what is stored, so that any replica can show it at any time.

A chat's `screen` is a name, and after a colon what the screen is about. Outside any case:

    home, help, language, new, cases:PAGE
    board, find:FILTER:PAGE...                     all cases at a glance, and those looked for (see bot.search)

About the case in focus:

    ask                                            the next question, or what stands in its place
    item:KEY, change:KEY:REASON                    one item asked again
    await:KEY                                      an awaited item asked again, then the next one
    why:KEY:SCREEN, reason:KEY                     about one item; SCREEN is where Why? was asked
    edit, edit:SECTION, changed                    the answers
    summary, details                               the case as a whole
    criteria, tree:ID, history:PAGE                why, and what happened
    whatif:VALUES                                  the case with other values, as JSON
"""

from collections.abc import Awaitable, Callable

from bot.screens import menus, overview, reading
from bot.screens.screening import question, screening
from bot.turn import Turn
from bot.views import View
from db.records import Record

__all__ = ["ABOUT", "MENUS", "present", "question"]

MENUS: dict[str, Callable[[Turn, str], Awaitable[View]]] = {
    "home": menus.home,
    "help": menus.help_,
    "language": menus.language,
    "new": menus.new,
    "cases": menus.case_list,
    "board": overview.board,
    "find": overview.find,
}
"""Screens outside any case."""

KEEPING = frozenset({"help", "language"})
"""Those of them from which one returns to the case in focus."""

ABOUT: dict[str, Callable[[Turn, Record, str], Awaitable[View | None]]] = {
    "summary": reading.summary,
    "details": reading.details,
    "criteria": reading.criteria,
    "tree": reading.tree,
    "history": reading.past,
    "whatif": reading.what_if,
}
"""Screens about a case that are not its screening. None: not for this person, or no longer so."""


async def present(turn: Turn, record: Record | None = None) -> View:
    """
    The view of the chat's screen now. `record` spares reading the case in focus again.
    """
    name, _, rest = turn.chat.screen.partition(":")
    if name not in KEEPING:
        if record is None and (case := await turn.focus()) is not None:
            record = await turn.record(case)
        if record is not None:
            return await _about(turn, record, name, rest)
    return await MENUS.get(name, menus.home)(turn, rest)


async def _about(turn: Turn, record: Record, name: str, rest: str) -> View:
    view: View | None = None
    if name in ABOUT:
        view = await ABOUT[name](turn, record, rest)
    elif turn.may_screen(record.case.site_id):
        view = screening(turn, record, name, rest)
    return view or await reading.summary(turn, record)
