"""
Items answered with a calendar day.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from bot.rules.expressions import MonthsBefore, MonthsPassed
from bot.rules.items.base import BadValueError, Item, Raw
from bot.rules.months import add_months
from bot.rules.values import MonthEnd, Value

EARLIEST_DAY = date(1900, 1, 1)
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ISO_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


@dataclass(frozen=True, eq=False, kw_only=True)
class Date(Item):
    """
    A calendar day, not in the future. That needs to know today, so `check_past` is a step of its own.

    Where so many `wait_months` are all that the protocol makes of the day, the month does for it once they are over for
    its last day.
    """

    wait_months: int | None = None

    def read(self, raw: Raw) -> date:
        """
        As Item.read.
        """
        if not isinstance(raw, str):
            raise BadValueError(self, "type")
        value = self._month(raw) or self._day(raw)
        if value < EARLIEST_DAY:
            raise BadValueError(self, "range")
        return value

    def _day(self, raw: str) -> date:
        if not ISO_DAY.fullmatch(raw):
            raise BadValueError(self, "type")
        try:
            return date.fromisoformat(raw)
        except ValueError:
            raise BadValueError(self, "type") from None

    def _month(self, raw: str) -> date | None:
        match = _ISO_MONTH.fullmatch(raw)
        if match is None:
            return None
        if self.wait_months is None:
            raise BadValueError(self, "type")
        year, month = int(match[1]), int(match[2])
        try:
            return MonthEnd(year, month, monthrange(year, month)[1])
        except ValueError:
            raise BadValueError(self, "type") from None

    def check_past(self, value: Value, as_of: date) -> None:
        """
        Raises BadValueError for a day after the assessment, and for a month of which the day matters.
        """
        if not isinstance(value, date):
            return
        if isinstance(value, MonthEnd):
            if value.replace(day=1) > as_of:
                raise BadValueError(self, "future")
            if self.wait_months is not None and add_months(value, self.wait_months) > as_of:
                raise BadValueError(self, "day")
        elif value > as_of:
            raise BadValueError(self, "future")

    def months_passed(self, months: int) -> MonthsPassed:
        """
        So many months have passed since.
        """
        return MonthsPassed(self, months)

    def months_before(self, *, earliest: int, latest: int) -> MonthsBefore:
        """
        From `earliest` to `latest` months before the day of the assessment, both ends in.
        """
        return MonthsBefore(self, earliest, latest)
