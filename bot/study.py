"""
The study's targets and inclusion period. Being past or outside them is said, and blocks nothing.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from bot.rules.months import add_months
from bot.rules.v1 import study


@dataclass(frozen=True)
class Study:
    """
    How many recipients and donors are wanted, and from which day for how many months they are included.
    """

    recipients: int = study.RECIPIENTS
    donors: int = study.DONORS
    starts: date = study.INCLUSION_STARTS
    months: int = study.INCLUSION_MONTHS

    @property
    def ends(self) -> date:
        """
        The first day after the inclusion period.
        """
        return add_months(self.starts, self.months)

    @property
    def last_day(self) -> date:
        """
        The last day of the inclusion period.
        """
        return self.ends - timedelta(days=1)

    def is_open(self, day: date) -> bool:
        """
        Whether a day lies in the inclusion period.
        """
        return self.starts <= day < self.ends
