"""
What happened to a case.
"""

from bot.events import Command
from bot.handlers.cases import meant
from bot.handlers.routes import command
from bot.screens.history import HistoryScreen
from bot.turn import READERS, Reply, Turn


@command("history", READERS, rank=90)
async def on_history(turn: Turn, command: Command) -> Reply:
    """
    Show what happened to a case.
    """
    return turn.show(HistoryScreen(), await meant(turn, command.argument))
