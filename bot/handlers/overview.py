"""
Events about all cases at once: the dashboard, and looking for cases.
"""

from bot import taps
from bot.events import Command
from bot.handlers.reading import code_in, on_code
from bot.screens import present
from bot.turn import StaleError, Turn
from bot.typed import search
from bot.views import Note, Reply
from bot.views.overview import Found
from db.cases import cases
from db.cases.overview import Filter


async def on_board(turn: Turn, _: Command) -> Reply:
    """
    Show the dashboard.
    """
    turn.show("board")
    return Reply(await present(turn), fresh=True, tidy=True)


async def on_status(turn: Turn, command: Command) -> Reply:
    """
    Show the summary of the case named; where none is, the dashboard.
    """
    return await on_code(turn, command.argument, "summary") if command.argument else await on_board(turn, command)


async def on_find(turn: Turn, command: Command) -> Reply:
    """
    List the cases that these words describe. A whole code is the case itself.
    """
    if code_in(command.argument):
        return await on_code(turn, command.argument, "summary")
    return await _look_for(turn, command.argument, Filter(), fresh=True)


async def on_words(turn: Turn, view: Found, text: str) -> Reply:
    """
    Take the cases shown further by words typed below them.
    """
    return await _look_for(turn, text, view.wanted, fresh=False)


async def _look_for(turn: Turn, text: str, wanted: Filter, *, fresh: bool) -> Reply:
    note = None
    try:
        wanted = search.read_words(text, wanted)
    except search.UnknownWordError as unknown:
        wanted, note = unknown.wanted, Note("note.unknown_word", name=", ".join(unknown.named))
    turn.show(f"find:{search.encode(wanted)}")
    return Reply(await present(turn), note=note, fresh=fresh, tidy=True)


async def on_read(turn: Turn, tap: taps.Read) -> Reply:
    """
    Show the summary of a case from a list.
    """
    case = await cases.by_id(turn.session, case_id=tap.case, sites=turn.sites)
    if case is None:
        raise StaleError
    turn.show("summary", case)
    return Reply(await present(turn))
