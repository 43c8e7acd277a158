"""
Invitations that nobody has used yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.screens.menus import home, page_in
from bot.screens.people import PAGE, administered
from bot.turn import ADMINISTRATORS, Turn, View
from db.people import invitations, team
from db.people.invitations import Open


@dataclass(frozen=True)
class Invited:
    """
    An open invitation, and until when it is valid, by the clock of its site.
    """

    about: Open
    until: datetime


@dataclass(frozen=True)
class Invitations(View):
    """
    A page of the invitations that nobody has used yet.
    """

    invited: Sequence[Invited]
    page: int
    has_more: bool


@dataclass(frozen=True)
class InvitationLink(View):
    """
    An invitation to be passed on.
    """

    invited: Invited
    link: str


async def open_invitations(turn: Turn, rest: str) -> View:
    """
    The invitations that nobody has used yet.
    """
    if not turn.may(ADMINISTRATORS):
        return await home(turn)
    page = page_in(rest)
    found = await invitations.still_open(
        turn.session, sites=administered(turn), now=turn.now, limit=PAGE + 1, offset=page * PAGE
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
