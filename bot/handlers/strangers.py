"""
Whoever is not known here: a code opens the door, anything else gets one sentence.
"""

import re
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.events import Command, Happening, Typed
from bot.screens.people import privacy_note
from bot.views import Refusal, Reply, Welcome
from db.base.tables import Person
from db.people import access, invitations, wrong_codes
from db.people.access import Member
from db.trail import audit

_CODE = re.compile(r"[A-Za-z0-9_-]{22}")
"""What every code that is given out looks like: a single word of this length, as people hardly write one."""


async def on_stranger(session: AsyncSession, happening: Happening, now: datetime) -> tuple[Reply, Member | None]:
    """
    Make a member of whoever presents a code that is still good. After several wrong ones, none is looked at for a day.
    """
    code = _code(happening)
    person = await _redeemed(session, code, happening, now) if code else None
    if person is None:
        return Reply(Refusal(), fresh=True), None
    member = (await access.members(session, telegram_ids=[happening.telegram_id]))[happening.telegram_id]
    view = Welcome() if person.accepted_at else await privacy_note(session, person)
    return Reply(view, fresh=True, tidy=True), member


async def _redeemed(session: AsyncSession, code: str, happening: Happening, now: datetime) -> Person | None:
    telegram_id = happening.telegram_id
    await audit.lock(session)
    if await wrong_codes.is_blocked(session, telegram_id=telegram_id, now=now):
        return None
    person = await invitations.redeem(
        session,
        code=code,
        telegram_id=telegram_id,
        name=happening.name,
        language=happening.language,
        now=now,
    )
    if person is None:
        await wrong_codes.add(session, telegram_id=telegram_id, now=now)
    return person


def _code(happening: Happening) -> str:
    match happening.event:
        case Command("start", argument):
            return argument
        case Typed(text) if _CODE.fullmatch(text.strip()):
            return text.strip()
        case _:
            return ""
