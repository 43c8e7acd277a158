"""
Events about all cases at once: the dashboard, and looking for cases.
"""

from bot.events import Command
from bot.handlers.cases import named
from bot.handlers.routes import command, reads, shows
from bot.screens.overview import BoardScreen, FindScreen, FoundCases
from bot.screens.summary import SummaryScreen
from bot.turn import READERS, Note, Reply, Turn
from bot.typed import search
from bot.typed.codes import code_in
from db.cases.overview import Filter

shows("dashboard", READERS, BoardScreen(), rank=50)


@command("find", READERS, rank=60)
async def on_find(turn: Turn, command: Command) -> Reply:
    """
    List the cases that these words describe. A whole code is the case itself.
    """
    if code_in(command.argument):
        return turn.show(SummaryScreen(), await named(turn, command.argument))
    return _look_for(turn, command.argument, Filter())


@reads(FoundCases)
async def on_words(turn: Turn, view: FoundCases, text: str) -> Reply:
    """
    Take the cases shown further by words typed below them.
    """
    return _look_for(turn, text, view.wanted)


def _look_for(turn: Turn, text: str, wanted: Filter) -> Reply:
    note = None
    try:
        wanted = search.read_words(text, wanted)
    except search.UnknownWordError as unknown:
        key = "note.words_exclude" if unknown.excludes else "note.unknown_word"
        wanted, note = unknown.wanted, Note(key, name=", ".join(unknown.named))
    return turn.show(FindScreen(wanted), note=note)
