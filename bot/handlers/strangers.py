"""
Whoever is not known here: a code opens the door, anything else gets one sentence.
"""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.events import Command, Happening, Typed
from bot.views import Refusal, Reply, Welcome
from db import access, invitations
from db.access import Member


async def on_stranger(session: AsyncSession, happening: Happening, now: datetime) -> tuple[Reply, Member | None]:
    """
    Make a member of whoever presents a code that is still good.
    """
    code = _code(happening)
    person = code and await invitations.redeem(
        session,
        code=code,
        telegram_id=happening.telegram_id,
        name=happening.name,
        language=happening.language,
        now=now,
    )
    if not person:
        return Reply(Refusal(), fresh=True), None
    members = await access.members(session, telegram_ids=[happening.telegram_id])
    return Reply(Welcome(), fresh=True, tidy=True), members[happening.telegram_id]


def _code(happening: Happening) -> str:
    match happening.event:
        case Command("start", argument):
            return argument
        case Typed(text):
            return text.strip()
        case _:
            return ""
