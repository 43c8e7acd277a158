"""
The cases being screened, and what a new one is.
"""

from collections.abc import Sequence
from functools import partial

from bot.rules.protocol import Kind
from bot.screens.base import MenuScreen, Page, page_of
from bot.turn import SCREENERS, Turn, View
from db.base.tables import Case, Site
from db.cases import cases
from db.people.sites import sites_within

PAGE = 9


class CaseList(View):
    """
    A page of the cases being screened.
    """

    page: Page[Case]


class ChooseKind(View):
    """
    Recipient or donor?
    """


class ChooseCaseSite(View):
    """
    At which of one's sites is the case to be opened?
    """

    kind: str
    sites: Sequence[Site]


class CasesScreen(MenuScreen):
    code = "cases"
    page: int = 0

    async def find(self, turn: Turn) -> View:
        return CaseList(await page_of(self.page, PAGE, partial(cases.in_screening, turn.session, sites=turn.sites)))


class NewScreen(MenuScreen):
    """
    Recipient or donor? And then, for whoever screens at several sites, at which?
    """

    code = "new"
    kind: str = ""

    async def find(self, turn: Turn) -> View | None:
        if not turn.may_screen():
            return None
        if self.kind not in set(Kind):
            return ChooseKind()
        return ChooseCaseSite(self.kind, await sites_within(turn.session, sites=turn.member.sites(SCREENERS)))
