"""
An axis of days: where a day stands on it, and which days are named.
"""

from datetime import date

from bot.rules.frozen import Frozen
from bot.rules.months import add_months

_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 600, 1200)
_MOST = 9


class Axis(Frozen):
    """
    From one day to a later one.
    """

    start: date
    end: date

    def at(self, day: date) -> float:
        """
        Where a day stands, from 0 to 1; what lies beyond an end stands on it.
        """
        share = (day - self.start).days / (self.end - self.start).days
        return round(min(max(share, 0.0), 1.0), 5)

    @property
    def ticks(self) -> list[dict[str, object]]:
        """
        The firsts of months, as many as there is room for.
        """
        months = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month
        step = next((one for one in _STEPS if months <= one * _MOST), _STEPS[-1])
        first = self.start.replace(day=1, month=1 if step >= _YEAR else self.start.month)
        days = [add_months(first, count * step) for count in range(months // step + 2)]
        shown = "{0:%Y}" if step >= _YEAR else "{0:%m/%Y}"
        return [{"at": self.at(day), "label": shown.format(day)} for day in days if self.start <= day <= self.end]


_YEAR = 12
