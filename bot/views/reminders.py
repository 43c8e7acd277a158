"""
What there is to show of reminders.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.views import View
from db.base.tables import Case, Reminder
from db.follow_up.due import Due

PAGE = 8
"""How many of a list are shown at once."""


@dataclass(frozen=True)
class Digest(View):
    """
    What somebody is reminded of, in one message.
    """

    reminders: Sequence[tuple[Reminder, Case]]


@dataclass(frozen=True)
class Reminders(View):
    """
    What is open for a person, up to the page shown and one more, and what will come until a day.
    """

    open: Sequence[tuple[Reminder, Case]]
    ahead: Sequence[tuple[Due, Case]]
    until: date
    page: int


@dataclass(frozen=True)
class OneReminder(View):
    """
    One reminder, to be closed, snoozed or muted.
    """

    reminder: Reminder
    case: Case


@dataclass(frozen=True)
class AskSnooze(View):
    """
    Until which day?
    """

    reminder: Reminder
    case: Case
    today: date

    @property
    def asks(self) -> str:
        """
        As View.asks.
        """
        return f"snooze:{self.reminder.id}"


@dataclass(frozen=True)
class MutedKinds(View):
    """
    Every kind of reminder, and which of them the person wants no more of.
    """

    muted: frozenset[str]
