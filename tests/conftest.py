"""
What every test may use: a database of each kind, the running application, and people who chat with it.
"""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.application import Application, running
from bot.local_api import LocalBotApi, LocalRequest
from bot.local_chat import Message
from bot.settings import Settings
from bot.terminal import settled

COORDINATOR, STRANGER = 101, 666
TOKEN = "1:local"


def settings_in(folder: Path, **values: object) -> Settings:
    """
    Settings whose files lie in a folder, whatever the environment says. With ENCRYPTION_KEYS in it, every test of the
    chat runs with encryption on.
    """
    defaults = {"database_url": f"sqlite:///{folder / 'screening.db'}", "audit_key_file": folder / "audit.key"}
    return Settings(_env_file=None, **{**defaults, **values})  # type: ignore[arg-type]


@dataclass
class Chatter:
    """
    A person in a private chat with the bot, who sees what Telegram would show.
    """

    api: LocalBotApi
    application: Callable[[], Application]
    user_id: int
    language: str = "en"

    async def say(self, text: str) -> Message:
        """
        Type something and wait for the answer; the bot's last message.
        """
        self.api.send(self.user_id, text, language=self.language, first_name="Test")
        return await self.look()

    async def press(self, label: str, message: Message | None = None) -> Message:
        """
        Press the button with these words on the card, or on another message.
        """
        card = message or self.card
        found = [
            button for row in card.buttons for button in row if re.search(rf"(?:^|\W){re.escape(label)}", button.label)
        ]
        assert found, f"no button {label!r} among {[button.label for row in card.buttons for button in row]}"
        assert found[0].data is not None
        return await self.tap(found[0].data, card)

    async def tap(self, data: str, message: Message | None = None) -> Message:
        """
        Press a button by what it carries.
        """
        self.api.press(self.user_id, (message or self.card).id, data)
        return await self.look()

    async def look(self) -> Message:
        """
        Wait until the bot has answered everything; its last message.
        """
        await settled(self.api, self.application())
        return self.card

    @property
    def card(self) -> Message:
        """
        The bot's last message.
        """
        return [message for message in self.api.chat(self.user_id) if message.from_bot][-1]

    @property
    def labels(self) -> list[str]:
        """
        The words on the card's buttons.
        """
        return [button.label for row in self.card.buttons for button in row]

    @property
    def toasts(self) -> list[str]:
        """
        What was said on presses.
        """
        return self.api.toasts(self.user_id)


@dataclass
class Clinic:
    """
    The real application on a database, in front of a Bot API in the process. `restart` ends it and starts it anew.
    """

    settings: Settings
    api: LocalBotApi = field(default_factory=lambda: LocalBotApi(first_id=1000))
    now: datetime | None = None
    _application: Application | None = None
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    setup_code: str | None = None

    @property
    def application(self) -> Application:
        """
        The running application.
        """
        assert self._application is not None
        return self._application

    async def start(self) -> None:
        """
        Start the application.
        """
        self._stack = AsyncExitStack()
        self._application = await self._stack.enter_async_context(
            running(
                self.settings,
                token=TOKEN,
                api_url="local:",
                request=LocalRequest(self.api),
                polling=LocalRequest(self.api),
                clock=lambda: self.now or datetime.now(UTC),
            )
        )
        self.setup_code = self._application.setup_code or self.setup_code

    async def stop(self) -> None:
        """
        Stop the application.
        """
        await self._stack.aclose()
        self._application = None

    async def restart(self) -> None:
        """
        Stop and start on the same database.
        """
        await self.stop()
        await self.start()

    def person(self, user_id: int = COORDINATOR, language: str = "en") -> Chatter:
        """
        Somebody who chats.
        """
        return Chatter(self.api, lambda: self.application, user_id, language)

    async def coordinator(self, language: str = "en") -> Chatter:
        """
        The first member: administrator and coordinator of site 01.
        """
        person = self.person(language=language)
        await person.say(f"/start {self.setup_code}")
        return person


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """
    Settings on an empty SQLite database.
    """
    return settings_in(tmp_path)


@pytest.fixture
async def clinic(settings: Settings) -> AsyncIterator[Clinic]:
    """
    A bot that has just been started for the first time.
    """
    started = Clinic(settings)
    await started.start()
    yield started
    await started.stop()


@pytest.fixture
async def coordinator(clinic: Clinic) -> Chatter:
    """
    The first coordinator, who has just come in.
    """
    return await clinic.coordinator()
