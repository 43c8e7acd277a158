"""
A Bot API in a process of its own, as light as can be, and the people who chat with the bot behind it.

`python -m tests.bench.server` reads a Plan as one line of JSON and serves on a free port of 127.0.0.1, which it prints.
Updates are fetched, or pushed once a webhook is set. Besides the Bot API there are /begin, which lets the people begin,
and /counts, which answers with Counts as JSON.
"""

import asyncio
import itertools
import json
import random
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import ClientSession, TCPConnector, web

from bot.rules.v1.recipient import POPULATION
from tests.bench.recipients import PRESSED, typed

Json = dict[str, Any]

_BOT: Json = {"id": 123456789, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
_CARD = 1
_FLOODER = 1
_A_SECOND = 100
_SIDE_BY_SIDE = 100
_SECRET = "X-Telegram-Bot-Api-Secret-Token"
_JSON = {"Content-Type": "application/json"}


@dataclass
class Plan:
    """
    Who chats and how: the cases that each chat works through, none for an echo; `every` so many seconds, 0 for as soon
    as the card came; `delay` seconds are added to each way. For `flood` seconds one more chat sends 100 texts a second.
    """

    cases: dict[int, list[int]]
    every: float = 0.0
    delay: float = 0.0
    is_echo: bool = False
    flood: float = 0.0


@dataclass
class Counts:
    """
    What happened so far. `answers` are questions whose answer brought the next card, `moves` all that people did,
    `waits` the seconds from each move to its card, `open` those since moves without one, `odd` the cards that did not
    follow from an answer, `flooded` the cards that the chat got which floods.
    """

    answers: int = 0
    moves: int = 0
    calls: int = 0
    odd: int = 0
    finished: int = 0
    flooded: int = 0
    waits: list[float] = field(default_factory=list)
    open: list[float] = field(default_factory=list)


@dataclass
class Chat:
    """
    One person's chat. `asked` is the case, revision and item of the card's question; `moved_at` when they last acted.
    """

    id: int
    cases: list[int]
    card: Json
    asked: tuple[int, int, str] | None = None
    answering: tuple[int, int, str] | None = None
    moved_at: float | None = None
    due: float = 0.0

    @property
    def user(self) -> Json:
        """
        The person as the Bot API writes one.
        """
        return {"id": self.id, "is_bot": False, "first_name": "Person", "language_code": "en"}


class Server:
    """
    The Bot API and the chats.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.counts = Counts()
        self._typed = typed(date.today())  # noqa: DTZ011  a day more or less changes nothing
        self._chats = {chat: Chat(chat, list(cases), _message(chat, _CARD, "-")) for chat, cases in plan.cases.items()}
        self._flooder = Chat(_FLOODER, [], _message(_FLOODER, _CARD, "-"))
        self._flooding: asyncio.Task[None] | None = None
        self._waiting: deque[Json] = deque()
        self._news = asyncio.Event()
        self._ids = itertools.count(1000)
        self._pushes: set[asyncio.Task[None]] = set()
        self._webhook: tuple[str, dict[str, str]] | None = None
        self._client: ClientSession | None = None

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """
        Answer one call.
        """
        *_, method = request.path.split("/")
        body = await request.read()
        if method == "begin":
            self.begin()
            return web.Response()
        if method == "counts":
            now = time.monotonic()
            self.counts.open = [now - one.moved_at for one in self._chats.values() if one.moved_at is not None]
            return web.Response(body=json.dumps(asdict(self.counts)).encode())
        if self.plan.delay:
            await asyncio.sleep(self.plan.delay)
        result = await self._answer(method, _parameters(request.content_type, body))
        if self.plan.delay:
            await asyncio.sleep(self.plan.delay)
        return web.Response(body=json.dumps({"ok": True, "result": result}).encode(), headers=_JSON)

    async def _answer(self, method: str, parameters: Json) -> object:
        self.counts.calls += 1
        match method:
            case "getUpdates":
                return await self._updates(parameters)
            case "editMessageText":
                return self._show(parameters, int(parameters["message_id"]), {"edit_date": int(time.time())})
            case "sendMessage":
                return self._show(parameters, next(self._ids), {})
            case "getMe":
                return _BOT
            case "setWebhook":
                self._client = self._client or ClientSession(connector=TCPConnector(limit=_SIDE_BY_SIDE))
                self._webhook = (parameters["url"], {_SECRET: parameters["secret_token"]})
                return True
            case _:
                return True

    async def _updates(self, parameters: Json) -> list[Json]:
        offset, limit = int(parameters.get("offset") or 0), int(parameters.get("limit") or 100)
        while self._waiting and self._waiting[0]["update_id"] < offset:
            self._waiting.popleft()
        if not self._waiting:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), float(parameters.get("timeout") or 0))
            except TimeoutError:
                return []
        return list(itertools.islice(self._waiting, limit))

    def _show(self, parameters: Json, message_id: int, more: Json) -> Json:
        chat = self._chats.get(int(parameters["chat_id"]), self._flooder)
        markup = parameters.get("reply_markup")
        if isinstance(markup, str):
            markup = json.loads(markup)
        chat.card = _message(chat.id, message_id, parameters["text"]) | more
        if markup:
            chat.card["reply_markup"] = markup
        if chat is self._flooder:
            self.counts.flooded += 1
            return chat.card
        now = time.monotonic()
        if chat.moved_at is not None:
            self.counts.waits.append(now - chat.moved_at)
            chat.moved_at = None
        self._read(chat)
        self._schedule(chat, now)
        return chat.card

    def _read(self, chat: Chat) -> None:
        """
        See what the card asks, and whether it follows from what was answered.
        """
        chat.asked = None
        for data in _buttons(chat.card):
            code, *parts = data.split(":")
            if code == "a":
                chat.asked = (int(parts[0]), int(parts[1]), parts[2])
        before, chat.answering = chat.answering, None
        if before is None:
            self.counts.answers += self.plan.is_echo
        elif chat.asked is None or chat.asked[:2] == (before[0], before[1] + 1):
            self.counts.answers += 1
        else:
            self.counts.odd += 1

    def begin(self) -> None:
        """
        Let everybody begin, at times that are spread over the interval.
        """
        rolls = random.Random(1)  # noqa: S311  a schedule, no secret
        now = time.monotonic()
        for chat in self._chats.values():
            chat.due = now + rolls.random() * self.plan.every - self.plan.every
            self._schedule(chat, now)
        if self.plan.flood:
            self._flooding = asyncio.create_task(self._flood())

    async def _flood(self) -> None:
        begun, sent = time.monotonic(), 0
        while sent < _A_SECOND * self.plan.flood:
            while sent < _A_SECOND * (time.monotonic() - begun):
                self._type(self._flooder, "45")
                sent += 1
            await asyncio.sleep(1 / _A_SECOND)

    def _schedule(self, chat: Chat, now: float) -> None:
        if not self.plan.every:
            self._move(chat)
            return
        chat.due = max(chat.due + self.plan.every, now)
        asyncio.get_running_loop().call_later(chat.due - now, self._move, chat)

    def _move(self, chat: Chat) -> None:
        if self.plan.is_echo:
            self._press(chat, "a:123:45:uncontrolled_infection:no")
        elif chat.asked is None:
            if not chat.cases:
                self.counts.finished += 1
                return
            self._press(chat, f"o:{chat.cases.pop(0)}")
        else:
            chat.answering = chat.asked
            case, revision, item = chat.asked
            if item in self._typed:
                self._type(chat, self._typed[item])
            else:
                self._press(chat, f"a:{case}:{revision}:{item}:{PRESSED.get(item, 'no')}")
        chat.moved_at = time.monotonic()
        self.counts.moves += 1

    def _press(self, chat: Chat, data: str) -> None:
        query_id = str(next(self._ids))
        query = {"id": query_id, "from": chat.user, "message": chat.card, "chat_instance": str(chat.id), "data": data}
        self._put({"callback_query": query})

    def _type(self, chat: Chat, text: str) -> None:
        # Whoever types has read the question, which takes longer than here.
        written = {"from": chat.user, "date": int(time.time()) + 1}
        self._put({"message": _message(chat.id, next(self._ids), text) | written})

    def _put(self, update: Json) -> None:
        update = {"update_id": next(self._ids), **update}
        if self._webhook is not None:
            push = asyncio.create_task(self._push(update, *self._webhook))
            self._pushes.add(push)
            push.add_done_callback(self._pushes.discard)
            return
        self._waiting.append(update)
        self._news.set()

    async def _push(self, update: Json, url: str, headers: dict[str, str]) -> None:
        """
        Hand an update over, as often as it takes.
        """
        assert self._client is not None
        await asyncio.sleep(self.plan.delay)
        while True:
            async with self._client.post(url, json=update, headers=headers) as answer:
                if answer.ok:
                    return
            await asyncio.sleep(1)


def _message(chat_id: int, message_id: int, text: str) -> Json:
    chat = {"id": chat_id, "type": "private", "first_name": "Person"}
    return {"message_id": message_id, "date": int(time.time()), "chat": chat, "from": _BOT, "text": text}


def _buttons(message: Json) -> list[str]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["callback_data"] for row in rows for button in row]


def _parameters(content_type: str, body: bytes) -> Json:
    if content_type == "application/json":
        parameters: Json = json.loads(body)
        return parameters
    return dict(parse_qsl(body.decode()))


async def _main() -> None:
    given = json.loads(sys.stdin.readline())
    plan = Plan(**given | {"cases": {int(chat): cases for chat, cases in given["cases"].items()}})
    unknown = set(typed(date.today())) | set(PRESSED)  # noqa: DTZ011  only the keys matter
    assert unknown <= POPULATION.item.keys()
    runner = web.ServerRunner(web.Server(Server(plan).serve, access_log=None))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main())
