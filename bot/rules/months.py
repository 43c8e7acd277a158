"""
Calendar months, the day clamped to the month's length: 31 August less six months is the last day of February.
"""

from calendar import monthrange
from datetime import date


def add_months(day: date, months: int) -> date:
    """
    The same day `months` later, or earlier if negative.

    Raises OverflowError outside the calendar's years 1 to 9999.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:  # noqa: PLR2004  the calendar's own ends
        raise OverflowError(f"{months} months from {day} is outside the calendar")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
