"""
Events that show a case as a whole.
"""

from bot.events import Command
from bot.handlers.cases import named
from bot.handlers.routes import command
from bot.screens.overview import BoardScreen
from bot.screens.summary import SummaryScreen
from bot.turn import READERS, Reply, Turn


@command("status", READERS, rank=40)
async def on_status(turn: Turn, command: Command) -> Reply:
    """
    Show the summary of the case named; where none is, the dashboard.
    """
    if not command.argument:
        return turn.show(BoardScreen())
    return turn.show(SummaryScreen(), await named(turn, command.argument))
