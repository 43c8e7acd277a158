"""
The local Bot API behind real HTTP, with the faults of a network where a test asks for them.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from bot.local_api import LocalBotApi
from bot.local_chat import Upload

TOKEN = "123456:THE-TOKEN-THAT-NOBODY-MAY-SEE"

Parameters = dict[str, Any]
Answer = tuple[int, dict[str, Any] | str]
Fault = Callable[[str, Parameters], Awaitable[Answer | None]]


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
    going out as it is; a ConnectionError that it raises drops the connection.
    """

    def __init__(self, api: LocalBotApi, *, token: str = TOKEN, delay: float = 0.0, fault: Fault | None = None) -> None:
        self.api = api
        self.token = token
        self.delay = delay
        self.fault = fault
        self.calls: list[Call] = []
        self.url = ""
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
        await self._runner.cleanup()

    def methods(self) -> list[str]:
        """
        The names of the methods called so far, in order.
        """
        return [call.method for call in self.calls]

    async def _serve(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != self.token:
            return web.json_response({"ok": False, "error_code": 401, "description": "Unauthorized"}, status=401)
        method = request.match_info["method"]
        parameters = await _parameters(request)
        self.calls.append(Call(method, parameters, time.monotonic()))
        if self.delay:
            await asyncio.sleep(self.delay)
        try:
            answer = await self.fault(method, parameters) if self.fault else None
        except ConnectionError:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        status, body = answer or await self.api.call(method, parameters)
        if isinstance(body, str):
            return web.Response(text=body, status=status)
        return web.json_response(body, status=status)


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
