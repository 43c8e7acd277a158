"""
The day and source of what was stored last.
"""

from bot.screens.screening import ScreeningScreen
from bot.screens.stored import Stored, stored_last
from bot.turn import Turn, View, asked
from db.cases.records import Record


class Dating(View):
    """
    The day and source of what was stored last, to be chosen or typed.
    """

    record: Record
    stored: Stored

    @property
    def asks(self) -> str:
        return asked(self.record.case, "day")


class DayScreen(ScreeningScreen):
    """
    The day and source of what was stored last.
    """

    code = "day"

    def step(self, turn: Turn, record: Record) -> View | None:
        stored = stored_last(turn, record)
        return Dating(record, stored) if stored is not None and stored.can_be_dated else None
