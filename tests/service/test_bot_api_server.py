"""
The Bot API that the tests put in the place of Telegram's, where it is unkind: what it does to calls and to updates.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.emulator.api import LocalBotApi
from tests.service.bad_network import BadNetwork, Mishap
from tests.service.bot_api_server import TOKEN, BotApiServer
from tests.service.rate_limits import A_SECOND, BURST, RateLimits

SECRET = "s" * 32
Update = dict[str, Any]


def _network(**shares: float) -> BadNetwork:
    return BadNetwork(Random(1), **shares)  # noqa: S311  a schedule, no secret


class Taker:
    """
    A webhook that fails every third time, and keeps what it took.
    """

    def __init__(self) -> None:
        self.calls = 0
        self.taken: list[Update] = []
        self.at_once = self.most_at_once = 0
        application = web.Application()
        application.router.add_post("/telegram", self._take)
        self._runner = web.AppRunner(application)

    async def start(self) -> str:
        """
        Listen, and say where.
        """
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}/telegram"

    async def stop(self) -> None:
        """
        Listen no longer.
        """
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        assert request.headers["X-Telegram-Bot-Api-Secret-Token"] == SECRET
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        update = await request.json()
        await asyncio.sleep(0.001)
        self.at_once -= 1
        self.calls += 1
        if self.calls % 3 == 0:
            return web.Response(status=500)
        self.taken.append(update)
        return web.Response()


@pytest.fixture
async def taker() -> AsyncIterator[Taker]:
    """
    A webhook.
    """
    made = Taker()
    yield made
    await made.stop()


async def _call(server: BotApiServer, method: str, **parameters: object) -> Update:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.url}/bot{TOKEN}/{method}", json=parameters) as response,
    ):
        answer: Update = await response.json()
        return answer


def _firsts(updates: list[Update]) -> dict[int, list[str]]:
    """
    What each chat wrote, in the order in which it came for the first time.
    """
    seen: set[int] = set()
    found: dict[int, list[str]] = {}
    for update in updates:
        if update["update_id"] not in seen:
            seen.add(update["update_id"])
            found.setdefault(update["message"]["chat"]["id"], []).append(update["message"]["text"])
    return found


WRITTEN = {chat: [str(number) for number in range(5)] for chat in range(1, 151)}


def _write(api: LocalBotApi) -> None:
    for number in range(5):
        for chat in WRITTEN:
            api.send(chat, str(number))


async def test_a_webhook_is_pushed_everything_in_the_order_of_each_chat(taker: Taker) -> None:
    """
    Up to 100 at once, each until it is taken, some of them again.
    """
    api = LocalBotApi(first_id=1)
    async with BotApiServer(api, network=_network(mishaps=0, again=0.5, later=0.2)) as server:
        await _call(server, "setWebhook", url=await taker.start(), secret_token=SECRET)
        assert (await _call(server, "getUpdates"))["error_code"] == 409
        _write(api)
        async with asyncio.timeout(20):
            while not server.is_quiet:  # noqa: ASYNC110  the server pushes
                await asyncio.sleep(0.01)
    assert _firsts(taker.taken) == WRITTEN
    times = Counter(update["update_id"] for update in taker.taken)
    assert server.acknowledged == set(times)
    assert set(times.values()) == {1, 2, 3}
    assert 50 < taker.most_at_once <= 100


async def test_a_poller_is_handed_everything_in_the_order_of_each_chat() -> None:
    """
    Some of it again, after it was confirmed; what was not confirmed is not counted as taken.
    """
    api, polled, offset = LocalBotApi(first_id=1), [], 0
    async with BotApiServer(api, network=_network(mishaps=0, again=0.5, later=0.2)) as server:
        _write(api)
        while not server.is_quiet:
            found = (await _call(server, "getUpdates", offset=offset, limit=50))["result"]
            assert not server.acknowledged & {one["update_id"] for one in found} - {one["update_id"] for one in polled}
            polled += found
            offset = max((one["update_id"] + 1 for one in found), default=offset)
        assert _firsts(polled) == WRITTEN
        assert [one["update_id"] for one in polled[:50]] != sorted(one["update_id"] for one in polled[:50])
        times = Counter(update["update_id"] for update in polled)
        assert server.acknowledged == set(times)
    assert set(times.values()) == {1, 2, 3}


async def test_every_mishap_befalls_calls_and_those_after_the_effect_have_one() -> None:
    """
    Drawn from a seed: the same seed, the same mishaps.
    """
    api = LocalBotApi(first_id=1)
    heard: Counter[str] = Counter()
    async with BotApiServer(api, network=_network(mishaps=0.7)) as server:
        for number in range(100):
            try:
                answer = await _call(server, "sendMessage", chat_id=number, text="hello")
                heard[str(answer.get("error_code", "taken"))] += 1
            except (aiohttp.ClientError, json.JSONDecodeError) as error:
                heard[type(error).__name__] += 1
        met = server.network.met if server.network else {}
    assert set(met) == set(Mishap)
    assert heard == {
        "taken": 100 - sum(met.values()),
        "429": met[Mishap.REFUSED],
        "ServerDisconnectedError": met[Mishap.LOST] + met[Mishap.UNHEARD],
        "ContentTypeError": met[Mishap.FAILED] + met[Mishap.FAILED_AFTER],
        "JSONDecodeError": met[Mishap.GARBLED],
        "ClientPayloadError": met[Mishap.CUT],
    }
    there = sum(bool(api.chat(number)) for number in range(100))
    assert there == 100 - met[Mishap.REFUSED] - met[Mishap.LOST] - met[Mishap.FAILED]


async def test_what_is_sent_before_a_refusal_is_over_is_noted() -> None:
    """
    In that chat; others may be sent to.
    """
    api = LocalBotApi(first_id=1)
    async with BotApiServer(api) as server:
        refused = True

        async def refuse(*_: object) -> tuple[int, Update] | None:
            await asyncio.sleep(0)
            return (429, {"ok": False, "parameters": {"retry_after": 60}}) if refused else None

        server.fault = refuse
        await _call(server, "sendMessage", chat_id=1, text="hello")
        refused = False
        await _call(server, "sendMessage", chat_id=2, text="hello")
        await _call(server, "deleteMessage", chat_id=1, message_id=7)
        assert server.limits.violations == []
        await _call(server, "editMessageText", chat_id=1, message_id=7, text="hello")
        (noted,) = server.limits.violations
        assert noted.startswith("editMessageText to 1 came")


def test_too_many_messages_are_noted() -> None:
    """
    More than 30 in a second overall; in one chat more than one a second, once a burst is used up.
    """
    overall, chat = RateLimits(), RateLimits()
    for second in range(3):
        for number in range(A_SECOND):
            overall.called("sendMessage", number, second)
    assert (overall.violations, overall.fastest) == ([], A_SECOND)
    overall.called("sendMessage", 999, 2.5)
    assert overall.violations == ["31 messages within a second"]
    for _ in range(int(BURST)):
        chat.called("sendMessage", 1, 0)
        chat.called("editMessageText", 1, 0)
    for second in range(1, 60):
        chat.called("sendMessage", 1, second)
    assert chat.violations == []
    chat.called("sendMessage", 1, 59)
    assert len(chat.violations) == 1
