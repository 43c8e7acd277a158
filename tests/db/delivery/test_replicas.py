"""
Several replicas on one PostgreSQL: each update is worked once and in its chat's order, whoever receives it, and what a
replica leaves behind is taken up by another.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from itertools import count, cycle
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.application import Application, running
from bot.emulator.api import LocalBotApi
from bot.emulator.request import LocalRequest
from bot.wire.client import TelegramBot
from bot.wire.polling import TRIAL, StoppedError, poll
from bot.wire.speaker import Saying, Shown
from bot.wire.updates import Intake
from db.base.engine import Database
from db.base.tables import (
    AuditEntry,
    Case,
    Chat,
    InboxUpdate,
    UpdateState,
)
from db.delivery import backlog, notices
from tests.conftest import COORDINATOR, TOKEN, settings_in
from tests.databases import Databases, fresh, on_postgres

PATIENCE = 60
"""Seconds after which a test gives up."""

pytestmark = on_postgres("SQLite is for one process")


async def _idle(_: TelegramBot, __: Intake) -> None:
    """
    Nobody brings updates but the test.
    """
    await asyncio.Event().wait()


class Ward:
    """
    Replicas on one database and in front of one Telegram, which hands each update to the next of them.
    """

    def __init__(self, url: str, folder: Path) -> None:
        self.api = LocalBotApi(first_id=1000)
        self.settings = settings_in(folder, database_url=url, takeover_seconds=5)
        self.replicas: list[Application] = []
        self._numbers = count(1)
        self._turns: Any = cycle(())

    @asynccontextmanager
    async def replica(self, serve: Any = _idle) -> AsyncIterator[Application]:  # noqa: ANN401  as `running` takes it
        """
        One more.
        """
        async with running(
            self.settings,
            token=TOKEN,
            api_url="local:",
            request=LocalRequest(self.api),
            polling=LocalRequest(self.api),
            serve=serve,
        ) as application:
            self.replicas.append(application)
            self._turns = cycle(self.replicas)
            yield application

    async def push(
        self, text: str, *, to: Application | None = None, user_id: int = COORDINATOR, later: int = 60
    ) -> None:
        """
        Hand a message to one of them, and wait until it is received. It was written `later`, so that whoever wrote it
        has read what is shown.
        """
        number = next(self._numbers)
        message = {
            "message_id": number,
            "date": int(time.time()) + later,
            "chat": {"id": user_id, "type": "private", "first_name": "Test"},
            "from": {"id": user_id, "is_bot": False, "first_name": "Test"},
            "text": text,
        }
        await (to or next(self._turns)).worker.receive([{"update_id": number, "message": message}])

    async def quiet(self) -> None:
        """
        Wait until nothing waits in the database.
        """
        async with asyncio.timeout(PATIENCE):
            while await self.open_updates():  # noqa: ASYNC110  any of them may be the one that works
                await asyncio.sleep(0.05)

    async def open_updates(self) -> list[tuple[int, str]]:
        """
        The updates that are not through.
        """
        async with self.replicas[0].database.transaction() as session:
            query = select(InboxUpdate.update_id, InboxUpdate.state).where(InboxUpdate.state != UpdateState.SHOWN)
            return [(update_id, state) for update_id, state in await session.exec(query)]

    async def cases(self) -> list[str]:
        """
        The cases, in the order in which they were opened, as the audit trail tells.
        """
        async with self.replicas[0].database.transaction() as session:
            query = select(AuditEntry).where(AuditEntry.action == "case.open").order_by(col(AuditEntry.sequence))
            return [entry.entity for entry in await session.exec(query)]

    @property
    def card(self) -> str:
        """
        What the coordinator's card says.
        """
        return [message.text for message in self.api.chat(COORDINATOR) if message.from_bot][-1]


def fall_silent(application: Application) -> None:
    """
    What a crash does to a replica: nothing of it goes on, and it gives nothing back.
    """
    worker = application.worker
    for task in (*application.tasks, *worker.replies._tasks):  # noqa: SLF001  nothing may survive
        task.cancel()
    worker.close = _nothing  # type: ignore[method-assign]  # nor say good-bye


async def _nothing() -> None:
    pass


@pytest.fixture
async def ward(url: str, tmp_path: Path) -> AsyncIterator[Ward]:
    """
    Three replicas, and a coordinator who has come in.
    """
    made = Ward(url, tmp_path)
    async with AsyncExitStack() as stack:
        for _ in range(3):
            await stack.enter_async_context(made.replica())
        await made.push(f"/start {made.replicas[2].setup_code}")
        await made.quiet()
        yield made


async def test_each_update_is_worked_once_and_in_its_order(ward: Ward) -> None:
    """
    Thirty commands in one chat, each handed to another replica as soon as the one before is received.
    """
    for number in range(30):
        await ward.push("/new donor" if number % 2 else "/new recipient")
    await ward.quiet()
    expected = [f"01-{'D' if number % 2 else 'R'}-{number // 2 + 1:03d}" for number in range(30)]
    assert await ward.cases() == expected
    assert "01-D-015" in ward.card
    assert len([one for one in ward.api.chat(COORDINATOR) if one.from_bot]) == 1


async def test_the_same_update_handed_to_all_is_worked_once(ward: Ward) -> None:
    """
    Telegram gave up waiting for an answer and asked another replica.
    """
    for _ in range(3):
        ward._numbers = count(500)  # noqa: SLF001  the same update again
        await ward.push("/new donor")
    await asyncio.gather(*(ward.push("/new donor", to=replica) for replica in ward.replicas))
    await ward.quiet()
    assert len(await ward.cases()) == 4


async def test_chats_are_worked_side_by_side(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    While one replica is still telling one chat, another one serves another chat.
    """
    first, second, _ = ward.replicas
    gate = asyncio.Event()
    say = first.worker.speaker.say

    async def slowly(saying: Saying) -> Shown | None:
        await gate.wait()
        return await say(saying)

    monkeypatch.setattr(first.worker.speaker, "say", slowly)
    await ward.push("/help", to=first)
    await ward.push("Hello", to=second, user_id=500)
    async with asyncio.timeout(PATIENCE):
        while not ward.api.chat(500):  # noqa: ASYNC110  it has no event
            await asyncio.sleep(0.01)
    await ward.push("/new donor", to=second)
    assert await ward.cases() == []
    gate.set()
    await ward.quiet()
    assert await ward.cases() == ["01-D-001"]
    assert "01-D-001" in ward.card


@pytest.mark.parametrize("is_shown", [False, True])
async def test_what_a_dead_replica_leaves_is_taken_up(
    ward: Ward, monkeypatch: pytest.MonkeyPatch, *, is_shown: bool
) -> None:
    """
    It died while it told the chat of one update, with another one received: a living one shows what was done and works
    what was not, though no update reaches it.
    """
    dying = ward.replicas[0]
    say = dying.worker.speaker.say
    is_telling = asyncio.Event()

    async def never(saying: Saying) -> Shown | None:
        if is_shown:
            await say(saying)
        is_telling.set()
        await asyncio.Event().wait()
        return None

    monkeypatch.setattr(dying.worker.speaker, "say", never)
    await ward.push("/new donor", to=dying)
    async with asyncio.timeout(PATIENCE):
        await is_telling.wait()
    await ward.push("45", to=dying, later=0)
    fall_silent(dying)
    del ward.replicas[0]
    await ward.quiet()
    assert await ward.cases() == ["01-D-001"]
    assert len([one for one in ward.api.chat(COORDINATOR) if one.from_bot]) == 1 + is_shown
    async with ward.replicas[0].database.transaction() as session:
        (case,) = (await session.exec(select(Case))).all()
    # A text counts for a question from when that was shown: the dead one did not live to write down that it was.
    assert case.revision == 0
    assert "01-D-001" in ward.card


async def test_a_replica_that_hangs_in_a_transaction_holds_nobody_up_for_long(ward: Ward) -> None:
    """
    It was stopped with the locks of the audit trail and of a chat in its hands: the server takes them away after a
    third of the time after which it is taken for dead.
    """
    patience = ward.settings.takeover_seconds / 3
    hung = Database(ward.settings.database_url.get_secret_value(), patience=patience)
    connection = await hung.engine.connect()
    for table in ("audit_head", "chats"):
        await connection.execute(text(f"SELECT * FROM {table} FOR UPDATE"))  # noqa: S608  names of this test
    async with asyncio.timeout(4 * ward.settings.takeover_seconds / 3):
        await ward.push("/new donor")
        while await ward.cases() != ["01-D-001"]:  # noqa: ASYNC110  as below
            await asyncio.sleep(0.05)
    with pytest.raises(DBAPIError):
        await connection.execute(text("SELECT 1"))
    await connection.invalidate()
    await hung.close()


async def test_a_card_that_a_hung_replica_shows_too_late_does_not_stay_the_last(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    It hung while it told a chat of a case; another took the chat over and opened the next case. What the first then
    shows is of a state long gone: the present one comes below it.
    """
    hung, other, _ = ward.replicas
    say, is_telling, gate = hung.worker.speaker.say, asyncio.Event(), asyncio.Event()

    async def late(saying: Saying) -> Shown | None:
        is_telling.set()
        await gate.wait()
        return await say(saying)

    async def forgets(_: AsyncSession) -> None:
        pass

    monkeypatch.setattr(hung.worker.speaker, "say", late)
    monkeypatch.setattr(hung.worker.replica, "renew", forgets)
    await ward.push("/new donor", to=hung)
    async with asyncio.timeout(PATIENCE):
        await is_telling.wait()
    await ward.push("/new recipient", to=other)
    await ward.quiet()
    assert "01-R-001" in ward.card
    gate.set()
    async with asyncio.timeout(PATIENCE):
        while "01-D-001" not in "".join(_said(ward)):  # noqa: ASYNC110  as above
            await asyncio.sleep(0.01)
        while "01-R-001" not in ward.card:  # noqa: ASYNC110  as above
            await asyncio.sleep(0.01)


def _said(ward: Ward) -> list[str]:
    return [message.text for message in ward.api.chat(COORDINATOR) if message.from_bot]


async def test_whoever_stops_leaves_its_chats_at_once(ward: Ward) -> None:
    """
    A replica that is shut down in order gives everything back.
    """
    leaving = ward.replicas.pop(0)
    await ward.push("/new donor", to=leaving)
    await ward.quiet()
    await leaving.worker.close()
    for replica in ward.replicas:
        assert replica.worker.patience == 5
        await ward.push("/new recipient", to=replica)
    await ward.quiet()
    assert await ward.cases() == ["01-D-001", "01-R-001", "01-R-002"]


async def _unsent(replica: Application) -> int:
    async with replica.database.transaction() as session:
        return (await backlog.look(session, now=replica.worker.clock())).notices


async def test_a_notice_is_sent_by_one_of_them(ward: Ward) -> None:
    """
    Whoever wrote it; and by another one when that one is no more.
    """
    for number, replica in enumerate(ward.replicas):
        async with replica.database.transaction() as session:
            notices.add(session, person_id=1, key="notice.reactivated", now=replica.worker.clock())
        replica.notifier.wake()
        async with asyncio.timeout(PATIENCE):
            while await _unsent(replica):  # noqa: ASYNC110  as above
                await asyncio.sleep(0.05)
        assert len([one for one in ward.api.chat(COORDINATOR) if one.from_bot]) == number + 2
        holders = [one for one in ward.replicas if one.worker.replica.holds("notices")]
        assert len(holders) <= 1
        for holder in holders:
            if number == 1:
                fall_silent(holder)
    await asyncio.sleep(0.5)
    assert len([one for one in ward.api.chat(COORDINATOR) if one.from_bot]) == 4


async def test_whoever_wants_to_tell_a_chat_something_waits_for_whoever_talks_there(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A notice of one replica comes neither between an answer and its card at another one, nor never; and the chat is
    everybody's again afterwards.
    """
    first, second, _ = ward.replicas
    is_talking, gate, came = asyncio.Event(), asyncio.Event(), asyncio.Event()
    say = first.worker.speaker.say

    async def slowly(saying: Saying) -> Shown | None:
        is_talking.set()
        await gate.wait()
        return await say(saying)

    async def tell() -> None:
        async with second.worker.between_turns.alone_with(COORDINATOR):
            came.set()

    monkeypatch.setattr(first.worker.speaker, "say", slowly)
    await ward.push("/help", to=first)
    async with asyncio.timeout(PATIENCE):
        await is_talking.wait()
        telling = asyncio.create_task(tell())
        await asyncio.sleep(1)
        assert not came.is_set()
        gate.set()
        await telling
    for replica in ward.replicas:
        await ward.push("/new donor", to=replica)
    await ward.quiet()
    assert await ward.cases() == ["01-D-001", "01-D-002", "01-D-003"]


async def card_place(ward: Ward) -> tuple[int | None, list[int]]:
    """
    Where the coordinator's card is, as it is written down, and the messages of the bot that stand there.
    """
    async with ward.replicas[0].database.transaction() as session:
        chat = await session.get_one(Chat, COORDINATOR)
    return chat.card_message_id, [message.id for message in ward.api.chat(COORDINATOR) if message.from_bot]


async def test_a_card_keeps_its_place_when_the_turn_of_another_chat_fails(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    In the very transaction that would have written down where the card is.
    """
    worker = ward.replicas[0].worker
    say = worker.speaker.say
    poison = {
        "message_id": 1,
        "date": "never",
        "chat": {"id": 777, "type": "private"},
        "from": {"id": 777},
        "text": "x",
    }
    failing: list[asyncio.Task[None]] = []

    async def then_poison(saying: Saying) -> Shown | None:
        shown = await say(saying)
        if saying.chat_id == COORDINATOR and not failing:
            failing.append(asyncio.create_task(worker.receive([{"update_id": 900, "message": poison}])))
        return shown

    monkeypatch.setattr(worker.speaker, "say", then_poison)
    await ward.push("/help", to=ward.replicas[0])
    async with asyncio.timeout(PATIENCE):
        while {state for _, state in await ward.open_updates()} != {UpdateState.SET_ASIDE}:  # noqa: ASYNC110  as above
            await asyncio.sleep(0.05)
    place, shown = await card_place(ward)
    assert [place] == shown
    assert worker.metrics.registry.get_sample_value("bot_errors_total") == 1


async def test_a_card_keeps_its_place_when_the_database_is_away_for_long(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    For longer than a replica is waited for: what nobody else has taken up is still this one's to write down.
    """
    ward = Ward(url, tmp_path)
    ward.settings = settings_in(tmp_path, database_url=url, takeover_seconds=1)
    is_away, is_talking, gate = asyncio.Event(), asyncio.Event(), asyncio.Event()
    async with ward.replica() as replica:
        await ward.push(f"/start {replica.setup_code}")
        await ward.quiet()
        say, transaction = replica.worker.speaker.say, replica.database.transaction

        @asynccontextmanager
        async def failing() -> AsyncIterator[AsyncSession]:
            if is_away.is_set():
                raise InterfaceError("", {}, Exception())
            async with transaction() as session:
                yield session

        async def slowly(saying: Saying) -> Shown | None:
            is_talking.set()
            await gate.wait()
            return await say(saying)

        monkeypatch.setattr(replica.worker.speaker, "say", slowly)
        monkeypatch.setattr(replica.database, "transaction", failing)
        await ward.push("/help")
        await is_talking.wait()
        is_away.set()
        arriving = asyncio.create_task(ward.push("Hello", user_id=500))
        await asyncio.sleep(0.3)
        gate.set()
        await asyncio.sleep(2)
        is_away.clear()
        await arriving
        await ward.quiet()
        place, shown = await card_place(ward)
        assert [place] == shown


async def test_whoever_stops_while_it_cannot_be_heard_gives_everything_back(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    One chat is not reached: what else the replica holds is free at once.
    """

    async def never(_: Saying) -> None:
        await asyncio.Event().wait()

    async with ward.replica() as leaving:
        monkeypatch.setattr(leaving.worker.speaker, "say", never)
        await leaving.worker.commit(lambda session: leaving.worker.replica.take(session, ["something"]))
        await ward.push("/help", to=leaving)
        async with asyncio.timeout(PATIENCE):
            while UpdateState.DONE not in {state for _, state in await ward.open_updates()}:  # noqa: ASYNC110  as above
                await asyncio.sleep(0.05)
    ward.replicas.remove(leaving)
    (staying, *_) = ward.replicas
    taken = await staying.worker.commit(lambda session: staying.worker.replica.take(session, ["something"]))
    assert taken == {"something"}
    await ward.quiet()


async def test_one_fetches_and_the_other_stands_by(url: str, tmp_path: Path) -> None:
    """
    In polling mode too: no second poller disturbs the first, and when that is no more the other goes on.
    """
    async with AsyncExitStack() as stack:
        ward = Ward(url, tmp_path)
        for _ in range(2):
            await stack.enter_async_context(ward.replica(poll))
        for text in (f"/start {ward.replicas[1].setup_code}", "/new donor"):
            ward.api.send(COORDINATOR, text, first_name="Test")
        async with asyncio.timeout(PATIENCE):
            while await ward.cases() != ["01-D-001"]:  # noqa: ASYNC110  as above
                await asyncio.sleep(0.05)
        fetching = [one for one in ward.replicas if one.worker.replica.holds("polling")]
        assert len(fetching) == 1
        fall_silent(fetching[0])
        ward.replicas.remove(fetching[0])
        ward.api.send(COORDINATOR, "/new recipient", first_name="Test")
        async with asyncio.timeout(PATIENCE):
            while await ward.cases() != ["01-D-001", "01-R-001"]:  # noqa: ASYNC110  as above
                await asyncio.sleep(0.05)
        assert not any(task.done() for task in ward.replicas[0].tasks)


async def _write(api: LocalBotApi, *, is_busy: bool) -> None:
    """
    Strangers write, one after the other.
    """
    while is_busy:
        api.send(666, "hello")
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("is_busy", [False, True])
async def test_a_second_poller_on_another_database_makes_way(
    url: str, databases: Databases, tmp_path: Path, *, is_busy: bool
) -> None:
    """
    Whoever came last stops with a sentence and has answered nobody, however busy the chats are; the one that was there
    goes on and loses nothing.
    """
    ward = Ward(url, tmp_path / "one")
    async with ward.replica(partial(poll, trial=0.2)) as first, fresh(databases) as another:
        await asyncio.sleep(0.5)
        late = Ward(another, tmp_path / "another")
        late.api = ward.api
        writing = asyncio.create_task(_write(ward.api, is_busy=is_busy))
        with pytest.raises(StoppedError, match="another program polls"):
            async with late.replica(partial(poll, trial=TRIAL)) as second:
                await asyncio.wait(second.tasks, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        writing.cancel()
        looked = Database(another)
        async with looked.transaction() as session:
            assert (await session.exec(select(InboxUpdate.update_id))).all() == []
        await looked.close()
        assert not any(task.done() for task in first.tasks)
        ward.api.send(COORDINATOR, f"/start {first.setup_code}", first_name="Test")
        async with asyncio.timeout(PATIENCE):
            while not any("Welcome" in message.text for message in ward.api.chat(COORDINATOR)):  # noqa: ASYNC110  as above
                await asyncio.sleep(0.05)
