"""
Screens about all cases at once: the dashboard, and the cases that somebody looks for.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Self
from zoneinfo import ZoneInfo

from msgspec import field

from bot.rules.assessment import Verdict
from bot.rules.frozen import Frozen
from bot.screens.base import MenuScreen, Page, page_of
from bot.study import Study
from bot.turn import Turn, View
from bot.typed import search
from db.base.tables import Case, Stage
from db.cases import cases, decisions, overview
from db.cases.cases import today
from db.cases.overview import DEVIATING, FAILING, NEAR, OLDEST, SINGLE, Count, Filter
from db.follow_up import agenda
from db.people.sites import sites_within

PAGE = 9
_FEW = 3

GROUPS = {
    "included_not_eligible": Filter(stage=Stage.INCLUDED, verdict=Verdict.NOT_ELIGIBLE),
    "included_incomplete": Filter(stage=Stage.INCLUDED, verdict=Verdict.INCOMPLETE),
    **{name: Filter(group=name) for name in (FAILING, DEVIATING, NEAR, SINGLE, OLDEST)},
}
"""The groups of the dashboard, the most urgent first."""


class Group(Frozen):
    """
    The first few of the cases that are `wanted`, each with the day when it was last touched; `has_more` where there are
    others. `proposed` is the primary reason of a proposed screen failure, by the case's id.
    """

    name: str
    wanted: Filter
    cases: Sequence[tuple[Case, datetime]]
    has_more: bool
    proposed: Mapping[int, str] = field(default_factory=dict)


class Board(View):
    """
    The dashboard: counts of the person's sites, the groups worth a look, and the accrual of the whole study.
    """

    counts: Sequence[Count]
    groups: Sequence[Group]
    included: dict[str, int]
    study: Study
    today: date


class FoundCases(View):
    """
    A page of the cases that somebody looks for. `sites` are the numbers of the sites to choose from.
    """

    wanted: Filter
    page: Page[Case]
    sites: Sequence[int]

    @property
    def asks(self) -> str:
        return "find"


class BoardScreen(MenuScreen):
    code = "board"

    async def find(self, turn: Turn) -> View:
        sites = await sites_within(turn.session, sites=turn.sites)
        zones = {site.id: ZoneInfo(site.time_zone) for site in sites}
        groups = []
        for name, wanted in GROUPS.items():
            found = await overview.find(turn.session, sites=turn.sites, wanted=wanted, limit=_FEW + 1)
            shown = [(case, case.touched_at.astimezone(zones[case.site_id])) for case in found[:_FEW]]
            few = found[:_FEW] if name == FAILING else ()
            proposals = await decisions.proposals(turn.session, cases=few)
            proposed = {case_id: one.about or "" for case_id, one in proposals.items()}
            groups.append(Group(name, wanted, shown, len(found) > _FEW, proposed))
        return Board(
            await overview.counts(turn.session, sites=turn.sites),
            groups,
            {str(kind): number for kind, number in (await cases.included(turn.session)).items()},
            turn.deployment.study,
            today(sites[0], turn.now),
        )


class FindScreen(MenuScreen):
    code = "find"
    wanted: Filter = field(default_factory=Filter)
    page: int = 0

    async def find(self, turn: Turn) -> View:
        sites = await sites_within(turn.session, sites=turn.sites)
        now = await agenda.today(turn.session, sites=turn.sites, now=turn.now)
        found = partial(overview.find, turn.session, sites=turn.sites, wanted=self.wanted, today=now)
        return FoundCases(self.wanted, await page_of(self.page, PAGE, found), [site.number for site in sites])

    def _about(self) -> str:
        return search.encode(self.wanted, self.page) if self != FindScreen() else ""

    @classmethod
    def _of(cls, about: str) -> Self:
        return cls(*search.decode(about))
