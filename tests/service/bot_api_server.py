"""
The local Bot API behind real HTTP, with the faults of a network where a test asks for them.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from bot.emulator.api import LocalBotApi
from bot.emulator.chat import Upload
from bot.wire.updates import row_of
from tests.service.bad_network import EFFECTLESS, BadNetwork, Mishap
from tests.service.deliveries import Deliveries
from tests.service.rate_limits import RateLimits

TOKEN = "123456:THE-TOKEN-THAT-NOBODY-MAY-SEE"

Parameters = dict[str, Any]
Answer = tuple[int, dict[str, Any] | str]
Fault = Callable[[str, Parameters], Awaitable[Answer | None]]

_RETRY_AFTER = 1
_PAGE = "<html><head><title>500 Internal Server Error</title></head><body><hr>nginx</body></html>"


@dataclass(frozen=True)
class Call:
    """
    One call as it came in; ``time`` is that of time.monotonic.
    """

    method: str
    parameters: Parameters
    time: float


class BotApiServer:
    """
    Serve a LocalBotApi on a free port of 127.0.0.1, under ``{url}/bot{token}/{method}``, as an async context manager.

    Every answer waits ``delay`` seconds. ``fault`` is asked before each call: what it returns is the answer, a text
    going out as it is; a ConnectionError that it raises drops the connection. ``network`` brings faults at random, and
    hands updates over again. Once the bot has set a webhook its updates are pushed, to ``targets`` in turn, or to the
    webhook's address where there are none.

    ``limits`` notes where the bot sends too much, ``deliveries`` are the pushes, ``acknowledged`` are the update_ids
    that the bot has taken: those before an offset, or answered 200.
    """

    def __init__(
        self,
        api: LocalBotApi,
        *,
        token: str = TOKEN,
        delay: float = 0.0,
        fault: Fault | None = None,
        network: BadNetwork | None = None,
        targets: Sequence[str] = (),
    ) -> None:
        self.api = api
        self.token = token
        self.delay = delay
        self.fault = fault
        self.network = network
        self.calls: list[Call] = []
        self.limits = RateLimits()
        self.url = ""
        self.deliveries = Deliveries(api, list(targets), network)
        self._pushing: asyncio.Task[None] | None = None
        self._handed_out: set[int] = set()
        self._confirmed: set[int] = set()
        self._coming = 0
        application = web.Application(client_max_size=50 * 2**20)
        application.router.add_route("*", "/bot{token}/{method}", self._serve)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._pushing is not None:
            self._pushing.cancel()
            with suppress(asyncio.CancelledError):
                await self._pushing
        await self._runner.cleanup()

    def methods(self) -> list[str]:
        """
        The names of the methods called so far, in order.
        """
        return [call.method for call in self.calls]

    @property
    def acknowledged(self) -> frozenset[int]:
        """
        The updates that the bot has taken over.
        """
        return frozenset(self._confirmed | self.deliveries.acknowledged)

    @property
    def is_quiet(self) -> bool:
        """
        Whether every update was taken, and none is to be handed over again.
        """
        return not (self.api.waiting or self.deliveries.waiting or self._coming)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.token:
            return web.json_response({"ok": False, "error_code": 401, "description": "Unauthorized"}, status=401)
        method = request.match_info["method"]
        parameters = await _parameters(request)
        now = time.monotonic()
        self.calls.append(Call(method, parameters, now))
        self.limits.called(method, int(parameters.get("chat_id") or 0), now)
        if self.delay:
            await asyncio.sleep(self.delay)
        try:
            answer = await self.fault(method, parameters) if self.fault else None
        except ConnectionError:
            return _dropped(request)
        mishap = None
        if self.network is not None and answer is None:
            await asyncio.sleep(self.network.wait())
            mishap = self.network.mishap()
        if mishap in EFFECTLESS:
            return await self._befallen(request, mishap, method, parameters, {})
        status, body = answer or await self._answer(method, parameters)
        if isinstance(body, str):
            return web.Response(text=body, status=status)
        if mishap is not None:
            return await self._befallen(request, mishap, method, parameters, body)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            self._refused(method, parameters, body)
        return web.json_response(body, status=status)

    async def _answer(self, method: str, parameters: Parameters) -> Answer:
        if method == "getUpdates":
            offset = int(parameters.get("offset") or 0)
            self._confirmed |= {one for one in self._handed_out if one < offset}
        status, body = await self.api.call(method, parameters)
        if method == "getUpdates" and status == HTTPStatus.OK:
            body = {**body, "result": self._hand_out(body["result"])}
        if method == "setWebhook" and status == HTTPStatus.OK:
            self._push(str(parameters["url"]), str(parameters.get("secret_token") or ""))
        return status, body

    def _hand_out(self, updates: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """
        The updates in an order that Telegram may choose, and notes which are to come once more.
        """
        for update in updates:
            if self.network is None or update["update_id"] in self._handed_out:
                continue
            for pause in self.network.repeats():
                self._coming += 1
                asyncio.get_running_loop().call_later(pause, self._put_again, update)
        self._handed_out |= {update["update_id"] for update in updates}
        return updates if self.network is None else _mixed(updates, self.network)

    def _put_again(self, update: dict[str, Any]) -> None:
        self._coming -= 1
        self.api.put(update)

    def _push(self, url: str, secret: str) -> None:
        self.deliveries.secret = secret
        self.deliveries.targets = self.deliveries.targets or [url]
        if self._pushing is None:
            self._pushing = asyncio.create_task(self.deliveries.run())

    async def _befallen(
        self, request: web.Request, mishap: Mishap, method: str, parameters: Parameters, body: dict[str, Any]
    ) -> web.StreamResponse:
        match mishap:
            case Mishap.REFUSED:
                refusal = too_many(_RETRY_AFTER)
                self._refused(method, parameters, refusal)
                return web.json_response(refusal, status=HTTPStatus.TOO_MANY_REQUESTS)
            case Mishap.LOST | Mishap.UNHEARD:
                return _dropped(request)
            case Mishap.FAILED | Mishap.FAILED_AFTER:
                return web.Response(status=500, text=_PAGE, content_type="text/html")
            case Mishap.GARBLED:
                return web.Response(body=json.dumps(body)[:-2].encode(), content_type="application/json")
            case Mishap.CUT:
                whole = json.dumps(body).encode()
                response = web.StreamResponse(headers={"Content-Type": "application/json"})
                response.content_length = len(whole)
                await response.prepare(request)
                await response.write(whole[: len(whole) // 2])
                _drop(request)
                return response

    def _refused(self, method: str, parameters: Parameters, body: dict[str, Any]) -> None:
        wait = body.get("parameters", {}).get("retry_after", 0)
        self.limits.refused(method, int(parameters.get("chat_id") or 0), time.monotonic() + wait)


def too_many(seconds: int) -> dict[str, Any]:
    """
    Telegram's refusal of one call too many, for so many seconds.
    """
    return {
        "ok": False,
        "error_code": 429,
        "description": f"Too Many Requests: retry after {seconds}",
        "parameters": {"retry_after": seconds},
    }


def _mixed(updates: list[dict[str, Any]], network: BadNetwork) -> list[dict[str, Any]]:
    """
    The updates with those of different chats in any order, those of one chat in theirs.
    """
    lines: dict[int, list[dict[str, Any]]] = {}
    for update in reversed(updates):
        lines.setdefault(row_of(update, datetime.now(UTC)).chat_id, []).append(update)
    chats = [chat_id for chat_id, line in lines.items() for _ in line]
    network.random.shuffle(chats)
    return [lines[chat_id].pop() for chat_id in chats]


def _drop(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def _dropped(request: web.Request) -> web.Response:
    _drop(request)
    return web.Response()


async def _parameters(request: web.Request) -> Parameters:
    parameters: Parameters = dict(request.query)
    if request.content_type == "application/json":
        parameters.update(await request.json())
        return parameters
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            parameters[name] = Upload(value.filename, value.file.read())
        else:
            parameters[name] = value
    return parameters
