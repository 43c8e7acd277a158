"""
Notices, sent: what people are told without having asked.

Each is sent after the transaction that wrote it and then marked; reminders one by one, so that a crash between the two
sends one of them again. None is lost: what cannot be sent is tried again later, and after some times set aside, where
whoever watches the bot sees it.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlmodel.ext.asyncio.session import AsyncSession
from telegram.error import BadRequest, InvalidToken, RetryAfter

from bot import logs
from bot.engine import replica
from bot.engine.between_turns import BetweenTurns
from bot.engine.unit_of_work import UnitOfWork
from bot.render import render
from bot.render.notices import IN_PLACE
from bot.screens import notices as told
from bot.screens.reminders import Digest
from bot.texts import words
from bot.turn import View
from bot.wire.speaker import Saying, Speaker
from db.base.engine import is_passing
from db.base.tables import Notice, Person
from db.delivery import notices
from db.follow_up import sweep
from db.follow_up.due import Timing
from db.trail import audit

log = logs.named(__name__)

_LOOK_SECONDS = 2.0
_AT_ONCE = 30
_NO_CHAT = "chat not found"


@dataclass
class Notifier:
    """
    Sends notices through a speaker, whenever it is woken and every few seconds: the command line writes some too.
    """

    unit: UnitOfWork
    between_turns: BetweenTurns
    speaker: Speaker
    timing: Timing
    clock: Callable[[], datetime]

    def __post_init__(self) -> None:
        self._written = asyncio.Event()
        self._idle = asyncio.Event()
        self._put_off: set[int] = set()

    def wake(self) -> None:
        """
        There is something to send.
        """
        self._idle.clear()
        self._written.set()

    async def quiet(self) -> None:
        """
        Wait until all that was written is sent.
        """
        await self._idle.wait()

    async def run(self) -> None:
        """
        Send until cancelled.
        """
        while True:
            self._written.clear()
            self._put_off.clear()
            while await self.send():
                pass
            if not self._written.is_set() and not self._put_off:
                self._idle.set()
            try:
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._written.wait()
            except TimeoutError:
                continue

    async def send(self) -> bool:
        """
        Send the oldest notices; whether there were any. Those of people who cannot be told now are put off until the
        next look.
        """
        found = await self.unit.commit(self._ready)
        await asyncio.gather(*(self._send(*one) for one in found))
        return bool(found)

    async def _send(self, notice: Notice, person: Person, view: View | None) -> None:
        try:
            await self._tell_and_mark(notice, person, view)
        except (RetryAfter, TimeoutError):
            self._put_off.add(person.id)
        except InvalidToken:
            raise
        except Exception as error:  # noqa: BLE001  one notice must not hold back the others
            await self.unit.commit(partial(self._failed, notice=notice, error=error))

    async def _tell_and_mark(self, notice: Notice, person: Person, view: View | None) -> None:
        was_taken = await self._tell(notice, person, view)

        async def mark(session: AsyncSession) -> None:
            if not was_taken:
                await audit.lock(session)  # before the person is read: another notice may just have found out the same
                refuses = await session.get_one(Person, person.id)
                await sweep.unreachable(session, person=refuses, now=self.clock())
            await notices.mark_sent(session, ids=[notice.id], now=self.clock())

        await self.unit.commit(mark)

    async def _failed(self, session: AsyncSession, *, notice: Notice, error: Exception) -> None:
        is_set_aside = await notices.failed(session, notice_id=notice.id, now=self.clock())
        event = "a notice is set aside" if is_set_aside else "a notice cannot be sent for now"
        log.error(event, notice=notice.id, error=error)

    async def _ready(self, session: AsyncSession) -> list[tuple[Notice, Person, View | None]]:
        """
        The oldest notices, each with what it says now. Reminders stand alone and are looked at once more: they may have
        nothing to say. Of several replicas one sends them.
        """
        if not await self.unit.replica.take(session, [replica.NOTICES]):
            return []
        found: list[tuple[Notice, Person, View | None]] = []
        for notice, person in await notices.unsent(session, limit=_AT_ONCE, now=self.clock(), but=self._put_off):
            if notice.key == notices.REMINDERS and found:
                break
            try:
                async with session.begin_nested():  # what fails in it does not end the transaction of the others
                    view = await self._view(session, notice, person)
            except Exception as error:
                if is_passing(error):
                    raise
                await self._failed(session, notice=notice, error=error)
                continue
            found.append((notice, person, view))
            if notice.key == notices.REMINDERS:
                break
        return found

    async def _view(self, session: AsyncSession, notice: Notice, person: Person) -> View | None:
        if notice.key == notices.REMINDERS:
            return await self._digest(session, notice)
        is_heard = may_be_told(notice, person)
        return await told.find(session, notice=notice, now=self.clock()) if is_heard else None

    async def _digest(self, session: AsyncSession, notice: Notice) -> View | None:
        ids = json.loads(notice.about)["ids"]
        rows = await sweep.still_to_tell(session, ids=ids, now=self.clock(), timing=self.timing)
        return Digest(rows, self.clock().date()) if rows else None

    async def _tell(self, notice: Notice, person: Person, view: View | None) -> bool:
        """
        Send a notice; False where Telegram refuses because the person has blocked the bot, or has no chat with it.
        Raises RetryAfter or TimeoutError where it cannot be sent now, and whatever else goes wrong.
        """
        if view is None:
            return True
        try:
            card = render(view, words(person.language))
            async with self.between_turns.alone_with(person.telegram_id):
                if notice.key in IN_PLACE:
                    await self.between_turns.replace_card(person.telegram_id, card)
                    return True
                return await self.speaker.say(Saying(person.telegram_id, card, fresh=True, can_wait=True)) is not None
        except BadRequest as error:
            if _NO_CHAT in error.message.casefold():
                return False
            raise


def may_be_told(notice: Notice, person: Person) -> bool:
    """
    Whoever is shut out, or has not come in, hears of nothing but that.
    """
    return notice.key == "notice.deactivated" or (person.is_active and person.accepted_at is not None)
