"""
The open queries of all cases.
"""

from bot.events import Command
from bot.handlers.routes import command
from bot.screens.queries import QueriesScreen
from bot.turn import READERS, Reply, Turn


@command("queries", READERS, rank=65)
async def on_queries(turn: Turn, _: Command) -> Reply:
    """
    List them, the oldest first.
    """
    return turn.show(QueriesScreen())
