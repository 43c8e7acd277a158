"""
The study's targets, inclusion period and visit windows. Being past or outside them is said, and blocks nothing.
"""

from datetime import date, timedelta

from bot.rules.frozen import Frozen
from bot.rules.months import add_months
from bot.rules.schedule import WINDOW_DAYS
from bot.rules.v1 import study


class Study(Frozen):
    """
    How many recipients and donors are wanted, from which day for how many months they are included, and how many days
    before and after its due day a follow-up visit is in time.
    """

    recipients: int = study.RECIPIENTS
    donors: int = study.DONORS
    starts: date = study.INCLUSION_STARTS
    months: int = study.INCLUSION_MONTHS
    window: int = WINDOW_DAYS

    @property
    def last_day(self) -> date:
        """
        The last day of the inclusion period.
        """
        return add_months(self.starts, self.months) - timedelta(days=1)

    def is_open(self, day: date) -> bool:
        """
        Whether a day lies in the inclusion period.
        """
        return self.starts <= day <= self.last_day
