"""
Calls to Telegram over aiohttp.

HTTP is most of what the bot costs. Measured on loopback, a call over aiohttp takes about a third of the processor time
of python-telegram-bot's own httpx client, above all with many calls at once.
"""

import json
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import aiohttp
from telegram._utils.types import ODVInput  # the type of the timeouts that BaseRequest prescribes
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

_HEADERS = {"User-Agent": BaseRequest.USER_AGENT}
_JSON_HEADERS = {"Content-Type": "application/json"}
_DEFAULT = BaseRequest.DEFAULT_NONE

# A quiet bot keeps its connection, and is spared a TLS handshake at the next turn.
_KEEP_ALIVE = 50.0


class HttpRequest(BaseRequest):
    """
    Speak HTTP for a ``telegram.Bot``, over one ``aiohttp.ClientSession`` that lives from initialize to shutdown.

    All times are in seconds, ``None`` waits for ever. ``pool_timeout`` is added to ``connect_timeout`` while all
    ``connections`` are taken. ``media_timeout`` is granted, besides the others, to a whole upload. Telegram answers in
    one piece, so ``read_timeout`` is the time to its answer.

    Raises ``TimedOut`` and ``NetworkError``. The address holds the bot's token, and aiohttp's exceptions may hold the
    address: of them only the name of their class is kept, in the message, and neither cause nor context.
    """

    def __init__(
        self,
        *,
        connections: int = 256,
        read_timeout: float | None = 5.0,
        connect_timeout: float | None = 5.0,
        pool_timeout: float | None = 1.0,
        media_timeout: float | None = 20.0,
        proxy: str | None = None,
    ) -> None:
        self._connections = connections
        self._read_timeout = read_timeout
        self._connect_timeout = connect_timeout
        self._pool_timeout = pool_timeout
        self._media_timeout = media_timeout
        self._proxy = proxy
        self._usual = aiohttp.ClientTimeout(
            connect=_sum(connect_timeout, pool_timeout), sock_connect=connect_timeout, sock_read=read_timeout
        )
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """
        The seconds to wait for an answer where a call names none.
        """
        return self._read_timeout

    async def initialize(self) -> None:
        """
        Open the session, unless it is open.
        """
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=_KEEP_ALIVE),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=_HEADERS,
                timeout=self._usual,
                proxy=self._proxy,
            )

    async def shutdown(self) -> None:
        """
        Close the session and its connections.
        """
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """
        Read an answer. One that is not whole is a failure of the network, and neither quoted nor logged: it may hold
        what a person typed.
        """
        with suppress(ValueError):
            answer = json.loads(payload)
            if isinstance(answer, dict) and answer.keys() & {"result", "description"}:
                return answer
        raise NetworkError("An answer that is none of Telegram's")

    async def do_request(  # noqa: PLR0917 - the signature of BaseRequest
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = _DEFAULT,
        write_timeout: ODVInput[float] = _DEFAULT,
        connect_timeout: ODVInput[float] = _DEFAULT,
        pool_timeout: ODVInput[float] = _DEFAULT,
    ) -> tuple[int, bytes]:
        """
        Make one call and return the status and the body of the answer.
        """
        if self._session is None:
            raise RuntimeError("HttpRequest is not initialized")
        body: bytes | aiohttp.FormData | None = None
        headers = None
        uploads = False
        if request_data is not None:
            uploads = request_data.contains_files
            if uploads:
                body = _form(request_data)
            else:
                # JSON with nested values takes a seventh of the time of an urlencoded form with JSON inside.
                body = json.dumps(request_data.parameters).encode()
                headers = _JSON_HEADERS
        timeout = self._usual
        if uploads or not read_timeout is write_timeout is connect_timeout is pool_timeout is _DEFAULT:
            timeout = self._timeout(read_timeout, write_timeout, connect_timeout, pool_timeout, uploads=uploads)
        failure: TelegramError
        try:
            async with self._session.request(
                method, url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                payload = await response.read()
        except TimeoutError as error:
            failure = TimedOut(f"Timed out ({type(error).__name__})")
        except Exception as error:  # noqa: BLE001 - what escapes is printed by the caller as it is, with the address
            failure = NetworkError(f"Connection failed ({type(error).__name__})")
        else:
            if payload.startswith(b"{") or (method == "GET" and response.status == HTTPStatus.OK):
                return response.status, payload
            # Telegram answers in JSON, but to the GET of a file. The caller would quote and log anything else, such as
            # the page of a proxy, which may name the address.
            failure = NetworkError(f"HTTP status {response.status} without an answer of Telegram")
        # Raised out here, the failure has no context that would hold the address.
        raise failure

    def _timeout(
        self,
        read: ODVInput[float],
        write: ODVInput[float],
        connect: ODVInput[float],
        pool: ODVInput[float],
        *,
        uploads: bool,
    ) -> aiohttp.ClientTimeout:
        reading = _given(read, self._read_timeout)
        connecting = _given(connect, self._connect_timeout)
        waiting = _sum(connecting, _given(pool, self._pool_timeout))
        total = _sum(waiting, _given(write, self._media_timeout), reading) if uploads else None
        return aiohttp.ClientTimeout(total=total, connect=waiting, sock_connect=connecting, sock_read=reading)


def _given(seconds: ODVInput[float], default: float | None) -> float | None:
    # Only DEFAULT_NONE stands for "not given"; None is a choice.
    return seconds if seconds is None or isinstance(seconds, int | float) else default


def _sum(*seconds: float | None) -> float | None:
    total = 0.0
    for part in seconds:
        if part is None:
            return None
        total += part
    return total


def _form(request_data: RequestData) -> aiohttp.FormData:
    form = aiohttp.FormData(quote_fields=False)  # Telegram shows a quoted file name as it is
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, content_type) in request_data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=content_type)
    return form
