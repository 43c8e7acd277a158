"""
Screens about one's own reminders.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from bot.screens.base import MenuScreen
from bot.turn import Turn, View
from db.base.tables import Case, Reminder, Site
from db.cases import cases
from db.follow_up import reminders
from db.follow_up.due import Occurrence

PAGE = 8
"""How many of a list are shown at once."""

_AHEAD = timedelta(days=14)


class Digest(View):
    """
    What somebody is reminded of, in one message, on this day.
    """

    reminders: Sequence[tuple[Reminder, Case]]
    today: date


class Reminders(View):
    """
    What is open for a person, case by case up to the page shown and one more, and what will come until a day.
    """

    open: Sequence[tuple[Case, Sequence[Reminder]]]
    ahead: Sequence[tuple[Occurrence, Case]]
    until: date
    page: int


class OneReminder(View):
    """
    One reminder, to be closed, snoozed or muted.
    """

    reminder: Reminder
    case: Case


class RemindersOfCase(View):
    """
    Several reminders of one case.
    """

    reminders: Sequence[Reminder]
    case: Case


class AskSnooze(View):
    """
    Until which day?
    """

    reminder: Reminder
    case: Case
    today: date

    @property
    def asks(self) -> str:
        return f"snooze:{self.reminder.id}"


class MutedKinds(View):
    """
    Every kind of reminder, and which of them the person wants no more of.
    """

    muted: frozenset[str]


async def today(turn: Turn, case: Case) -> date:
    """
    What day it is at the site of a case.
    """
    return cases.today(await turn.session.get_one(Site, case.site_id), turn.now)


async def of_person(turn: Turn, reminder_id: int) -> tuple[Reminder, Case] | None:
    """
    A reminder of this person's that is open, with its case, if they still may see that.
    """
    row = await turn.session.get(Reminder, reminder_id)
    if row is None or row.person_id != turn.member.person.id or row.closed_at is not None:
        return None
    case = await cases.by_id(turn.session, case_id=row.case_id, sites=turn.sites)
    return None if case is None else (row, case)


class RemindersScreen(MenuScreen):
    code = "reminders"
    page: int = 0

    async def find(self, turn: Turn) -> View:
        until = turn.now.date() + _AHEAD
        about: dict[str, Any] = {
            "person_id": turn.member.person.id,
            "sites": turn.sites,
            "now": turn.now,
            "timing": turn.deployment.timing,
        }
        ahead = await reminders.ahead(turn.session, until=until, **about)
        found = await reminders.of_person(turn.session, limit=(self.page + 1) * PAGE + 1, **about)
        return Reminders(found, ahead, until, self.page)


class ReminderScreen(MenuScreen):
    code = "reminder"
    otherwise = "reminders"
    keeps_case = True
    reminder: int

    async def find(self, turn: Turn) -> View | None:
        found = await of_person(turn, self.reminder)
        return OneReminder(*found) if found else None


class CaseRemindersScreen(MenuScreen):
    """
    All that one is reminded of about a case.
    """

    code = "case_reminders"
    otherwise = "reminders"
    keeps_case = True
    case: int

    async def find(self, turn: Turn) -> View | None:
        case = await cases.by_id(turn.session, case_id=self.case, sites=turn.sites)
        if case is None:
            return None
        person_id, timing = turn.member.person.id, turn.deployment.timing
        found = await reminders.of_case(turn.session, person_id=person_id, case=case, now=turn.now, timing=timing)
        if len(found) == 1:
            return OneReminder(found[0], case)
        return RemindersOfCase(found, case) if found else None


class SnoozeScreen(MenuScreen):
    code = "snooze"
    otherwise = "reminders"
    keeps_case = True
    reminder: int

    async def find(self, turn: Turn) -> View | None:
        found = await of_person(turn, self.reminder)
        return AskSnooze(*found, await today(turn, found[1])) if found else None


class KindsScreen(MenuScreen):
    code = "kinds"

    async def find(self, turn: Turn) -> View:
        return MutedKinds(await reminders.muted(turn.session, person_id=turn.member.person.id))
