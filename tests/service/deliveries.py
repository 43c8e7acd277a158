"""
Updates pushed to webhooks, as Telegram does.
"""

import asyncio
import io
import itertools
import json
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import aiohttp

from bot.emulator.api import LocalBotApi
from bot.wire.updates import row_of
from tests.service.bad_network import BadNetwork

_SIDE_BY_SIDE = 100
_PAUSE = 0.05
_PATIENCE = aiohttp.ClientTimeout(total=60, sock_read=5)  # as deploy/nginx.conf waits

Update = dict[str, Any]


class Deliveries:
    """
    Push the updates of a local Bot API: up to 100 at once, within a chat one after the other, each again until it is
    answered 200. `targets` take turns. With a bad network an answer is lost now and then, and the update pushed again;
    others are pushed again later, in any order.

    ``acknowledged`` are the ids that were answered 200, ``pushes`` how often something was pushed, ``unanswered`` how
    often in vain, ``waiting`` how much is still to be.
    """

    def __init__(self, api: LocalBotApi, targets: list[str], network: BadNetwork | None) -> None:
        self.targets = targets
        self.secret = ""
        self.acknowledged: set[int] = set()
        self.waiting = self.pushes = self.unanswered = 0
        self._api = api
        self._network = network
        self._turns = itertools.count()
        self._lines: dict[int, deque[Update]] = {}
        self._slots = asyncio.Semaphore(_SIDE_BY_SIDE)
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """
        Push until cancelled.
        """
        # The queue itself: the Bot API refuses getUpdates while there is a webhook.
        updates = self._api._updates  # noqa: SLF001
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=_SIDE_BY_SIDE), timeout=_PATIENCE, cookie_jar=aiohttp.DummyCookieJar()
        ) as self._session:
            try:
                while True:
                    await updates.get({"timeout": 60})
                    found = updates.waiting
                    updates.clear()
                    self.waiting += len(found)
                    for update in found:
                        self._line_up(update)
            finally:
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)

    def _line_up(self, update: Update) -> None:
        chat_id = row_of(update, datetime.now(UTC)).chat_id
        if chat_id in self._lines:
            self._lines[chat_id].append(update)
        else:
            self._lines[chat_id] = deque([update])
            self._begin(self._work_off(chat_id))

    def _begin(self, work: Any) -> None:  # noqa: ANN401  any coroutine
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work_off(self, chat_id: int) -> None:
        line = self._lines[chat_id]
        while line:
            update = line.popleft()
            for pause in self._network.repeats() if self._network else ():
                self.waiting += 1
                self._begin(self._again(update, pause))
            await self._deliver(update)
        del self._lines[chat_id]

    async def _again(self, update: Update, pause: float) -> None:
        await asyncio.sleep(pause)
        await self._deliver(update)

    async def _deliver(self, update: Update) -> None:
        async with self._slots:
            while not await self._push(update):  # noqa: ASYNC110  the other side may be down
                await asyncio.sleep(_PAUSE)
        self.waiting -= 1

    async def _push(self, update: Update) -> bool:
        """
        Push once, to the next target; whether it was answered 200, and this was heard.
        """
        self.pushes += 1
        target = self.targets[next(self._turns) % len(self.targets)]
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret, "Content-Type": "application/json"}
        body = io.BytesIO(json.dumps(update).encode())
        with suppress(aiohttp.ClientError, TimeoutError, OSError):
            async with self._session.post(target, data=body, headers=headers) as response:
                if response.status == 200:
                    if self._network and self._network.mishap():
                        return False
                    self.acknowledged.add(update["update_id"])
                    return True
        self.unanswered += 1
        return False
