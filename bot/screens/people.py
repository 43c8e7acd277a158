"""
Screens about people: the team, one person, the role to give.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.screens.menus import home, page_in
from bot.turn import ADMINISTRATORS, Turn, View
from db.base.tables import PersonRole, Site
from db.people import team
from db.people.team import AT_ALL_SITES, Colleague, covers

PAGE = 8


@dataclass(frozen=True)
class Team(View):
    """
    A page of the people that an administrator looks after.
    """

    people: Sequence[Colleague]
    page: int
    has_more: bool


@dataclass(frozen=True)
class Profile(View):
    """
    One of them. `removable` are the memberships that this administrator may end; `is_theirs` where they may act upon
    the person as a whole; `is_self` where they look at themselves.
    """

    colleague: Colleague
    removable: frozenset[int]
    is_theirs: bool
    is_self: bool


@dataclass(frozen=True)
class ChooseRole(View):
    """
    Which role? For this person; for whoever is invited where there is none.
    """

    roles: Sequence[PersonRole]
    colleague: Colleague | None = None


@dataclass(frozen=True)
class ChooseSite(View):
    """
    At which site? A page of them; `everywhere` where it may be all of them.
    """

    role: PersonRole
    sites: Sequence[Site]
    everywhere: bool
    page: int
    has_more: bool
    colleague: Colleague | None = None


def administered(turn: Turn) -> frozenset[int] | None:
    """
    The sites that the person looks after; None for all of them.
    """
    return turn.member.sites(ADMINISTRATORS)


async def team_(turn: Turn, rest: str) -> View:
    """
    A page of the people that an administrator looks after.
    """
    if not turn.may(ADMINISTRATORS):
        return await home(turn)
    page = page_in(rest)
    found = await team.page(turn.session, sites=administered(turn), limit=PAGE + 1, offset=page * PAGE)
    return Team(found[:PAGE], page, len(found) > PAGE)


async def person(turn: Turn, rest: str) -> View:
    """
    One of them; the team where there is no such person.
    """
    found = await _colleague(turn, rest)
    if found is None:
        return await team_(turn, "")
    sites = administered(turn)
    removable = frozenset(one.membership.id for one in found.held if covers(sites, one.membership.site_id))
    return Profile(found, removable, found.is_within(sites), found.person.id == turn.member.person.id)


async def _colleague(turn: Turn, rest: str) -> Colleague | None:
    number = rest.partition(":")[0]
    if not turn.may(ADMINISTRATORS) or not re.fullmatch(r"[0-9]{1,9}", number):
        return None
    return await team.find(turn.session, person_id=int(number), sites=administered(turn))


async def role(turn: Turn, rest: str) -> View:
    """
    A further role for a person: which, then where. `rest` is PERSON, or PERSON:ROLE:PAGE.
    """
    found = await _colleague(turn, rest)
    if found is None:
        return await team_(turn, "")
    return await _choose(turn, rest.partition(":")[2], found)


async def invite(turn: Turn, rest: str) -> View:
    """
    An invitation: to which role, then where. `rest` is empty, or ROLE:PAGE.
    """
    return await _choose(turn, rest, None) if turn.may(ADMINISTRATORS) else await home(turn)


async def _choose(turn: Turn, rest: str, colleague: Colleague | None) -> View:
    name, _, page_name = rest.partition(":")
    if name not in set(PersonRole):
        return ChooseRole(tuple(PersonRole), colleague)
    chosen, sites, page = PersonRole(name), administered(turn), page_in(page_name)
    found = await team.sites_within(turn.session, sites=sites)
    shown = found[page * PAGE :]
    everywhere = sites is None and chosen in AT_ALL_SITES
    return ChooseSite(chosen, shown[:PAGE], everywhere, page, len(shown) > PAGE, colleague)
