"""
A port that others call, on which nobody is kept waiting by those who never finish what they send.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from time import monotonic

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bot import logs

log = logs.named(__name__)

_MOST = 1000
_PATIENCE = 10.0
_IDLE = 75.0
_QUIET = 60.0


def _is_own_fault(record: logging.LogRecord) -> bool:
    """
    Not what is no HTTP at all: whoever calls is told so, and no error of the bot's.
    """
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


_log = logging.getLogger(f"{__name__}.http")
_log.addFilter(_is_own_fault)


@asynccontextmanager
async def listening(site: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """
    Answer on this port, any free one for 0; the port it is. At most 1,000 connections are open at once; a request that
    is not complete within 10 seconds ends its connection.
    """
    runner = web.AppRunner(site, access_log=None, logger=_log, shutdown_timeout=1, keepalive_timeout=_IDLE)
    site.middlewares.append(_told)
    site[DOOR] = door = Door()
    await runner.setup()
    try:
        server = await asyncio.get_running_loop().create_server(lambda: door.guest(runner), host, port)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
    finally:
        await runner.cleanup()


class Door:
    """
    Who is in. Of those who have not sent a whole request yet the one who has been in for longest makes way where there
    is no room for somebody new.
    """

    def __init__(self) -> None:
        self._guests: dict[asyncio.BaseProtocol, _Guest] = {}
        self._unfinished: dict[_Guest, asyncio.TimerHandle] = {}
        self._told_at = -_QUIET

    def guest(self, runner: web.AppRunner) -> asyncio.Protocol:
        """
        The protocol of one connection.
        """
        assert runner.server is not None  # noqa: S101  it has been set up
        return _Guest(self, runner.server())

    def is_full(self) -> bool:
        """
        Whether nobody more is let in.
        """
        if len(self._guests) < _MOST:
            return False
        if monotonic() - self._told_at >= _QUIET:
            self._told_at = monotonic()
            log.warning("a port has as many connections as it may", most=_MOST)
        if not self._unfinished:
            return True
        next(iter(self._unfinished)).turn_out()
        return False

    def enter(self, guest: "_Guest") -> None:
        """
        Somebody is in.
        """
        self._guests[guest.handler] = guest
        self.expect(guest)

    def expect(self, guest: "_Guest") -> None:
        """
        The first bytes of a request are there, or are to come.
        """
        if guest not in self._unfinished:
            self._unfinished[guest] = asyncio.get_running_loop().call_later(_PATIENCE, guest.turn_out)

    def completed(self, request: web.BaseRequest, *, is_answered: bool = False) -> None:
        """
        All of a request is there.
        """
        guest = self._guests.get(request.protocol)
        if guest is not None:
            guest.is_served = not is_answered
            self._forget(guest)

    def leave(self, guest: "_Guest") -> None:
        """
        A connection is over.
        """
        self._guests.pop(guest.handler, None)
        self._forget(guest)

    def _forget(self, guest: "_Guest") -> None:
        timer = self._unfinished.pop(guest, None)
        if timer is not None:
            timer.cancel()


class _Guest(asyncio.Protocol):
    """
    One connection: what it sends goes to aiohttp's handler.
    """

    def __init__(self, door: Door, handler: asyncio.Protocol) -> None:
        self.handler = handler
        self.is_served = False
        self._door = door
        self._transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._door.is_full():
            transport.close()
            return
        self._transport = transport
        self._door.enter(self)
        self.handler.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self._transport is not None:
            if not self.is_served:
                self._door.expect(self)
            self.handler.data_received(data)

    def eof_received(self) -> bool | None:
        return None if self._transport is None else self.handler.eof_received()

    def pause_writing(self) -> None:
        self.handler.pause_writing()

    def resume_writing(self) -> None:
        self.handler.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._door.leave(self)
        if self._transport is not None:
            self.handler.connection_lost(exc)

    def turn_out(self) -> None:
        """
        End the connection at once.
        """
        self._door.leave(self)
        if isinstance(self._transport, asyncio.WriteTransport):
            self._transport.abort()


DOOR = web.AppKey("DOOR", Door)


@web.middleware
async def _told(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """
    Tell the door what comes of a request. Whoever reads a body says itself when all of it is there.
    """
    door = request.app[DOOR]
    if not request.can_read_body:
        door.completed(request)
    try:
        return await handler(request)
    finally:
        door.completed(request, is_answered=True)
