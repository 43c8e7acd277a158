"""
Events by which administrators invite people.
"""

from bot import taps
from bot.events import Command
from bot.handlers.menus import to
from bot.handlers.people import change, site_of
from bot.handlers.routes import command, on
from bot.screens.invitations import InvitationLink, invited
from bot.turn import ADMINISTRATORS, Note, Reply, StaleError, Turn
from db.people import invitations


@command("invite", ADMINISTRATORS, rank=210)
async def on_invite_command(turn: Turn, _: Command) -> Reply:
    """
    Ask to what somebody is to be invited.
    """
    return await to(turn, "invite")


@on(taps.Invite, ADMINISTRATORS)
async def on_invite(turn: Turn, tap: taps.Invite) -> Reply:
    """
    Make an invitation and show its link once, to be passed on. A second tap makes no second one.
    """
    if turn.chat.screen.split(":")[:2] != ["invite", tap.role]:
        raise StaleError
    made: list[InvitationLink] = []

    async def act() -> None:
        about, code = await invitations.create(
            turn.session, role=tap.role, site_id=site_of(tap.site), by=turn.actor, now=turn.now
        )
        link = f"https://t.me/{turn.deployment.bot_name}?start={code}"
        made.append(InvitationLink(await invited(turn, about), link))

    reply = await change(turn, act, "invitations:0", Note("note.invited"))
    return Reply(reply.view, reply.note, fresh=True, also=made[0]) if made else reply


@on(taps.Revoke, ADMINISTRATORS)
async def on_revoke(turn: Turn, tap: taps.Revoke) -> Reply:
    """
    Make an invitation worthless.
    """
    return await change(
        turn,
        lambda: invitations.revoke(turn.session, invitation_id=tap.invitation, by=turn.actor, now=turn.now),
        "invitations:0",
        Note("note.revoked"),
    )
