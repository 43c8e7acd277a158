"""
A database that fails for a while: the bot tries again, says nothing before it has succeeded, and does nothing twice.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import keys
from db.base import sqlite_driver
from db.base.tables import Answer, Case, InboxUpdate, UpdateState
from db.upkeep import facts
from tests.conftest import Chatter, Clinic, settings_in
from tests.databases import Postgres, on_postgres, on_sqlite
from tests.db.delivery.faults import (
    ERRORS,
    SERVER_ERRORS,
    Fault,
    Faults,
    Mishap,
    RandomFaults,
)

PATIENCE = 10
"""Seconds after which a test gives up waiting for a bot that has stopped."""


@pytest.fixture
async def clinic(url: str, tmp_path: Path) -> AsyncIterator[Clinic]:
    """
    A bot that has just been started, on either database.
    """
    started = Clinic(settings_in(tmp_path, database_url=url))
    await started.start()
    yield started
    await started.stop()


@pytest.fixture
async def asked(clinic: Clinic) -> Chatter:
    """
    A coordinator whose card asks for the age of a first recipient.
    """
    coordinator = await clinic.coordinator()
    await coordinator.press("New recipient")
    return coordinator


def _said(chatter: Chatter) -> list[str]:
    """
    Everything that the bot shows in a chat.
    """
    return [message.text for message in chatter.api.chat(chatter.user_id) if message.from_bot] + chatter.toasts


async def _ages(clinic: Clinic) -> list[str | None]:
    async with clinic.application.database.transaction() as session:
        return list((await session.exec(select(Answer.value).where(Answer.item == "age"))).all())


async def _is_whole(clinic: Clinic) -> None:
    """
    The trail verifies, and no update was set aside.
    """
    key = keys.audit_key(clinic.settings.audit_key_file, may_create=False)
    async with clinic.application.database.transaction() as session:
        assert await facts.verify(session, key=key) > 0
        states = (await session.exec(select(InboxUpdate.state))).all()
    assert set(states) <= {UpdateState.DONE, UpdateState.SHOWN}


def _message(user_id: int, words: str) -> dict[str, dict[str, object]]:
    """
    An update as Telegram writes it.
    """
    return {
        "message": {
            "message_id": 900_000,
            "date": int(time.time()) + 60,  # after what was read, however fast a test is
            "chat": {"id": user_id, "type": "private", "first_name": "Ada"},
            "from": {"id": user_id, "is_bot": False, "first_name": "Ada"},
            "text": words,
        }
    }


def _raising(error: Exception) -> Fault:
    async def fail(_: AsyncSession) -> None:
        raise error

    return fail


async def _answers_45(chatter: Chatter) -> None:
    async with asyncio.timeout(PATIENCE):
        card = await chatter.say("45")
    assert "✓ Age: 45 years" in card.text


@pytest.mark.parametrize("name", ERRORS)
async def test_an_answer_survives_commits_that_fail(
    clinic: Clinic, asked: Chatter, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """
    It is stored once, and nothing at all is said before it is.
    """
    faults = Faults(clinic.application.database, monkeypatch)
    shown = _said(asked)
    seen: list[list[str]] = []

    async def fail(_: AsyncSession) -> None:
        await asyncio.sleep(0.02)  # whatever were said too early would be there by then
        seen.append(_said(asked))
        raise ERRORS[name]

    faults.before = [fail, fail]
    await _answers_45(asked)
    assert seen == [shown, shown]
    assert await _ages(clinic) == ["45"]
    await _is_whole(clinic)


async def test_a_group_of_chats_survives_commits_that_fail(
    clinic: Clinic, asked: Chatter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    New cases and answers that share a failing commit are all there once.
    """
    faults = Faults(clinic.application.database, monkeypatch)
    faults.before = [_raising(ERRORS["locked"])] * 2
    clinic.api.send(asked.user_id, "45")
    clinic.api.send(asked.user_id, "/new donor")
    clinic.api.send(666, "hello")
    async with asyncio.timeout(PATIENCE):
        await asked.look()
    async with clinic.application.database.transaction() as session:
        codes = (await session.exec(select(Case.code).order_by(Case.code))).all()
    assert codes == ["01-D-001", "01-R-001"]
    assert await _ages(clinic) == ["45"]
    await _is_whole(clinic)


async def _is_refused(caplog: pytest.LogCaptureFixture) -> None:
    """
    Wait until the bot has met an error of the database.
    """
    async with asyncio.timeout(PATIENCE):
        while "OperationalError" not in caplog.text:  # noqa: ASYNC110  there is nothing but the log to see
            await asyncio.sleep(0.01)


@on_sqlite("its way to be full")
async def test_an_answer_survives_a_full_disk(clinic: Clinic, asked: Chatter, caplog: pytest.LogCaptureFixture) -> None:
    """
    While nothing more fits the bot is silent; once there is room the answer is stored and shown.
    """
    database, user_id = clinic.application.database, asked.user_id
    shown = _said(asked)
    async with database.engine.connect() as connection:
        await connection.execute(text("PRAGMA max_page_count = 1"))
    update = _message(user_id, "45")
    clinic.api.put({"message": {**update["message"], "author_signature": "too long for the last page" * 500}})
    await _is_refused(caplog)
    assert _said(asked) == shown
    async with database.engine.connect() as connection:
        await connection.execute(text("PRAGMA max_page_count = 1000000"))
    async with asyncio.timeout(PATIENCE):
        card = await asked.look()
    assert "✓ Age: 45 years" in card.text
    assert await _ages(clinic) == ["45"]
    await _is_whole(clinic)


@on_sqlite("PostgreSQL has several writers at a time")
async def test_an_answer_survives_another_program_that_holds_the_file(
    clinic: Clinic,
    asked: Chatter,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """
    While somebody else writes for too long the bot is silent; then the answer is stored and shown.
    """
    shown = _said(asked)
    monkeypatch.setattr(sqlite_driver, "PATIENCE_MS", 20)
    with closing(sqlite3.connect(tmp_path / "screening.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        clinic.api.send(asked.user_id, "45")
        await _is_refused(caplog)
        assert _said(asked) == shown
        holder.execute("ROLLBACK")
    async with asyncio.timeout(PATIENCE):
        card = await asked.look()
    assert "✓ Age: 45 years" in card.text
    assert await _ages(clinic) == ["45"]
    await _is_whole(clinic)


@on_postgres("SQLite has no server")
@pytest.mark.parametrize("name", SERVER_ERRORS)
async def test_an_answer_survives_what_a_server_may_say(
    clinic: Clinic, asked: Chatter, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """
    Errors that come from the server and not from the answer: it is tried again, and not set aside.
    """
    faults = Faults(clinic.application.database, monkeypatch)
    faults.before = [lambda session: session.exec(text(SERVER_ERRORS[name]))] * 2  # type: ignore[call-overload]  # plain SQL
    async with asyncio.timeout(PATIENCE):
        card = await asked.say("45")
    assert "✓ Age: 45 years" in card.text
    assert await _ages(clinic) == ["45"]
    await _is_whole(clinic)


@on_postgres("SQLite has no server")
async def test_the_bot_survives_what_a_server_says_between_turns(
    clinic: Clinic, asked: Chatter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    An error while it writes down what it has shown does not end it: the next answer is taken.
    """
    faults = Faults(clinic.application.database, monkeypatch)
    faults.any = [lambda session: session.exec(text(SERVER_ERRORS["disk full"]))]  # type: ignore[call-overload]  # plain SQL
    async with asyncio.timeout(PATIENCE):
        while faults.any:  # noqa: ASYNC110  the bot writes when all is quiet
            await asyncio.sleep(0.01)
    await _answers_45(asked)
    await _is_whole(clinic)


async def _cut_connections(postgres: Postgres, url: str) -> None:
    name = url.partition("?")[0].rpartition("/")[2]
    await postgres.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608  a test's own name


@on_postgres("SQLite has no server")
async def test_an_answer_survives_a_server_that_cuts_the_connection(
    clinic: Clinic, asked: Chatter, monkeypatch: pytest.MonkeyPatch, postgres: Postgres, url: str
) -> None:
    """
    A server that restarts in the middle of a turn costs a moment and no answer.
    """
    faults = Faults(clinic.application.database, monkeypatch)
    faults.before = [lambda _: _cut_connections(postgres, url)] * 2
    await _answers_45(asked)
    assert await _ages(clinic) == ["45"]
    await _is_whole(clinic)


@on_postgres("SQLite has no server")
async def test_a_server_that_restarts_between_two_turns_is_not_noticed(
    clinic: Clinic, asked: Chatter, postgres: Postgres, url: str
) -> None:
    """
    The next answer is stored over a new connection.
    """
    await _cut_connections(postgres, url)
    await _answers_45(asked)
    assert await _ages(clinic) == ["45"]
    await _is_whole(clinic)


async def test_an_effect_whose_commit_was_confirmed_too_late_is_there_once(
    clinic: Clinic, asked: Chatter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The commit succeeds but the connection breaks before it says so: trying again opens no second case.
    """
    faults = Faults(clinic.application.database, monkeypatch)
    faults.after = [_raising(ERRORS["reset"])]
    async with asyncio.timeout(PATIENCE):
        await asked.say("/new donor")
    async with clinic.application.database.transaction() as session:
        codes = (await session.exec(select(Case.code).order_by(Case.code))).all()
    assert codes == ["01-D-001", "01-R-001"]
    await _is_whole(clinic)


async def test_an_update_whose_receipt_was_confirmed_too_late_is_worked(
    clinic: Clinic, asked: Chatter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    It is there although the program does not know: it is worked once, and the chat shows what follows from it.
    """
    database = clinic.application.database
    transaction = database.transaction
    lost: list[bool] = []

    @asynccontextmanager
    async def unconfirmed() -> AsyncIterator[AsyncSession]:
        async with transaction() as session:
            before = (await session.exec(select(func.count()).select_from(InboxUpdate))).one()
            yield session
            await session.flush()
            received = (await session.exec(select(func.count()).select_from(InboxUpdate))).one() > before
        if received and not lost:
            lost.append(True)
            raise ERRORS["reset"]

    monkeypatch.setattr(database, "transaction", unconfirmed)
    async with asyncio.timeout(PATIENCE):
        card = await asked.say("45")
    assert lost
    assert "Age: 45 years" in card.text
    assert "R-I2" in card.text
    assert await _ages(clinic) == ["45"]


async def test_an_update_that_stands_twice_in_a_batch_has_one_effect(clinic: Clinic, asked: Chatter) -> None:
    """
    A command that Telegram hands over twice at once opens one case.
    """
    update = {"update_id": 900_000, **_message(asked.user_id, "/new donor")}
    async with asyncio.timeout(PATIENCE):
        await clinic.application.worker.receive([update, update])
        await asked.look()
    async with clinic.application.database.transaction() as session:
        codes = (await session.exec(select(Case.code).order_by(Case.code))).all()
    assert codes == ["01-D-001", "01-R-001"]


async def test_faults_at_any_time_lose_nothing_and_double_nothing(
    clinic: Clinic, asked: Chatter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Every third transaction fails in one way or another: each donor is opened once, and the trail is whole.
    """
    database, opened = clinic.application.database, 0
    faults = RandomFaults(Random(1), share=0.3)  # noqa: S311  a schedule, no secret
    wanted = set(Mishap) - ({Mishap.ENDED} if database.is_sqlite else set())
    with monkeypatch.context() as patch:
        patch.setattr(database, "transaction", faults.around(database.transaction))
        async with asyncio.timeout(3 * PATIENCE):
            while set(faults.met) != wanted:
                await asked.say("/new donor")
                opened += 1
    async with database.transaction() as session:
        codes = (await session.exec(select(Case.code).order_by(Case.code))).all()
    assert codes == [*(f"01-D-{number:03d}" for number in range(1, opened + 1)), "01-R-001"]
    await _is_whole(clinic)
