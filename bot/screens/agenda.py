"""
The visits that are due, of all recipients.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from bot.rules.frozen import Frozen
from bot.rules.months import add_months
from bot.rules.schedule import VisitState
from bot.screens.base import MenuScreen
from bot.turn import Turn, View
from db.base.tables import Case, PlannedVisit, Site
from db.cases import cases
from db.follow_up import agenda as schedule
from db.follow_up import planned
from db.follow_up.agenda import Dated

PAGE = 12
WEEK, MONTH = "week", "month"


class Due(Frozen):
    """
    A visit on the agenda, with its case, its site and its state there today.
    """

    visit: PlannedVisit
    case: Case
    site: Site
    state: VisitState


class Agenda(View):
    """
    A page of the visits that are overdue, open, or begin in a period. `left` counts those on later pages; `by_site`
    where the person has several sites.
    """

    period: str
    until: date
    visits: tuple[Due, ...]
    page: int
    left: int
    by_site: bool
    margin: int


class CalendarFile(View):
    """
    Visits to be handed over as a calendar file, with what each case's protocol looks at in a month. `is_cut` where
    there were more than the file holds.
    """

    visits: tuple[Dated, ...]
    looks_at: Mapping[tuple[int, int], tuple[str, ...]]
    now: datetime
    is_cut: bool


class AgendaScreen(MenuScreen):
    code = "agenda"
    period: str = WEEK
    page: int = 0

    async def find(self, turn: Turn) -> View:
        today = await schedule.today(turn.session, sites=turn.sites, now=turn.now)
        until = add_months(today, 1) if self.period == MONTH else today + timedelta(days=7)
        total = await schedule.count_ahead(turn.session, sites=turn.sites, until=until)
        page = min(self.page, max(0, total - 1) // PAGE)
        rows = await schedule.ahead(turn.session, sites=turn.sites, until=until, limit=PAGE, offset=page * PAGE)
        found = tuple(
            Due(one, case, site, planned.standing_of(one).state(cases.today(site, turn.now)))
            for one, case, site in rows
        )
        return Agenda(
            MONTH if self.period == MONTH else WEEK,
            until,
            found,
            page,
            total - page * PAGE - len(found),
            by_site=turn.sites is None or len(turn.sites) > 1,
            margin=turn.deployment.study.window,
        )
