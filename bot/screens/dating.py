"""
The day and source of what was stored last.
"""

from bot.screens.screening import ScreeningScreen
from bot.screens.stored import Stored, stored_last
from bot.turn import Turn, View, asked
from bot.typed import drafts
from db.cases.records import Record


class Dating(View):
    """
    The day and source of what was stored last, to be chosen or typed; and the words `said` for its source, if they are
    to be confirmed: of a list they are said of all results at once.
    """

    record: Record
    stored: Stored
    said: str = ""

    @property
    def asks(self) -> str:
        return asked(self.record.case, f"day {drafts.digest(self.said)}")


class DayScreen(ScreeningScreen):
    """
    The day and source of what was stored last.
    """

    code = "day"
    unconfirmed = ("said",)
    said: str = ""

    def step(self, turn: Turn, record: Record) -> View | None:
        stored = stored_last(turn, record)
        return Dating(record, stored, self.said) if stored is not None and stored.can_be_dated else None
