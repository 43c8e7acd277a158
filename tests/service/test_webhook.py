"""
Updates pushed to the bot, over real HTTP: who may push, what is answered when, and what those who watch are told.
"""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlmodel import func, select
from telegram.error import BadRequest

from bot.application import Application, Watched, running
from bot.emulator.api import LocalBotApi
from bot.emulator.request import LocalRequest
from bot.service import webhook
from bot.service.watch import watched
from bot.settings import Settings, SettingsError, load
from bot.wire.client import TelegramBot
from bot.wire.polling import StoppedError
from db.base.tables import InboxUpdate
from db.delivery import backlog, inbox
from tests.conftest import COORDINATOR, TOKEN, settings_in
from tests.crash.program import free_port

SECRET = "x" * 32


@dataclass
class Pushed:
    """
    A bot that is pushed its updates, and how to push some.
    """

    application: Application
    api: LocalBotApi
    url: str
    session: aiohttp.ClientSession
    numbers: int = 100

    async def push(self, body: bytes | dict[str, Any], secret: str | None = SECRET) -> int:
        """
        Post something as Telegram would; the status answered.
        """
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
        async with self.session.post(self.url + webhook.PATH, data=io.BytesIO(data), headers=headers) as response:
            return response.status

    def text(self, words: str, *, update_id: int | None = None) -> dict[str, Any]:
        """
        The update of a message in the coordinator's chat.
        """
        self.numbers += 1
        person = {"id": COORDINATOR, "is_bot": False, "first_name": "Test"}
        return {
            "update_id": update_id or self.numbers,
            "message": {
                "message_id": self.numbers,
                "date": 1_790_000_000,
                "chat": {"id": COORDINATOR, "type": "private"},
                "from": person,
                "text": words,
            },
        }

    async def stored(self) -> int:
        """
        How many updates the inbox has seen.
        """
        async with self.application.database.transaction() as session:
            return (await session.exec(select(func.count()).select_from(InboxUpdate))).one()


@pytest.fixture
async def pushed(settings: Settings) -> AsyncIterator[Pushed]:
    """
    The application in webhook mode.
    """
    api, port = LocalBotApi(), free_port()
    url = f"http://127.0.0.1:{port}"
    serve = partial(webhook.serve, url=f"{url}{webhook.PATH}", secret=SECRET, host="127.0.0.1", port=port)
    async with (
        running(
            settings, token=TOKEN, api_url="local:", request=LocalRequest(api), polling=LocalRequest(api), serve=serve
        ) as application,
        aiohttp.ClientSession() as session,
    ):
        while not api.webhook:  # noqa: ASYNC110  the other side sets it
            await asyncio.sleep(0.01)
        yield Pushed(application, api, url, session)


async def test_what_is_pushed_is_answered_in_the_chat(pushed: Pushed) -> None:
    """
    200 means that it is in the inbox; pushed again, it has no second effect.
    """
    start = pushed.text(f"/start {pushed.application.setup_code}")
    assert await pushed.push(start) == 200
    assert await pushed.stored() == 1
    await pushed.application.quiet()
    assert "Welcome" in pushed.api.chat(COORDINATOR)[-1].text
    again = pushed.text("/new donor")
    assert [await pushed.push(again) for _ in range(3)] == [200] * 3
    await pushed.application.quiet()
    assert "01-D-001" in pushed.api.chat(COORDINATOR)[-1].text
    assert await pushed.stored() == 2


@pytest.mark.parametrize("secret", [None, "", "x" * 31, "X" * 32, "x" * 33, "\u00e9" * 16])
async def test_whoever_does_not_know_the_secret_is_refused_before_the_body_is_read(
    pushed: Pushed, secret: str | None
) -> None:
    """
    Whatever they send: a good update, one that is too long, or no update at all.
    """
    for body in (pushed.text("/start"), b"{", b"x" * (2 * 2**20)):
        assert await pushed.push(body, secret) == 403
    assert await pushed.stored() == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"null", 400),
        (b'{"update_id": "7"}', 400),
        (b'{"update_id": true}', 400),
        (b'{"update_id": 9223372036854775808}', 400),
        (b"[" * 100_000, 400),
        (b" " * (2**20 + 1), 413),
    ],
)
async def test_what_is_no_update_is_refused(pushed: Pushed, body: bytes, status: int) -> None:
    """
    And does no harm: the next update is taken.
    """
    assert await pushed.push(body) == status
    assert await pushed.push(pushed.text("hello")) == 200
    assert await pushed.stored() == 1


async def test_a_megabyte_is_taken(pushed: Pushed) -> None:
    """
    Up to the limit and not beyond.
    """
    update = json.dumps(pushed.text("hello")).encode()
    assert await pushed.push(update + b" " * (2**20 - len(update))) == 200


async def test_other_paths_and_methods_find_nothing(pushed: Pushed) -> None:
    """
    Nothing about the bot is told there.
    """
    async with pushed.session.get(pushed.url + webhook.PATH) as response:
        assert response.status == 405
    for path in ("/", "/healthz", "/metrics", f"/{TOKEN}"):
        async with pushed.session.get(pushed.url + path) as response:
            assert response.status == 404


async def test_nothing_is_answered_before_it_is_committed(pushed: Pushed, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    While the database is away the request waits; it is answered once the update is stored.
    """
    real, is_away = inbox.receive, True

    async def receive(*args: Any, **named: Any) -> None:  # noqa: ANN401  whatever the real one takes
        if is_away:
            raise OSError("the database is away")
        await real(*args, **named)

    monkeypatch.setattr(inbox, "receive", receive)
    waiting = asyncio.create_task(pushed.push(pushed.text("hello")))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    is_away = False
    assert await waiting == 200
    assert await pushed.stored() == 1


async def test_health_and_metrics(pushed: Pushed, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Figures in Prometheus's form, and nothing of a case; a database that does not answer is no health.
    """
    async with watched(Watched(pushed.application), host="127.0.0.1", port=0) as port:
        watch = f"http://127.0.0.1:{port}"
        await pushed.push(pushed.text(f"/start {pushed.application.setup_code}"))
        await pushed.push(pushed.text("/new donor"))
        await pushed.application.quiet()
        async with pushed.session.get(f"{watch}/healthz") as response:
            assert (response.status, await response.text()) == (200, "ok\n")
        async with pushed.session.get(f"{watch}/metrics") as response:
            told = await response.text()
        for line in ("bot_updates_total 2.0", "bot_update_seconds_count 2.0", "bot_inbox_updates 0.0"):
            assert f"{line}\n" in told
        assert "bot_errors_total 0.0\n" in told
        for name in ("bot_inbox_oldest_seconds", "bot_reminders_due", "bot_notices_unsent"):
            assert name in told
        assert "01-D" not in told

        async def look(*_: object, **__: object) -> None:
            await asyncio.sleep(0)
            raise OSError("the database is away")

        monkeypatch.setattr(backlog, "look", look)
        async with pushed.session.get(f"{watch}/healthz") as response:
            assert response.status == 503
        async with pushed.session.get(f"{watch}/metrics") as response:
            assert "bot_database_up 0.0\n" in await response.text()


@pytest.mark.parametrize(
    ("environment", "problem"),
    [
        ({"BOT_MODE": "webhook"}, "BOT_MODE=webhook needs WEBHOOK_URL and WEBHOOK_SECRET"),
        ({"WEBHOOK_SECRET": "x" * 31}, "WEBHOOK_SECRET: expected 32 to 256"),
        ({"WEBHOOK_SECRET": "x" * 31 + "!"}, "WEBHOOK_SECRET: expected 32 to 256"),
        ({"BOT_MODE": "push"}, "BOT_MODE: "),
        ({"WATCH_PORT": "65536"}, "WATCH_PORT: "),
    ],
)
def test_settings_of_the_webhook(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, environment: dict[str, str], problem: str
) -> None:
    """
    What is missing or malformed is named, and a secret never shown.
    """
    monkeypatch.chdir(tmp_path)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        load()
    assert problem in str(refused.value)
    assert "x" * 31 not in str(refused.value)


async def test_an_address_that_telegram_refuses_stops_the_bot_with_a_sentence(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The error names the setting.
    """

    async def refuse(*_: object, **__: object) -> None:
        await asyncio.sleep(0)
        raise BadRequest("Bad webhook: HTTPS URL must be provided for webhook")

    monkeypatch.setattr(TelegramBot, "set_webhook", refuse)
    api = LocalBotApi()
    serve = partial(webhook.serve, url="http://x/telegram", secret=SECRET, host="127.0.0.1", port=free_port())
    request, polling = LocalRequest(api), LocalRequest(api)
    with pytest.raises(StoppedError, match=r"WEBHOOK_URL.*HTTPS"):
        async with running(
            settings, token=TOKEN, api_url="local:", request=request, polling=polling, serve=serve
        ) as application:
            await asyncio.wait(application.tasks, timeout=5, return_when=asyncio.FIRST_COMPLETED)


def test_settings_in_a_folder_are_for_polling(tmp_path: Path) -> None:
    """
    Polling is the default.
    """
    assert settings_in(tmp_path).bot_mode == "polling"
