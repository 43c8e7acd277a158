"""
The follow-up of a recipient: when each visit of the protocol is due after the infusion, the window around it, and how a
visit stands on what was recorded of it.

The protocol gives the months and no windows: how wide these are is the site's own setting.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from enum import StrEnum

from bot.rules.frozen import Frozen
from bot.rules.months import add_months
from bot.rules.protocol import Visit

WINDOW_DAYS = 14
"""Days on either side of the due day, unless the site has set something else."""

WIDEST_WINDOW = 44
"""Three calendar months may be 89 days long: with wider windows, neighbouring visits would overlap."""


class Recorded(StrEnum):
    """
    What somebody records of a visit. "undone" takes back the last that still stands.
    """

    DONE = "done"
    MISSED = "missed"
    RESCHEDULED = "rescheduled"
    UNDONE = "undone"


class VisitState(StrEnum):
    """
    How a visit stands on a day. Each visit has exactly one.
    """

    UPCOMING = "upcoming"
    OPEN = "open"
    DUE_TODAY = "due_today"
    RESCHEDULED = "rescheduled"
    OVERDUE = "overdue"
    DONE = "done"
    DONE_OUTSIDE = "done_outside"
    MISSED = "missed"
    ENDED = "ended"


class Window(Frozen):
    """
    When a visit is due, and the first and last day on which it counts as in time.
    """

    due: date
    opens: date
    closes: date

    def holds(self, day: date) -> bool:
        """
        Whether a day lies in the window, both ends included.
        """
        return self.opens <= day <= self.closes


class VisitEntry(Frozen):
    """
    One record of a visit: the day on which it took place or to which it was moved, and the window as it was then.
    """

    kind: Recorded
    day: date | None
    window: Window


class Standing(Frozen):
    """
    How a visit stands. `day` is when it took place, or is to; `kind` what was recorded and still holds, if anything.
    """

    window: Window
    day: date
    kind: Recorded | None = None

    @property
    def is_pending(self) -> bool:
        """
        Whether the visit is still to take place.
        """
        return self.kind in {None, Recorded.RESCHEDULED}

    def state(self, today: date, *, has_ended: bool = False) -> VisitState:
        """
        The state on a day. `has_ended`: the recipient is followed no more, so nothing further is planned.
        """
        if self.kind is Recorded.DONE:
            return VisitState.DONE if self.window.holds(self.day) else VisitState.DONE_OUTSIDE
        if self.kind is Recorded.MISSED:
            return VisitState.MISSED
        if has_ended:
            return VisitState.ENDED
        if today > self.window.closes:
            return VisitState.OVERDUE
        if today == self.day:
            return VisitState.DUE_TODAY
        if self.kind is Recorded.RESCHEDULED and today < self.day:
            return VisitState.RESCHEDULED
        return VisitState.OPEN if today >= self.window.opens else VisitState.UPCOMING


def window_of(visit: Visit, infused_on: date, days: int) -> Window:
    """
    When a visit is due, with so many days on either side.
    """
    due = add_months(infused_on, visit.month)
    return Window(due, due - timedelta(days=days), due + timedelta(days=days))


def schedule(visits: Iterable[Visit], infused_on: date, days: int) -> dict[int, Window]:
    """
    The windows of all visits, by month.
    """
    return {visit.month: window_of(visit, infused_on, days) for visit in visits}


def last_standing(entries: Sequence[VisitEntry]) -> int | None:
    """
    The position of the last entry that was not taken back; None where there is none.
    """
    kept: list[int] = []
    for at, entry in enumerate(entries):
        if entry.kind is not Recorded.UNDONE:
            kept.append(at)
        elif kept:
            kept.pop()
    return kept[-1] if kept else None


def standing(window: Window, entries: Sequence[VisitEntry]) -> Standing:
    """
    How a visit with this window stands on what was recorded of it, the oldest first.

    What is done keeps the window that it had then, whatever moves later. A visit moved to a day that no longer lies in
    its window is due on its own day again.
    """
    at = last_standing(entries)
    if at is None:
        return Standing(window, window.due)
    last = entries[at]
    match last:
        case VisitEntry(Recorded.DONE, date() as day):
            return Standing(last.window, day, Recorded.DONE)
        case VisitEntry(Recorded.MISSED):
            return Standing(window, window.due, Recorded.MISSED)
        case VisitEntry(Recorded.RESCHEDULED, date() as day) if window.holds(day):
            return Standing(window, day, Recorded.RESCHEDULED)
        case _:
            return Standing(window, window.due)
