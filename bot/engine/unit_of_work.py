"""
Transactions, and what waits for the next one: what has arrived, and what has been shown.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import logs
from bot.engine import replica
from bot.engine.replica import PATIENCE, Replica
from bot.wire.backoff import BackOff
from db.base.engine import Database, cause, is_passing
from db.base.tables import InboxUpdate
from db.delivery import chats, inbox, notices
from db.delivery.chats import CardPosition
from db.trail import audit

log = logs.named(__name__)
T = TypeVar("T")

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 10.0


@dataclass
class Spoken:
    """
    What has been shown and is not written down yet: updates, and where cards are. The chats in `over` can be given back
    with that.
    """

    update_ids: list[int] = field(default_factory=list)
    cards: dict[int, CardPosition] = field(default_factory=dict)
    over: set[int] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.update_ids or self.cards or self.over)

    def add(self, other: "Spoken") -> None:
        """
        What came later.
        """
        self.update_ids += other.update_ids
        self.cards |= other.cards
        self.over |= other.over

    async def write_down(self, session: AsyncSession, *, by: Replica) -> None:
        """
        Write all of it down. Whoever was silent for too long has lost a chat to another replica, which shows it what
        there is to show; and shows it once more where this one has sent or edited a card since, of a state long gone.
        """
        # Until this is written down a restart, or another replica, would only show it once more.
        if self.update_ids:
            await inbox.mark_shown(session, update_ids=self.update_ids)
        ours = await by.keeps(session, {replica.chat(chat_id) for chat_id in {*self.over, *self.cards}})
        cards = {chat_id: card for chat_id, card in self.cards.items() if replica.chat(chat_id) in ours}
        await chats.place_cards(session, cards=list(cards.values()))
        await inbox.show_again(session, chat_ids=self.cards.keys() - cards.keys())
        await by.give_back(session, {replica.chat(chat_id) for chat_id in self.over})


def _nothing() -> None:
    """
    What is done where nobody wants to know.
    """


class UnitOfWork:
    """
    Does work in transactions that know the audit key, again and again while the database is away. A replica that is
    silent for `patience` seconds is taken for dead.

    `on_notices` is called when one has written some, `on_doubt` when one may have been committed although it failed,
    `on_over` with the chats that have been given back.
    """

    def __init__(self, database: Database, audit_key: bytes, patience: float = PATIENCE) -> None:
        self.database = database
        self.audit_key = audit_key
        self.replica = Replica(database, patience)
        self.on_notices: Callable[[], None] = _nothing
        self.on_doubt: Callable[[], None] = _nothing
        self.on_over: Callable[[Iterable[int]], None] = lambda _: None
        self.spoken = Spoken()
        self._trouble: str | None = None
        self._arrived: list[tuple[list[InboxUpdate], asyncio.Future[None]]] = []

    @property
    def trouble(self) -> str | None:
        """
        Why nothing can be stored for now, if that is so.
        """
        return self._trouble

    @property
    def why_it_waits(self) -> str:
        """
        Why something has not been stored for a while.
        """
        waits = "another program holds the database" if self.database.is_sqlite else "the database does not answer"
        return self._trouble or waits

    @property
    def has_arrived(self) -> bool:
        """
        Whether something waits to be stored.
        """
        return bool(self._arrived)

    def store(self, rows: list[InboxUpdate]) -> asyncio.Future[None]:
        """
        Have the next `advance` store these; done when it has.
        """
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._arrived.append((rows, stored))
        return stored

    async def commit(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """
        Do something in a transaction until it succeeds, or fails for a reason of its own. One whose success was not
        heard of is done again: it must not matter.
        """
        back_off = BackOff(_FIRST_PAUSE, _LONGEST_PAUSE)
        while True:
            try:
                async with self.database.transaction() as session:
                    audit.use_key(session, self.audit_key)
                    result = await work(session)
            except Exception as error:
                if not is_passing(error):
                    raise
                self.on_doubt()
                self._trouble = cause(error)
                log.warning("nothing can be stored for now", cause=self._trouble, error=error)
                await back_off.pause()
            else:
                self._trouble = None
                if notices.were_written(session):
                    self.on_notices()
                return result

    async def advance(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """
        The same, and in the same transaction what has arrived goes into the inbox, and what was shown is written down:
        one commit serves all, and nothing is confirmed to Telegram before.
        """
        arrived, self._arrived = self._arrived, []
        spoken, self.spoken = self.spoken, Spoken()

        async def advance(session: AsyncSession) -> T:
            if arrived:
                await inbox.receive(session, updates=[row for rows, _ in arrived for row in rows])
            await spoken.write_down(session, by=self.replica)
            return await work(session)

        try:
            result = await self.commit(advance)
        except BaseException:
            self._arrived[:0] = arrived
            spoken.add(self.spoken)
            self.spoken = spoken
            raise
        for _, stored in arrived:
            if not stored.done():
                stored.set_result(None)
        self.on_over(spoken.over)
        return result
