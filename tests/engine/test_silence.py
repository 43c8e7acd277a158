"""
While nothing can be stored nobody is left in silence, and no answer goes to a question that was not the one read.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from sqlalchemy import text

from bot.application import Watched
from bot.emulator.chat import Message
from bot.service.watch import watched
from bot.texts import words
from db.base.engine import Database, cause
from tests.chat.conversation import asked, skip, values
from tests.conftest import COORDINATOR, Chatter, Clinic

OTHER = 202
PATIENCE = 30
"""Seconds after which a test gives up."""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.engine.reassurance._PATIENCE", 0.3)
    monkeypatch.setattr("bot.wire.polling._LOOK", 0.1)
    monkeypatch.setattr("bot.service.watch._PATIENCE", 0.3)


@asynccontextmanager
async def held(clinic: Clinic) -> AsyncIterator[None]:
    """
    Another program holds the database, in a transaction that takes long.
    """
    database = Database(clinic.settings.database_url.get_secret_value())
    try:
        async with database.engine.connect() as connection, connection.begin() as transaction:
            if not database.is_sqlite:
                await connection.execute(text("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE"))
            yield
            await transaction.rollback()
    finally:
        await database.close()


def reassurances(clinic: Clinic, user_id: int = COORDINATOR, language: str = "en") -> list[Message]:
    """
    What a chat shows of what is not stored yet.
    """
    wanted = words(language)("not_stored_yet").unescape()
    return [message for message in clinic.api.chat(user_id) if message.text == wanted]


async def until(is_so: Callable[[], object]) -> None:
    """
    Wait until it is so.
    """
    async with asyncio.timeout(PATIENCE):
        while not is_so():  # noqa: ASYNC110  it has no event
            await asyncio.sleep(0.02)


async def test_a_number_typed_again_is_not_stored_for_the_next_question(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Transaminases were typed twice while another program held the database: bilirubin is still asked, and the chat has
    heard in between that the first was not stored yet.
    """
    await skip(clinic, coordinator, "recipient", until="transaminases_xuln")
    async with held(clinic):
        clinic.api.send(COORDINATOR, "1", first_name="Test")
        await until(lambda: reassurances(clinic))
        clinic.api.send(COORDINATOR, "1", first_name="Test")
        await until(lambda: len(clinic.api.waiting) == 2)
    await coordinator.look()
    await until(lambda: not reassurances(clinic))
    found = await values(clinic, "01-R-001")
    assert found["transaminases_xuln"] == "1"
    assert "bilirubin_xuln" not in found
    assert asked(coordinator.card) == "bilirubin_xuln"
    assert words("en")("note.moved_on") in coordinator.card.html
    await coordinator.say("1.5")
    assert (await values(clinic, "01-R-001"))["bilirubin_xuln"] == "1.5"


async def test_each_chat_is_told_once_and_a_press_has_its_spinner_ended(clinic: Clinic, coordinator: Chatter) -> None:
    """
    In the language of their Telegram, also who writes while others already wait; what was sent is worked afterwards.
    """
    await skip(clinic, coordinator, "donor", until="sex")
    (button,) = [one for row in coordinator.card.buttons for one in row if one.label.endswith("Female")]
    assert button.data is not None
    before = len(coordinator.toasts)
    async with held(clinic):
        clinic.api.press(COORDINATOR, coordinator.card.id, button.data)
        await until(lambda: reassurances(clinic))
        clinic.api.press(COORDINATOR, coordinator.card.id, button.data)
        clinic.api.send(OTHER, "Bonjour", language="fr")
        await until(lambda: reassurances(clinic, OTHER, "fr"))
        await until(lambda: len(coordinator.toasts) > before + 1)
        assert len(reassurances(clinic)) == 1
        assert coordinator.toasts[-1] == words("en")("not_stored_yet").unescape()
    await coordinator.look()
    await until(lambda: not reassurances(clinic) and not reassurances(clinic, OTHER, "fr"))
    assert (await values(clinic, "01-D-001"))["sex"] == '"female"'


async def test_nobody_in_a_group_is_told(clinic: Clinic, coordinator: Chatter) -> None:
    """
    There the bot says nothing at all.
    """
    async with held(clinic):
        clinic.api.send(OTHER, "hello", chat_type="group")
        clinic.api.send(COORDINATOR, "/help", first_name="Test")
        await until(lambda: reassurances(clinic))
        assert not any(message.from_bot for message in clinic.api.chat(-OTHER))
    await coordinator.look()


async def test_health_and_the_log_name_the_cause(
    clinic: Clinic, coordinator: Chatter, caplog: pytest.LogCaptureFixture
) -> None:
    """
    While it lasts; afterwards all is well.
    """
    async with (
        watched(Watched(clinic.application), host="127.0.0.1", port=0) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
    ):
        async with held(clinic):
            clinic.api.send(COORDINATOR, "/help", first_name="Test")
            await until(lambda: reassurances(clinic))
            why = clinic.application.worker.unit.why_it_waits
            async with session.get("/healthz") as response:
                assert (response.status, await response.text()) == (503, f"not well: {why}\n")
        assert "updates are not stored yet" in caplog.text
        assert why in caplog.text
        await coordinator.look()
        async with session.get("/healthz") as response:
            assert response.status == 200


class Failed(Exception):  # noqa: N818  as a driver names its own
    """
    A driver's error.
    """

    def __init__(self, **codes: object) -> None:
        super().__init__()
        self.__dict__.update(codes)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Failed(sqlite_errorcode=5), "another program holds the database"),
        (Failed(sqlite_errorcode=261), "another program holds the database"),
        (Failed(sqlite_errorcode=13), "the disk is full"),
        (Failed(sqlite_errorcode=8), "the database is read-only"),
        (Failed(sqlstate="53100"), "the disk is full"),
        (Failed(sqlstate="57P03"), "the database is shutting down or starting"),
        (Failed(sqlstate="55P03"), "another program holds the database"),
        (Failed(sqlstate="08006"), "the database is not reached"),
        (OSError(28, "No space left on device"), "the disk is full"),
        (ConnectionRefusedError(111, "refused"), "the database is not reached"),
    ],
)
def test_a_full_disk_is_not_called_out_of_reach(error: Exception, told: str) -> None:
    """
    Each cause has its words.
    """
    assert cause(error) == told
