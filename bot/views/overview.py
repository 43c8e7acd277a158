"""
What there is to show of all cases at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.study import Study
from bot.views import View
from db.base.tables import Case
from db.cases.overview import Count, Filter


@dataclass(frozen=True)
class Group:
    """
    The first few of a group of cases, each with the day when it was last touched; `has_more` where there are others.
    """

    name: str
    cases: Sequence[tuple[Case, datetime]]
    has_more: bool


@dataclass(frozen=True)
class Board(View):
    """
    The dashboard: counts of the person's sites, the groups worth a look, and the accrual of the whole study.
    """

    counts: Sequence[Count]
    groups: Sequence[Group]
    included: dict[str, int]
    study: Study
    today: date


@dataclass(frozen=True)
class Found(View):
    """
    A page of the cases that somebody looks for. `sites` are the numbers of the sites to choose from.
    """

    wanted: Filter
    cases: Sequence[Case]
    page: int
    has_more: bool
    sites: Sequence[int]

    @property
    def asks(self) -> str:
        """
        As View.asks.
        """
        return "find"
