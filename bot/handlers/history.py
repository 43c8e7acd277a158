"""
What happened to a case.
"""

from bot.events import Command
from bot.handlers.cases import show_case
from bot.handlers.routes import command
from bot.turn import READERS, Reply, Turn


@command("history", READERS, rank=90)
async def on_history(turn: Turn, command: Command) -> Reply:
    """
    Show what happened to a case.
    """
    return await show_case(turn, command.argument, "history:0")
