"""
Screens about people: the team, one person, invitations, and the privacy note.
"""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.screens.menus import home, page_in
from bot.turn import ADMINISTRATORS, Turn
from bot.views import View
from bot.views.people import (
    ChooseRole,
    ChooseSite,
    Ended,
    Invitations,
    Invited,
    PrivacyNote,
    Profile,
    Team,
)
from db.base.tables import Person, PersonRole
from db.people import invitations, team
from db.people.invitations import Open
from db.people.team import AT_ALL_SITES, Colleague, covers

PAGE = 8


async def privacy_note(session: AsyncSession, person: Person) -> View:
    """
    What somebody who is invited reads first.
    """
    colleague = await team.find(session, person_id=person.id, sites=None)
    invitation = await invitations.came_by(session, person=person)
    inviter = invitation.inviter.name if invitation and invitation.inviter else None
    return PrivacyNote(person.id, colleague.held if colleague else (), inviter)


async def standing(turn: Turn) -> View | None:
    """
    What stands in the place of every screen: for somebody who has not accepted the privacy note, or is out again.
    """
    person = turn.member.person
    if not person.is_active or not turn.member.memberships:
        return Ended()
    return await privacy_note(turn.session, person) if person.accepted_at is None else None


def _sites(turn: Turn) -> frozenset[int] | None:
    return turn.member.sites(ADMINISTRATORS)


async def team_(turn: Turn, rest: str) -> View:
    """
    A page of the people that an administrator looks after.
    """
    if not turn.may(ADMINISTRATORS):
        return await home(turn)
    page = page_in(rest)
    found = await team.page(turn.session, sites=_sites(turn), limit=PAGE + 1, offset=page * PAGE)
    return Team(found[:PAGE], page, len(found) > PAGE)


async def person(turn: Turn, rest: str) -> View:
    """
    One of them; the team where there is no such person.
    """
    found = await _colleague(turn, rest)
    if found is None:
        return await team_(turn, "")
    sites = _sites(turn)
    removable = frozenset(one.membership.id for one in found.held if covers(sites, one.membership.site_id))
    return Profile(found, removable, found.is_within(sites), found.person.id == turn.member.person.id)


async def _colleague(turn: Turn, rest: str) -> Colleague | None:
    number = rest.partition(":")[0]
    if not turn.may(ADMINISTRATORS) or not re.fullmatch(r"[0-9]{1,9}", number):
        return None
    return await team.find(turn.session, person_id=int(number), sites=_sites(turn))


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
    chosen, sites, page = PersonRole(name), _sites(turn), page_in(page_name)
    found = await team.sites_within(turn.session, sites=sites)
    shown = found[page * PAGE :]
    everywhere = sites is None and chosen in AT_ALL_SITES
    return ChooseSite(chosen, shown[:PAGE], everywhere, page, len(shown) > PAGE, colleague)


async def open_invitations(turn: Turn, rest: str) -> View:
    """
    The invitations that nobody has used yet.
    """
    if not turn.may(ADMINISTRATORS):
        return await home(turn)
    page = page_in(rest)
    found = await invitations.still_open(
        turn.session, sites=_sites(turn), now=turn.now, limit=PAGE + 1, offset=page * PAGE
    )
    return Invitations([await invited(turn, one) for one in found[:PAGE]], page, len(found) > PAGE)


async def invited(turn: Turn, about: Open) -> Invited:
    """
    An open invitation with its end, by the clock of its site; of the first site, where it is for all.
    """
    site = about.site or next(iter(await team.sites_within(turn.session, sites=None)), None)
    until = about.invitation.expires_at or turn.now
    return Invited(about, _at_clock(until, site.time_zone if site else "UTC"))


def _at_clock(time: datetime, zone: str) -> datetime:
    return time.astimezone(ZoneInfo(zone))
