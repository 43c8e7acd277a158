"""
The cases being screened, and what a new one is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.rules.protocol import Kind
from bot.screens.menus import home, page_in
from bot.turn import SCREENERS, Turn, View
from db.base.tables import Case, Site
from db.cases import cases
from db.people import team

PAGE = 9


@dataclass(frozen=True)
class CaseList(View):
    """
    A page of the cases being screened.
    """

    cases: Sequence[Case]
    page: int
    has_more: bool


@dataclass(frozen=True)
class ChooseKind(View):
    """
    Recipient or donor?
    """


@dataclass(frozen=True)
class ChooseCaseSite(View):
    """
    At which of one's sites is the case to be opened?
    """

    kind: str
    sites: Sequence[Site]


async def case_list(turn: Turn, rest: str) -> View:
    """
    A page of the cases being screened.
    """
    page = page_in(rest)
    found = await cases.in_screening(turn.session, sites=turn.sites, limit=PAGE + 1, offset=page * PAGE)
    return CaseList(found[:PAGE], page, len(found) > PAGE)


async def new(turn: Turn, rest: str) -> View:
    """
    Recipient or donor? And then, for whoever screens at several sites, at which?
    """
    if not turn.may_screen():
        return await home(turn)
    if rest not in set(Kind):
        return ChooseKind()
    return ChooseCaseSite(rest, await team.sites_within(turn.session, sites=turn.member.sites(SCREENERS)))
