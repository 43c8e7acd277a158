"""
What people are told without having asked: one who cannot be told now keeps no other waiting, and nothing is told twice.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine.notifier import Notifier
from bot.screens import notices as told
from bot.screens.notices import Told
from bot.turn import View
from bot.wire.speaker import Speaker
from bot.wire.throttle import Throttle
from db.base.tables import Chat, Notice, Person
from db.base.tables import Pace as Left
from db.delivery import backlog, notices, pace
from tests.conftest import COORDINATOR, Chatter, Clinic

OTHER = 202
PATIENCE = 20
"""Seconds after which a test gives up."""


async def tell(clinic: Clinic, times: int = 1) -> None:
    """
    Write so many notices to the coordinator and, after them, one to somebody else.
    """
    now = clinic.application.worker.clock()
    async with clinic.application.database.transaction() as session:
        query = select(Person).where(Person.telegram_id == OTHER)
        other = (await session.exec(query)).first()
        if other is None:
            other = Person(telegram_id=OTHER, name="Other", language="en", accepted_at=now)
            session.add(other)
            await session.flush()
        for person_id in (*[1] * times, other.id):
            notices.add(session, person_id=person_id, key="notice.reactivated", now=now)
    clinic.application.notifier.wake()


async def unsent(clinic: Clinic) -> list[int]:
    """
    The Telegram ids of those to whom a notice is still to be sent.
    """
    async with clinic.application.database.transaction() as session:
        query = select(Person.telegram_id).join(Notice).where(col(Notice.sent_at).is_(None))
        return list(await session.exec(query.order_by(col(Notice.id))))


async def heard(clinic: Clinic, times: int) -> None:
    """
    Wait until the other one has been told so often, and this is written down.
    """
    async with asyncio.timeout(PATIENCE):
        while len(clinic.api.chat(OTHER)) < times or OTHER in await unsent(clinic):  # noqa: ASYNC110  it has no event
            await asyncio.sleep(0.02)


async def test_a_chat_that_is_left_alone_keeps_no_other_waiting(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The others are told meanwhile, again and again; and that one when Telegram allows it.
    """
    async with clinic.application.database.transaction() as session:
        await pace.leave_alone(session, chat_id=COORDINATOR, seconds=600)
    before = len(clinic.api.chat(COORDINATOR))
    for times in (1, 2):
        await tell(clinic)
        await heard(clinic, times)
    assert await unsent(clinic) == [COORDINATOR] * 2
    assert len(clinic.api.chat(COORDINATOR)) == before
    async with clinic.application.database.transaction() as session:
        await session.exec(update(Left).values(alone_until=0.0))
    async with asyncio.timeout(PATIENCE):
        while await unsent(clinic):  # noqa: ASYNC110  as above
            await asyncio.sleep(0.02)
    assert len(clinic.api.chat(COORDINATOR)) == before + 2
    assert "again" in coordinator.card.text


async def test_a_notice_that_telegram_puts_off_keeps_no_other_waiting(
    clinic: Clinic, coordinator: Chatter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Too many requests, it says of the notice itself: that stays unsent until it is allowed, and is sent then.
    """
    call, refused = clinic.api.call, 0

    async def refuse(method: str, parameters: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        nonlocal refused
        if method != "sendMessage" or parameters["chat_id"] != COORDINATOR:
            return await call(method, parameters)
        refused += 1
        parameters = {"retry_after": 600}
        return 429, {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": parameters}

    monkeypatch.setattr(clinic.api, "call", refuse)
    application = clinic.application
    application.notifier.speaker = Speaker(application.bot, Throttle(application.worker.commit))
    for times in (1, 2):
        await tell(clinic)
        await heard(clinic, times)
    assert await unsent(clinic) == [COORDINATOR] * 2
    assert 1 <= refused <= 2, "what has been put off is not tried again meanwhile"
    monkeypatch.undo()
    async with application.database.transaction() as session:
        await session.exec(update(Left).values(alone_until=0.0))
    before = len(clinic.api.chat(COORDINATOR))
    await clinic.restart()
    await coordinator.look()
    assert await unsent(clinic) == []
    assert len(clinic.api.chat(COORDINATOR)) == before + 2


async def test_each_notice_is_marked_as_soon_as_it_is_sent(
    clinic: Clinic, coordinator: Chatter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Though another one cannot be sent yet, whose chat is talked in for long: a restart repeats none.
    """
    monkeypatch.setattr("bot.engine.between_turns._SOON", 0.05)
    async with clinic.application.worker.between_turns.alone_with(COORDINATOR):
        for times in (1, 2):
            await tell(clinic)
            await heard(clinic, times)
        assert await unsent(clinic) == [COORDINATOR] * 2
    await coordinator.look()
    assert await unsent(clinic) == []
    await clinic.restart()
    await coordinator.look()
    assert len(clinic.api.chat(OTHER)) == 2


async def test_many_notices_to_one_person_keep_no_other_waiting(
    clinic: Clinic, coordinator: Chatter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    More than are sent at once, to somebody who cannot be told yet; reminders too, which are sent one by one.
    """

    async def digest(*_: object) -> View:
        return Told("notice.reactivated", {})

    monkeypatch.setattr("bot.engine.between_turns._SOON", 0.05)
    monkeypatch.setattr(Notifier, "_digest", digest)
    async with clinic.application.worker.between_turns.alone_with(COORDINATOR):
        await tell(clinic, times=40)
        await heard(clinic, 1)
        async with clinic.application.database.transaction() as session:
            now = clinic.application.worker.clock()
            await session.exec(update(Notice).values(sent_at=now))
            notices.add(session, person_id=1, key=notices.REMINDERS, now=now, ids=[])
        await tell(clinic)
        await heard(clinic, 2)
        assert await unsent(clinic) == [COORDINATOR] * 2
    await coordinator.look()
    assert await unsent(clinic) == []


async def test_a_notice_that_fails_is_tried_again_and_then_set_aside(
    clinic: Clinic, coordinator: Chatter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """
    Whatever fails, it counts as not sent; the others are told meanwhile. After the last attempt those who watch see it,
    and the next start tries anew.
    """
    begun = datetime.now(UTC)
    clinic.now = begun
    call, attempts = clinic.api.call, 0

    async def refuse(method: str, parameters: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        nonlocal attempts
        if method == "sendMessage" and parameters["chat_id"] == COORDINATOR:
            attempts += 1
            return 400, {"ok": False, "error_code": 400, "description": "Bad Request: can't parse entities"}
        return await call(method, parameters)

    before = len(clinic.api.chat(COORDINATOR))
    monkeypatch.setattr(clinic.api, "call", refuse)
    await tell(clinic)
    await heard(clinic, 1)
    for number, minutes in enumerate((0.5, 2, 10, 60), start=1):
        await clinic.application.quiet()
        assert attempts == number
        assert await unsent(clinic) == [COORDINATOR]
        clinic.now += timedelta(minutes=minutes)
        clinic.application.notifier.wake()
    await clinic.application.quiet()
    assert attempts == 5
    assert caplog.text.count("a notice cannot be sent for now") == 4
    assert caplog.text.count("a notice is set aside") == 1
    clinic.now += timedelta(days=1)
    clinic.application.notifier.wake()
    await clinic.application.quiet()
    assert attempts == 5
    async with clinic.application.database.transaction() as session:
        assert (await backlog.look(session, now=clinic.now)).set_aside == 1
    monkeypatch.undo()
    await clinic.restart()
    await coordinator.look()
    assert await unsent(clinic) == []
    assert len(clinic.api.chat(COORDINATOR)) == before + 1


@pytest.mark.parametrize("where", ["bot.engine.notifier.render", "bot.engine.notifier.told.find"])
@pytest.mark.parametrize("error", [RuntimeError("unforeseen"), KeyError("no such text")])
async def test_an_unforeseen_failure_is_no_success(
    clinic: Clinic, coordinator: Chatter, monkeypatch: pytest.MonkeyPatch, where: str, error: Exception
) -> None:
    """
    What raises once is told at the next attempt.
    """
    clinic.now = datetime.now(UTC)
    before = len(clinic.api.chat(COORDINATOR))

    def fail(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(where, fail)
        await tell(clinic)
        await clinic.application.quiet()
    assert await unsent(clinic) == [COORDINATOR, OTHER]
    clinic.now += timedelta(minutes=1)
    clinic.application.notifier.wake()
    await coordinator.look()
    assert await unsent(clinic) == []
    assert len(clinic.api.chat(COORDINATOR)) == before + 1


async def test_one_that_cannot_be_found_keeps_no_other_waiting(
    clinic: Clinic, coordinator: Chatter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """
    Not even where it is the database that refuses; and the bot goes on.
    """
    find = told.find

    async def fail(session: AsyncSession, *, notice: Notice, now: datetime) -> View | None:
        if notice.person_id == 1:
            await session.exec(text("SELECT nothing FROM nowhere"))
        return await find(session, notice=notice, now=now)

    monkeypatch.setattr("bot.engine.notifier.told.find", fail)
    await tell(clinic)
    await heard(clinic, 1)
    assert await unsent(clinic) == [COORDINATOR]
    assert caplog.text.count("a notice cannot be sent for now") == 1
    assert "Screening" in (await coordinator.say("/start")).text


async def test_whoever_has_blocked_the_bot_gets_no_card(
    clinic: Clinic, coordinator: Chatter, caplog: pytest.LogCaptureFixture
) -> None:
    """
    They are shut out all the same, and nothing is tried again.
    """
    clinic.api.block(COORDINATOR)
    before = coordinator.card
    await clinic.restart()  # where the card is has been written down
    async with clinic.application.database.transaction() as session:
        await session.exec(update(Chat).values(card_message_id=None))
        now = clinic.application.worker.clock()
        notices.add(session, person_id=1, key="notice.deactivated", now=now)
    clinic.application.notifier.wake()
    await clinic.application.quiet()
    assert await unsent(clinic) == []
    assert coordinator.card == before
    assert "a notice cannot be sent" not in caplog.text
