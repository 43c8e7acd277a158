"""
The chat in a terminal: the same application on a Bot API in the process, with no token and no network.

A whole team can be played on one machine: `/as NAME` goes over to another person, `/as` goes back to the first.

On a screen the chat is drawn anew after every turn, as it would look. With its input from a pipe or a file it prints
what changes, and takes the next line once the bot has answered, so that a script can hold a conversation.
"""

import asyncio
import codecs
import hashlib
import os
import re
import sys
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from bot.application import Application, running
from bot.emulator.api import LocalBotApi
from bot.emulator.chat import Message
from bot.emulator.request import LocalRequest
from bot.settings import Settings
from bot.terminal.buttons import Buttons
from bot.terminal.drawing import panel
from db.base.engine import Database
from db.delivery import chats

YOU = "You"
_TOKEN = "1:local"  # noqa: S105  the Bot API in the process asks for none
_SHOWN = 6


_AS = re.compile(r"/as(?:\s+(.*))?", re.DOTALL)
_LINK = re.compile(r"https://t\.me/\w+\?start=([A-Za-z0-9_-]+)")


async def chat(
    settings: Settings,
    name: str | None = None,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    meanwhile: Callable[[Application], AsyncIterator[str]] | None = None,
) -> None:
    """
    Chat until the input ends, as the person of this name. The bot keeps everything; the next start goes on from there.
    `meanwhile` does something before the first line is read, and tells what.
    """
    api = LocalBotApi()
    request, polling = LocalRequest(api), LocalRequest(api)
    async with running(
        settings, token=_TOKEN, api_url="local:", request=request, polling=polling, clock=clock
    ) as application:
        terminal = _Terminal(api, application, _Player.called(name or YOU))
        if meanwhile is not None:
            await terminal.watch(meanwhile(application))
        await terminal.talk()


@dataclass
class _Player:
    """
    A person in the terminal: how they are called, and what has been drawn of their chat.
    """

    name: str
    buttons: Buttons = field(default_factory=Buttons)
    drawn: dict[int, Message] = field(default_factory=dict)
    toasts: int = 0

    @classmethod
    def called(cls, name: str) -> "_Player":
        """
        The person of this name, as it is typed.
        """
        name = " ".join(name.split())[:64]
        return cls(YOU if name.casefold() in {"", YOU.casefold()} else name)

    @property
    def user_id(self) -> int:
        """
        A Telegram id that the name alone decides.
        """
        if self.name == YOU:
            return 1
        return 1_000_000 + int.from_bytes(hashlib.sha256(self.name.casefold().encode()).digest()[:4])

    @property
    def label(self) -> str:
        """
        How what they write is headed.
        """
        return "you" if self.name == YOU else self.name


class _Terminal:
    def __init__(self, api: LocalBotApi, application: Application, first: _Player) -> None:
        self._api = api
        self._application = application
        self._console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
        self._is_screen = sys.stdin.isatty() and sys.stdout.isatty()
        self._first = self._now = first
        self._players = {self._now.user_id: self._now}
        self._handed_over: set[int] = set()

    async def watch(self, telling: AsyncIterator[str]) -> None:
        """
        Show what comes while something goes on.
        """
        async for line in telling:
            await settled(self._api, self._application)
            await self._show()
            self._console.print(f"[dim]{escape(line)}[/dim]")

    async def talk(self) -> None:
        code = self._application.setup_code
        await self._turn(f"/start {code}" if code else "/start")
        if self._is_screen:
            self._console.print("[dim]Type an answer, or a button's number or words. Ctrl-C leaves.[/dim]")
        async for line in _lines():
            named = _AS.fullmatch(line.strip())
            if named:
                await self._switch(named[1] or self._first.name)
            elif line.strip():
                await self._turn(line)

    async def _switch(self, name: str) -> None:
        """
        Go over to another person, and show what their chat shows.
        """
        player = _Player.called(name)
        self._now = self._players.setdefault(player.user_id, player)
        if not self._is_screen:
            print(f"=== {self._now.label}")
        if self._api.chat(self._now.user_id):
            await self._show()
            self._prompt()
        else:
            await self._turn("/start")

    async def _turn(self, line: str) -> None:
        link = _LINK.fullmatch(line.strip())
        text = f"/start {link[1]}" if link else line.strip()[:4096]
        user_id = self._now.user_id
        pressed = self._now.buttons.pressed(text, self._api.chat(user_id))
        if pressed is None:
            self._api.send(user_id, text, first_name=self._now.name, language=os.environ.get("LANG", "en")[:2])
        else:
            self._api.press(user_id, *pressed)
        await settled(self._api, self._application)
        await self._show()
        self._prompt()

    async def _card_id(self) -> int | None:
        """
        Which message is the card: what came after it is none.
        """
        user_id, unit = self._now.user_id, self._application.worker.unit
        shown = unit.spoken.cards.get(user_id)
        return shown.message_id if shown else await unit.commit(lambda session: chats.card_of(session, user_id))

    async def _show(self) -> None:
        player = self._now
        player.buttons.card_id = await self._card_id()
        messages = self._api.chat(player.user_id)
        if self._is_screen:
            self._console.clear()
            for message in messages[-_SHOWN:]:
                rows = player.buttons.labelled(message, messages)
                self._console.print(panel(message, player.label, rows))
        else:
            self._changes({message.id: message for message in messages})
        self._put_down(messages)
        toasts = self._api.toasts(player.user_id)
        for toast in toasts[player.toasts :]:
            self._console.print(f"  ({toast})", markup=False)
        player.toasts = len(toasts)

    def _changes(self, messages: dict[int, Message]) -> None:
        player = self._now
        for message_id in player.drawn.keys() - messages.keys():
            if player.drawn[message_id].from_bot:
                self._console.print("  (card removed)", markup=False)
        for message_id, message in messages.items():
            old = player.drawn.get(message_id)
            if old is not None and (old.text, old.buttons) == (message.text, message.buttons):
                continue
            print(f"--- {'bot' if message.from_bot else player.label}{' (edited)' if old else ''}")
            print(message.text)
            for row in player.buttons.labelled(message, list(messages.values())):
                print("  ".join(row))
        sys.stdout.flush()
        player.drawn = messages

    def _put_down(self, messages: list[Message]) -> None:
        """
        Write what was handed over, which is what has no buttons, beside the database, in `var`, and say where it is.
        """
        for message in messages:
            if message.file is None or message.buttons or message.id in self._handed_over:
                continue
            self._handed_over.add(message.id)
            folder = _documents(self._application.database)
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / message.file.filename
            path.write_bytes(message.file.content)
            self._console.print(f"  ({path})", markup=False)

    def _prompt(self) -> None:
        if self._is_screen:
            name = "" if self._now.name == YOU else f"{escape(self._now.name)} "
            self._console.print(f"{name}[bold]>[/bold] ", end="")


def _documents(database: Database) -> Path:
    """
    Where documents go: the folder of the database if it is called var, else one of that name in it.
    """
    folder = Path(database.url.database or "").parent if database.is_sqlite else Path()
    return folder if folder.name == "var" else folder / "var"


async def settled(api: LocalBotApi, application: Application) -> None:
    """
    Wait until the bot has answered everything.
    """
    while api.waiting:  # noqa: ASYNC110  the queue belongs to the other side
        await asyncio.sleep(0.002)
    await application.quiet()


async def _lines() -> AsyncIterator[str]:
    """
    Lines of the input, without blocking the bot. A thread reads the descriptor itself: one that sits in Python's own
    reader would hold its lock when the program ends.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[str | None] = asyncio.Queue()

    def read() -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        rest = ""
        while chunk := os.read(0, 65536):
            *complete, rest = (rest + decoder.decode(chunk)).split("\n")
            for line in complete:
                loop.call_soon_threadsafe(queue.put_nowait, line)
        loop.call_soon_threadsafe(queue.put_nowait, rest)
        loop.call_soon_threadsafe(queue.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    while (line := await queue.get()) is not None:
        yield line
