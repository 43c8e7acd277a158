"""
The open queries of all cases.
"""

from bot.handlers.routes import shows
from bot.screens.queries import QueriesScreen
from bot.turn import READERS

shows("queries", READERS, QueriesScreen(), rank=65)
