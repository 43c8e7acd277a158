"""
Events by which people come in: a code opens the door to whoever is not known here, anything else gets one
sentence; a newcomer accepts the privacy note or does not.
"""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime

from msgspec.structs import replace
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import taps
from bot.events import Command, Happening, Typed
from bot.handlers import menus
from bot.handlers.people import renew
from bot.handlers.routes import command, on
from bot.screens.joining import Refusal, Welcome, privacy_note
from bot.screens.menus import HomeScreen
from bot.turn import READERS, Note, Reply, Said, StaleError, Turn
from db.base.tables import Person
from db.people import access, joining, wrong_codes
from db.people.access import Member
from db.people.reach import AccessRefusedError
from db.trail import audit

_CODE = re.compile(r"[A-Za-z0-9_-]{22}")
"""What every code that is given out looks like: a single word of this length, as people hardly write one."""


async def on_stranger(session: AsyncSession, happening: Happening, now: datetime) -> tuple[Said, Member | None]:
    """
    Make a member of whoever presents a code that is still good. After several wrong ones, none is looked at for a day.
    """
    code = _code(happening)
    person = await _redeemed(session, code, happening, now) if code else None
    if person is None:
        return Said(Refusal()), None
    member = (await access.members(session, telegram_ids=[happening.telegram_id]))[happening.telegram_id]
    view = Welcome() if person.accepted_at else await privacy_note(session, person)
    return Said(view, Reply(fresh=True, tidy=True)), member


async def _redeemed(session: AsyncSession, code: str, happening: Happening, now: datetime) -> Person | None:
    telegram_id = happening.telegram_id
    await audit.lock(session)
    if await wrong_codes.is_blocked(session, telegram_id=telegram_id, now=now):
        return None
    person = await joining.redeem(
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


@command("start", READERS, rank=None)
async def on_start(turn: Turn, command: Command) -> Reply:
    """
    Show where the chat stands; with the code of an invitation, take on its role first.
    """
    if not command.argument:
        return await menus.on_start(turn, command)
    note: str | None
    try:
        found = await joining.extend(turn.session, code=command.argument, person=turn.member.person, now=turn.now)
    except AccessRefusedError as error:
        note = f"refused.{error.problem}"
    else:
        note = "note.role_taken" if found else None
    await renew(turn)
    return replace(await menus.on_start(turn, command), note=Note(note) if note else None)


_ACTS: dict[type[taps.OfPerson], tuple[Callable[..., Awaitable[object]], str]] = {
    taps.Accept: (joining.accept, "note.welcome"),
    taps.Decline: (joining.decline, "note.declined"),
}


async def on_privacy_note(turn: Turn, tap: taps.OfPerson) -> Reply:
    """
    A newcomer accepts, and is let in; or does not, and is a stranger again.
    """
    person = turn.member.person
    if tap.person != person.id or person.accepted_at is not None:
        raise StaleError
    act, done = _ACTS[type(tap)]
    await act(turn.session, person=person, now=turn.now)
    return turn.show(HomeScreen(), note=Note(done))


for _kind in _ACTS:
    on(_kind, READERS, is_for_newcomers=True)(on_privacy_note)
