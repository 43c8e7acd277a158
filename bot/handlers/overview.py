"""
Events about all cases at once: the dashboard, and looking for cases.
"""

from bot.events import Command
from bot.handlers.cases import on_code
from bot.handlers.routes import command, reads
from bot.screens import present
from bot.screens.overview import Found
from bot.turn import READERS, Note, Reply, Turn
from bot.typed import search
from bot.typed.codes import code_in
from db.cases.overview import Filter


@command("dashboard", READERS, rank=50)
async def on_board(turn: Turn, _: Command) -> Reply:
    """
    Show the dashboard.
    """
    turn.show("board")
    return Reply(await present(turn), fresh=True, tidy=True)


@command("find", READERS, rank=60)
async def on_find(turn: Turn, command: Command) -> Reply:
    """
    List the cases that these words describe. A whole code is the case itself.
    """
    if code_in(command.argument):
        return await on_code(turn, command.argument, "summary")
    return await _look_for(turn, command.argument, Filter(), fresh=True)


@reads(Found)
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
