"""
The ports that others call: who never finishes what they send keeps nobody else waiting.
"""

import asyncio
import socket
from contextlib import ExitStack

import aiohttp
import pytest

from tests.service.test_webhook import SECRET, Pushed, pushed

__all__ = ["pushed"]

HEAD = b"POST /telegram HTTP/1.1\r\nHost: bot\r\n"
PATIENCE = 20
"""Seconds after which a test gives up."""


@pytest.fixture
async def address(pushed: Pushed) -> tuple[str, int]:
    """
    Where the webhook listens.
    """
    host, port = pushed.url.removeprefix("http://").split(":")
    return host, int(port)


async def ends(connection: socket.socket) -> bytes:
    """
    What a connection still brings until it is closed from the other side.
    """
    connection.setblocking(False)  # noqa: FBT003  its only argument
    loop, found = asyncio.get_running_loop(), b""
    async with asyncio.timeout(PATIENCE):
        try:
            while part := await loop.sock_recv(connection, 65536):
                found += part
        except ConnectionResetError:
            pass
    return found


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"POST /tele",
        HEAD + b"Content-Length: 20\r\n",
        HEAD + f"X-Telegram-Bot-Api-Secret-Token: {SECRET}\r\nContent-Length: 20\r\n\r\n{{".encode(),
    ],
    ids=["nothing", "half a line", "half a head", "half a body"],
)
async def test_what_is_not_completed_is_closed(
    pushed: Pushed,
    address: tuple[str, int],
    monkeypatch: pytest.MonkeyPatch,
    sent: bytes,
) -> None:
    """
    After some seconds; whoever sends byte by byte gains no time.
    """
    monkeypatch.setattr("bot.service.door._PATIENCE", 0.3)
    with socket.create_connection(address) as connection:
        connection.sendall(sent)
        assert await ends(connection) == b""
    assert await pushed.push(pushed.text("hello")) == 200


async def test_a_connection_is_used_again_and_is_not_closed_while_idle(
    pushed: Pushed,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """
    A proxy keeps its connections; only a request that has begun has to end.
    """
    monkeypatch.setattr("bot.service.door._PATIENCE", 0.2)
    connector = aiohttp.TCPConnector(limit=1)
    async with aiohttp.ClientSession(connector=connector) as session:
        pushed.session = session
        for _ in range(3):
            assert await pushed.push(pushed.text("hello")) == 200
            await asyncio.sleep(0.4)
            (kept,) = [one for ready in connector._conns.values() for one, _ in ready]  # noqa: SLF001
            assert kept.is_connected()


async def test_a_thousand_half_sent_requests_leave_a_good_one_its_answer(
    pushed: Pushed,
    address: tuple[str, int],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """
    As many as there is room for, and as many again: the oldest make way, and the log says so once.
    """
    most = 50
    monkeypatch.setattr("bot.service.door._MOST", most)
    with ExitStack() as stack:
        crowd = []
        for _ in range(2 * most):
            crowd.append(stack.enter_context(socket.create_connection(address)))
            crowd[-1].sendall(HEAD)
            await asyncio.sleep(0)
        assert await pushed.push(pushed.text("hello")) == 200
        assert await ends(crowd[0]) == b""
    assert caplog.text.count("as many connections as it may") == 1


@pytest.mark.parametrize(
    ("secret", "status"),
    [
        (bytes(range(0x80, 0x100)), 403),
        (b"\xed\xa0\x80", 403),
        (SECRET.encode() + b"\xff", 403),
        (b"\x01\x02", 400),
        (b"\x00", 400),
    ],
)
async def test_a_secret_of_any_bytes_is_refused_without_an_error(
    pushed: Pushed,
    address: tuple[str, int],
    caplog: pytest.LogCaptureFixture,
    secret: bytes,
    status: int,
) -> None:
    """
    Also what is no text at all; what no header may hold is no HTTP.
    """
    head = (
        HEAD + b"X-Telegram-Bot-Api-Secret-Token: " + secret + b"\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
    )
    with socket.create_connection(address) as connection:
        connection.sendall(head)
        assert (await ends(connection)).partition(b" ")[2].startswith(b"%d " % status)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
    assert await pushed.stored() == 0
