"""
The bot reaches Telegram over HTTP, and no error on the way tells its token.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import aiohttp
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.emulator.api import LocalBotApi
from bot.emulator.chat import InlineButton
from bot.wire import http
from bot.wire.http import HttpRequest
from tests.service.bot_api_server import TOKEN, Answer, BotApiServer, Parameters

ADA = 42
LONG = 60.0

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

KEYBOARD = InlineKeyboardMarkup(
    [[InlineKeyboardButton("Yes", callback_data="y"), InlineKeyboardButton("No", url="https://x.org")]]
)


@pytest.fixture(autouse=True)
def retry_after_is_a_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    python-telegram-bot warns at every 429 unless it is told that this is expected.
    """
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture
def api() -> LocalBotApi:
    """
    A Telegram without anyone in it yet.
    """
    return LocalBotApi(first_id=1000)


@pytest.fixture
async def server(api: LocalBotApi) -> AsyncIterator[BotApiServer]:
    """
    The same Telegram, over HTTP.
    """
    async with BotApiServer(api) as running:
        yield running


@pytest.fixture
async def bot(server: BotApiServer) -> AsyncIterator[Bot]:
    """
    A bot that has the right token.
    """
    async with bot_at(server.url) as running:
        yield running


@asynccontextmanager
async def bot_at(url: str, *, token: str = TOKEN, request: HttpRequest | None = None) -> AsyncIterator[Bot]:
    """
    Open a bot that takes the address for Telegram's.
    """
    request = request or HttpRequest(read_timeout=LONG)
    polling = HttpRequest(read_timeout=LONG)
    async with request, polling:
        yield Bot(token, base_url=f"{url}/bot", request=request, get_updates_request=polling)


@asynccontextmanager
async def raw_server(talk: Talk) -> AsyncIterator[str]:
    """
    Serve every connection by ``talk``, then hang up.
    """
    connections: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.current_task()
        assert connection is not None
        connections.add(connection)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await talk(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await asyncio.gather(*connections)


def saying(words: bytes, *, then_silence: bool = False) -> Talk:
    """
    Answer whatever comes with these words, and hang up at once or when the other side does.
    """

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(words)
        if then_silence:
            await reader.read()

    return talk


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """
    An exception with all that hangs on it, shown or not.
    """
    while error is not None:
        yield error
        if error.__context__ is not None and error.__context__ is not error.__cause__:
            yield from chain(error.__context__)
        error = error.__cause__


def assert_silent(error: BaseException, token: str = TOKEN) -> None:
    """
    Neither an exception nor anything that hangs on it shows the token.
    """
    for link in chain(error):
        for words in (str(link), repr(link), repr(link.args), repr(vars(link) if hasattr(link, "__dict__") else "")):
            assert token not in words


def answering(status: int, **body: object) -> Callable[[str, Parameters], Awaitable[Answer]]:
    """
    A fault that refuses every call.
    """

    async def fault(_method: str, _parameters: Parameters) -> Answer:
        return status, {"ok": False, "error_code": status, **body}

    return fault


async def test_a_message_with_a_keyboard_arrives_as_it_was_meant(api: LocalBotApi, bot: Bot) -> None:
    """
    Accents, emoji, marks and buttons survive the way there and back.
    """
    sent = await bot.send_message(ADA, "<b>Éligible</b> 😀 &lt;60 %", parse_mode="HTML", reply_markup=KEYBOARD)
    (shown,) = api.chat(ADA)
    assert shown.text == "Éligible 😀 <60 %" == sent.text
    assert sent.text_html == "<b>Éligible</b> 😀 &lt;60 %"
    assert shown.buttons == ((InlineButton("Yes", "y"), InlineButton("No", None)),)
    assert sent.reply_markup == KEYBOARD


async def test_a_file_arrives_with_its_name_and_caption(api: LocalBotApi, bot: Bot) -> None:
    """
    A report is uploaded byte by byte, under a name with accents.
    """
    content = bytes(range(256)) * 300
    sent = await bot.send_document(ADA, content, filename="dépistage.csv", caption="<i>Log</i>", parse_mode="HTML")
    (shown,) = api.chat(ADA)
    assert shown.file is not None
    assert (shown.file.filename, shown.file.content, shown.text) == ("dépistage.csv", content, "Log")
    assert sent.document is not None
    assert sent.document.file_size == len(content)


async def test_forms_and_json_say_the_same(api: LocalBotApi, server: BotApiServer) -> None:
    """
    The server takes what any client sends: a query, a form or JSON, and any case of the method.
    """
    url = f"{server.url}/bot{TOKEN}/SENDmessage"
    said = {"chat_id": "42", "text": "Hi", "reply_markup": '{"inline_keyboard":[[{"text":"Yes","callback_data":"y"}]]}'}
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        await session.get(url, params=said)
        await session.post(url, data=said)
        await session.post(url, json=said)
    assert [(message.text, message.buttons) for message in api.chat(ADA)] == [
        ("Hi", ((InlineButton("Yes", "y"),),))
    ] * 3


async def test_a_poll_waits_for_what_is_written(api: LocalBotApi, server: BotApiServer, bot: Bot) -> None:
    """
    A poll that found nothing is answered by the message that comes next.
    """
    polled = asyncio.Event()

    async def note(_method: str, _parameters: Parameters) -> None:
        polled.set()

    server.fault = note
    poll = asyncio.create_task(bot.get_updates(timeout=timedelta(seconds=50)))
    await polled.wait()
    message_id = api.send(ADA, "/start")
    (update,) = await poll
    assert isinstance(update, Update)
    assert update.message is not None
    assert update.message.message_id == message_id


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"description": "Bad Request: message is too long"}, BadRequest),
        (401, {"description": "Unauthorized"}, InvalidToken),
        (403, {"description": "Forbidden: bot was blocked by the user"}, Forbidden),
        (404, {"description": "Not Found"}, InvalidToken),
        (409, {"description": "Conflict: terminated by other getUpdates request"}, Conflict),
        (429, {"description": "Too Many Requests", "parameters": {"retry_after": 7}}, RetryAfter),
        (500, {"description": "Internal Server Error"}, NetworkError),
        (502, {"description": "Bad Gateway"}, NetworkError),
    ],
)
async def test_each_refusal_is_told_apart(
    server: BotApiServer, bot: Bot, status: int, body: dict[str, object], kind: type[TelegramError]
) -> None:
    """
    What Telegram refuses comes up as the exception that names the reason.
    """
    server.fault = answering(status, **body)
    with pytest.raises(TelegramError) as caught:
        await bot.send_message(ADA, "Hi")
    assert type(caught.value) is kind
    assert_silent(caught.value)


async def test_too_many_requests_say_how_long_to_wait(server: BotApiServer, bot: Bot) -> None:
    """
    The seconds that Telegram asks for are handed on.
    """
    server.fault = answering(429, description="Too Many Requests", parameters={"retry_after": 7})
    with pytest.raises(RetryAfter) as caught:
        await bot.send_message(ADA, "Hi")
    assert caught.value.retry_after == timedelta(seconds=7)


async def test_a_wrong_token_is_refused_without_being_repeated(server: BotApiServer) -> None:
    """
    A mistyped token is called invalid, and not shown.
    """
    wrong = "654321:MISTYPED"
    async with bot_at(server.url, token=wrong) as bot:
        with pytest.raises(InvalidToken) as caught:
            await bot.get_me()
    assert_silent(caught.value, wrong)


async def test_a_dropped_connection_is_a_network_error(api: LocalBotApi, server: BotApiServer, bot: Bot) -> None:
    """
    Telegram hangs up before it answers; the next call finds its way again.
    """

    async def drop(_method: str, _parameters: Parameters) -> None:
        raise ConnectionResetError

    server.fault = drop
    with pytest.raises(NetworkError) as caught:
        await bot.send_message(ADA, "Hi")
    assert type(caught.value) is NetworkError
    assert_silent(caught.value)
    server.fault = None
    await bot.send_message(ADA, "Again")
    assert [message.text for message in api.chat(ADA)] == ["Again"]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"ok":true,"result":',
        b"This is not HTTP\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Encoding: gzip\r\n\r\nhello",
    ],
    ids=["nothing", "half a header", "half a body", "no HTTP", "broken compression"],
)
async def test_an_answer_cut_short_is_a_network_error(answer: bytes) -> None:
    """
    A connection that breaks midway is told as such, wherever it breaks.
    """
    async with raw_server(saying(answer)) as url, bot_at(url) as bot:
        with pytest.raises(NetworkError) as caught:
            await bot.get_me()
    assert type(caught.value) is NetworkError
    assert_silent(caught.value)


@pytest.mark.parametrize(
    "status", ["200 OK", "302 Found\r\nLocation: http://127.0.0.1:1/", "404 Not Found", "502 Bad Gateway"]
)
async def test_a_proxy_page_that_quotes_the_address_is_not_quoted(
    status: str, caplog: pytest.LogCaptureFixture
) -> None:
    """
    A page between the bot and Telegram may name the address; neither the error nor the log repeats it.
    """
    caplog.set_level(logging.INFO)
    page = f"Cannot POST /bot{TOKEN}/getMe"
    answer = f"HTTP/1.1 {status}\r\nContent-Length: {len(page)}\r\n\r\n{page}".encode()
    async with raw_server(saying(answer)) as url, bot_at(url) as bot:
        with pytest.raises(TelegramError) as caught:
            await bot.get_me()
    assert_silent(caught.value)
    assert TOKEN not in caplog.text


@pytest.mark.parametrize("body", [b'{"ok": true, "result": {"text": "45"', b'{"ok": true}', b'{"text": "45"}, {'])
async def test_an_answer_that_is_none_is_a_network_error_and_not_quoted(
    body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """
    It may be whole the next time, and what it holds of a chat is in no log.
    """
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    async with raw_server(saying(answer)) as url, bot_at(url) as bot:
        with pytest.raises(NetworkError) as caught:
            await bot.send_message(ADA, "Hi")
    assert_silent(caught.value)
    assert "45" not in f"{caught.value} {caplog.text}"


async def test_nobody_there_is_a_network_error() -> None:
    """
    A Telegram that cannot be reached at all is a network error.
    """
    async with raw_server(saying(b"")) as url:
        pass
    async with bot_at(url) as bot:
        with pytest.raises(NetworkError) as caught:
            await bot.get_me()
    assert type(caught.value) is NetworkError
    assert_silent(caught.value)


async def test_an_address_that_is_none_is_not_repeated() -> None:
    """
    A mistyped address is an error without the token behind it.
    """
    async with bot_at("gopher://127.0.0.1") as bot:
        with pytest.raises(NetworkError) as caught:
            await bot.get_me()
    assert_silent(caught.value)


@pytest.mark.parametrize(
    "words", [b"", b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"ok"'], ids=["nothing", "half"]
)
async def test_a_silent_server_times_out(words: bytes) -> None:
    """
    A Telegram that says nothing, or stops midway, is given up after the time set for all calls.
    """
    async with (
        raw_server(saying(words, then_silence=True)) as url,
        bot_at(url, request=HttpRequest(read_timeout=0.05)) as bot,
    ):
        with pytest.raises(TimedOut) as caught:
            await bot.get_me()
    assert_silent(caught.value)


async def test_a_call_may_set_its_own_time() -> None:
    """
    The time given with a call comes before the one set for all.
    """
    async with (
        raw_server(saying(b"", then_silence=True)) as url,
        bot_at(url, request=HttpRequest(read_timeout=None)) as bot,
    ):
        with pytest.raises(TimedOut) as caught:
            await bot.get_me(read_timeout=0.05)
    assert_silent(caught.value)


async def test_a_long_poll_outlasts_the_usual_time(server: BotApiServer) -> None:
    """
    Where a call says that it takes longer, it may.
    """
    server.delay = 0.2
    async with bot_at(server.url, request=HttpRequest(read_timeout=0.02)) as bot:
        with pytest.raises(TimedOut):
            await bot.get_me()
        assert (await bot.get_me(read_timeout=LONG)).is_bot


async def test_a_redirect_is_not_followed(server: BotApiServer) -> None:
    """
    What was meant for Telegram is not carried elsewhere.
    """
    answer = f"HTTP/1.1 307 Moved\r\nLocation: {server.url}/bot{TOKEN}/getMe\r\nContent-Length: 0\r\n\r\n".encode()
    async with raw_server(saying(answer)) as url, bot_at(url) as bot:
        with pytest.raises(NetworkError) as caught:
            await bot.get_me()
    assert server.calls == []
    assert_silent(caught.value)


async def test_an_upload_may_set_its_own_time() -> None:
    """
    A file that is never taken is given up as well.
    """
    async with raw_server(saying(b"", then_silence=True)) as url, bot_at(url) as bot:
        with pytest.raises(TimedOut) as caught:
            await bot.send_document(ADA, b"x", read_timeout=0.02)
    assert_silent(caught.value)


async def test_a_call_waits_for_a_connection_only_so_long(
    server: BotApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    With every connection taken, a further call times out and the one under way goes on.
    """
    request = HttpRequest(connections=1, read_timeout=LONG)
    held, go_on = asyncio.Event(), asyncio.Event()

    async def hold(method: str, _parameters: Parameters) -> None:
        if method == "sendMessage":
            held.set()
            await go_on.wait()

    server.fault = hold
    async with bot_at(server.url, request=request) as bot:
        under_way = asyncio.create_task(bot.send_message(ADA, "Hi"))
        await held.wait()
        monkeypatch.setattr(http, "_CONNECTING", 0.02)
        monkeypatch.setattr(http, "_TAKEN", 0.02)
        with pytest.raises(TimedOut) as caught:
            await bot.get_me()
        go_on.set()
        sent = await under_way
    assert sent.text == "Hi"
    assert_silent(caught.value)


async def test_a_request_can_be_opened_again_and_only_works_open(server: BotApiServer) -> None:
    """
    Before it is opened, and after it is closed, a call fails and says so without the token.
    """
    request = HttpRequest(read_timeout=LONG)
    bot = Bot(TOKEN, base_url=f"{server.url}/bot", request=request, get_updates_request=request)
    for _ in range(2):
        with pytest.raises(NetworkError, match="not initialized") as caught:
            await bot.get_me()
        assert_silent(caught.value)
        await request.initialize()
        await request.initialize()
        assert (await bot.get_me()).is_bot
        await request.shutdown()
        await request.shutdown()


async def test_calls_one_after_the_other_share_a_connection() -> None:
    """
    A turn does not pay for a new connection.
    """
    body = b'{"ok":true,"result":true}'
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    connections = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while await reader.readuntil(b"}"):
            writer.write(answer)

    async with raw_server(talk) as url, bot_at(url) as bot:
        for _ in range(3):
            assert await bot.delete_webhook()
    assert connections == 1
