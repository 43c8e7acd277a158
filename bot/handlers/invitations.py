"""
Events by which administrators invite people.
"""

from bot import taps
from bot.handlers.people import change, site_of
from bot.handlers.routes import on, shows
from bot.screens.invitations import InvitationLink, InvitationsScreen, InviteScreen, invited
from bot.turn import ADMINISTRATORS, Reply, StaleError, Turn
from db.people import invitations

shows("invite", ADMINISTRATORS, InviteScreen(), rank=210)


@on(taps.Invite, ADMINISTRATORS)
async def on_invite(turn: Turn, tap: taps.Invite) -> Reply:
    """
    Make an invitation and show its link once, to be passed on. A second tap makes no second one.
    """
    screen = turn.screen
    if not isinstance(screen, InviteScreen) or screen.role != tap.role:
        raise StaleError
    return await change(turn, _invite(turn, tap), lambda _: InvitationsScreen(), "note.invited")


async def _invite(turn: Turn, tap: taps.Invite) -> InvitationLink:
    about, code = await invitations.create(
        turn.session, role=tap.role, site_id=site_of(tap.site), by=turn.actor, now=turn.now
    )
    return InvitationLink(await invited(turn, about), f"https://t.me/{turn.deployment.bot_name}?start={code}")


@on(taps.Revoke, ADMINISTRATORS)
async def on_revoke(turn: Turn, tap: taps.Revoke) -> Reply:
    """
    Make an invitation worthless.
    """
    revoking = invitations.revoke(turn.session, invitation_id=tap.invitation, by=turn.actor, now=turn.now)
    return await change(turn, revoking, lambda _: InvitationsScreen(), "note.revoked")
