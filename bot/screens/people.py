"""
Screens about people: the team, one person, the role to give.
"""

from collections.abc import Sequence
from functools import partial

from bot.screens.base import MenuScreen, Page, page_of
from bot.turn import ADMINISTRATORS, Turn, View
from db.base.tables import PersonRole, Site
from db.people import team
from db.people.sites import sites_within
from db.people.team import AT_ALL_SITES, Colleague, covers

PAGE = 8


class Team(View):
    """
    A page of the people that an administrator looks after.
    """

    page: Page[Colleague]


class Profile(View):
    """
    One of them. `removable` are the memberships that this administrator may end; `is_theirs` where they may act upon
    the person as a whole; `is_self` where they look at themselves.
    """

    colleague: Colleague
    removable: frozenset[int]
    is_theirs: bool
    is_self: bool


class ChooseRole(View):
    """
    Which role? For this person; for whoever is invited where there is none.
    """

    roles: Sequence[PersonRole]
    colleague: Colleague | None = None


class ChooseSite(View):
    """
    At which site? A page of them; `everywhere` where it may be all of them.
    """

    role: PersonRole
    page: Page[Site]
    everywhere: bool
    colleague: Colleague | None = None


def administered(turn: Turn) -> frozenset[int] | None:
    """
    The sites that the person looks after; None for all of them.
    """
    return turn.member.sites(ADMINISTRATORS)


async def _colleague(turn: Turn, person_id: int) -> Colleague | None:
    if not turn.may(ADMINISTRATORS):
        return None
    return await team.find(turn.session, person_id=person_id, sites=administered(turn))


class TeamScreen(MenuScreen):
    code = "team"
    page: int = 0

    async def find(self, turn: Turn) -> View | None:
        if not turn.may(ADMINISTRATORS):
            return None
        return Team(await page_of(self.page, PAGE, partial(team.page, turn.session, sites=administered(turn))))


class PersonScreen(MenuScreen):
    code = "person"
    otherwise = "team"
    person: int

    async def find(self, turn: Turn) -> View | None:
        found = await _colleague(turn, self.person)
        if found is None:
            return None
        sites = administered(turn)
        removable = frozenset(one.membership.id for one in found.held if covers(sites, one.membership.site_id))
        return Profile(found, removable, found.is_within(sites), found.person.id == turn.member.person.id)


class RoleScreen(MenuScreen):
    """
    A further role for a person: which, then where.
    """

    code = "role"
    otherwise = "team"
    person: int
    role: str = ""
    page: int = 0

    async def find(self, turn: Turn) -> View | None:
        found = await _colleague(turn, self.person)
        return await choose(turn, self.role, self.page, found) if found else None


async def choose(turn: Turn, name: str, page: int, colleague: Colleague | None) -> View:
    """
    Which role, and once that is said, at which site?
    """
    if name not in set(PersonRole):
        return ChooseRole(tuple(PersonRole), colleague)
    role, sites = PersonRole(name), administered(turn)
    shown = Page.of(await sites_within(turn.session, sites=sites), page, PAGE)
    return ChooseSite(role, shown, sites is None and role in AT_ALL_SITES, colleague)
