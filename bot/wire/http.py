"""
Calls to Telegram over aiohttp.

HTTP is most of what the bot costs. Measured on loopback, a call over aiohttp takes about a third of the processor time
of python-telegram-bot's own httpx client, above all with many calls at once.
"""

import json
from contextlib import suppress
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

_CONNECTING = 5.0
_TAKEN = 1.0
"""So much more is waited while all connections are taken."""

_UPLOADING = 20.0
"""So much more is granted to a whole upload."""


class HttpRequest(BaseRequest):
    """
    Speak HTTP for a ``telegram.Bot``, over one ``aiohttp.ClientSession`` that lives from initialize to shutdown.

    All times are in seconds, ``None`` waits for ever. Telegram answers in one piece, so ``read_timeout`` is the time to
    its answer; a call may name its own. What it names of other times is not looked at: no call of this bot does.

    Raises ``TimedOut`` and ``NetworkError``. The address holds the bot's token, and aiohttp's exceptions may hold the
    address: of them only the name of their class is kept, in the message, and neither cause nor context.
    """

    def __init__(self, *, connections: int = 256, read_timeout: float | None = 5.0) -> None:
        self._connections = connections
        self._read_timeout = read_timeout
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
        write_timeout: ODVInput[float] = _DEFAULT,  # noqa: ARG002  never given
        connect_timeout: ODVInput[float] = _DEFAULT,  # noqa: ARG002
        pool_timeout: ODVInput[float] = _DEFAULT,  # noqa: ARG002
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
        timeout = self._timeout(read_timeout, uploads=uploads)
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
            if payload.startswith(b"{"):
                return response.status, payload
            # The caller would quote and log anything else, such as the page of a proxy, which may name the address.
            failure = NetworkError(f"HTTP status {response.status} without an answer of Telegram")
        # Raised out here, the failure has no context that would hold the address.
        raise failure

    def _timeout(self, given: ODVInput[float], *, uploads: bool) -> aiohttp.ClientTimeout:
        # Only DEFAULT_NONE stands for "not given"; None is a choice.
        reading = given if given is None or isinstance(given, int | float) else self._read_timeout
        waiting = _CONNECTING + _TAKEN
        total = waiting + _UPLOADING + reading if uploads and reading is not None else None
        return aiohttp.ClientTimeout(total=total, connect=waiting, sock_connect=_CONNECTING, sock_read=reading)


def _form(request_data: RequestData) -> aiohttp.FormData:
    form = aiohttp.FormData(quote_fields=False)  # Telegram shows a quoted file name as it is
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, content_type) in request_data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=content_type)
    return form
