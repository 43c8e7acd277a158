"""
Screens about one's own reminders.
"""

from datetime import date, timedelta
from typing import Any

from bot.screens.menus import page_in
from bot.turn import Turn
from bot.views import View
from bot.views.reminders import PAGE, AskSnooze, MutedKinds, OneReminder, Reminders
from db.base.tables import Case, Reminder, Site
from db.cases import cases
from db.follow_up import reminders

_AHEAD = timedelta(days=14)


async def reminder_list(turn: Turn, rest: str = "") -> View:
    """
    What is open for this person, and what will come.
    """
    until, page = turn.now.date() + _AHEAD, page_in(rest)
    about: dict[str, Any] = {
        "person_id": turn.member.person.id,
        "sites": turn.sites,
        "now": turn.now,
        "timing": turn.deployment.timing,
    }
    ahead = await reminders.ahead(turn.session, until=until, **about)
    found = await reminders.of_person(turn.session, limit=(page + 1) * PAGE + 1, **about)
    return Reminders(found, ahead, until, page)


async def one(turn: Turn, rest: str) -> View:
    """
    One reminder.
    """
    found = await find(turn, rest)
    return OneReminder(*found) if found else await reminder_list(turn)


async def snooze(turn: Turn, rest: str) -> View:
    """
    Until which day one is not to be brought up.
    """
    found = await find(turn, rest)
    if found is None:
        return await reminder_list(turn)
    return AskSnooze(*found, await today(turn, found[1]))


async def today(turn: Turn, case: Case) -> date:
    """
    What day it is at the site of a case.
    """
    return cases.today(await turn.session.get_one(Site, case.site_id), turn.now)


async def kinds(turn: Turn, _: str) -> View:
    """
    Which kinds the person wants.
    """
    return MutedKinds(await reminders.muted(turn.session, person_id=turn.member.person.id))


async def find(turn: Turn, rest: str) -> tuple[Reminder, Case] | None:
    """
    A reminder of this person's that is open, with its case, if they still may see that.
    """
    if not rest.isascii() or not rest.isdigit() or len(rest) > 9:  # noqa: PLR2004  ids in buttons have nine digits
        return None
    row = await turn.session.get(Reminder, int(rest))
    if row is None or row.person_id != turn.member.person.id or row.closed_at is not None:
        return None
    case = await cases.by_id(turn.session, case_id=row.case_id, sites=turn.sites)
    return None if case is None else (row, case)
