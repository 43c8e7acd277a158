"""
Invitations that nobody has used yet.
"""

from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from bot.rules.frozen import Frozen
from bot.screens.base import MenuScreen, Page, page_of
from bot.screens.people import PAGE, administered, choose
from bot.turn import ADMINISTRATORS, Turn, View
from db.people import invitations
from db.people.invitations import Open
from db.people.sites import sites_within


class Invited(Frozen):
    """
    An open invitation, and until when it is valid, by the clock of its site.
    """

    about: Open
    until: datetime


class Invitations(View):
    """
    A page of the invitations that nobody has used yet.
    """

    page: Page[Invited]


class InvitationLink(View):
    """
    An invitation to be passed on.
    """

    invited: Invited
    link: str


async def invited(turn: Turn, about: Open) -> Invited:
    """
    An open invitation with its end, by the clock of its site; of the first site, where it is for all.
    """
    site = about.site or next(iter(await sites_within(turn.session, sites=None)), None)
    until = about.invitation.expires_at or turn.now
    return Invited(about, until.astimezone(ZoneInfo(site.time_zone if site else "UTC")))


class InviteScreen(MenuScreen):
    """
    An invitation: to which role, then where.
    """

    code = "invite"
    role: str = ""
    page: int = 0

    async def find(self, turn: Turn) -> View | None:
        return await choose(turn, self.role, self.page, None) if turn.may(ADMINISTRATORS) else None


class InvitationsScreen(MenuScreen):
    code = "invitations"
    page: int = 0

    async def find(self, turn: Turn) -> View | None:
        if not turn.may(ADMINISTRATORS):
            return None
        still_open = partial(invitations.still_open, turn.session, sites=administered(turn), now=turn.now)
        page = await page_of(self.page, PAGE, still_open)
        return Invitations(page.showing([await invited(turn, one) for one in page.items]))
