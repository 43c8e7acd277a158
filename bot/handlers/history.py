"""
What happened to a case.
"""

from bot.handlers.cases import shows_case
from bot.screens.history import HistoryScreen
from bot.turn import READERS

shows_case("history", READERS, HistoryScreen(), rank=90)
