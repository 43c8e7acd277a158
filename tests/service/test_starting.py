"""
A replica that starts while the server that holds its database is away.
"""

import asyncio

import aiohttp
import pytest

from bot import application
from bot.application import Watched, running
from bot.emulator.api import LocalBotApi
from bot.emulator.request import LocalRequest
from bot.service.watch import watched
from bot.settings import Settings
from tests.conftest import TOKEN
from tests.databases import on_postgres


@on_postgres("a file is there or not")
async def test_it_waits_and_says_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """
    In the log and on /healthz; once the server is back the bot runs.
    """
    prepare, is_away, tried = application.prepare, True, asyncio.Event()

    async def refused(*arguments: object) -> object:
        if is_away:
            tried.set()
            raise ConnectionRefusedError(111, "refused")
        return await prepare(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(application, "prepare", refused)
    state, api, is_running, is_over = Watched(), LocalBotApi(), asyncio.Event(), asyncio.Event()

    async def run() -> None:
        async with running(
            settings,
            token=TOKEN,
            api_url="local:",
            request=LocalRequest(api),
            polling=LocalRequest(api),
            on_wait=state.wait,
        ) as state.application:
            is_running.set()
            await is_over.wait()

    async with (
        asyncio.timeout(60),
        watched(state, host="127.0.0.1", port=0) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
    ):
        task = asyncio.create_task(run())
        await tried.wait()
        await asyncio.sleep(0)
        for path in ("/healthz", "/metrics"):
            async with session.get(path) as response:
                assert (response.status, await response.text()) == (503, "not well: the database is not reached\n")
        assert "waiting for the database" in caplog.text
        is_away = False
        await is_running.wait()
        async with session.get("/healthz") as response:
            assert response.status == 200
        is_over.set()
        await task
