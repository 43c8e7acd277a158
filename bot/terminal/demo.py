"""
`make demo`: the chat in the terminal on invented cases, with a clock that can be moved on.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from bot import keys
from bot.application import Application, prepare, remind
from bot.settings import Settings
from bot.terminal import invented
from bot.terminal.chat import chat
from db.cases import projections
from db.trail import audit

_FOLDER = Path("var/demo")
_MORNING = 9
_PLAIN = {"audit_anchor_file": None, "encryption_key_file": None, "encryption_keys": None}
"""What is invented needs neither."""


@dataclass
class _Clock:
    """
    The demonstration's clock: the true one, and so much later.
    """

    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


async def demo(settings: Settings, days: int) -> None:
    """
    Load the invented cases into a database of their own, made anew each time, let so many days pass, and chat.
    """
    await asyncio.to_thread(_clear)
    url = f"sqlite:///{_FOLDER / 'screening.db'}"
    settings = settings.model_copy(
        update={"database_url": SecretStr(url), "audit_key_file": _FOLDER / "audit.key", **_PLAIN}
    )
    count = await _load(settings)
    print(f"{count} invented cases in {_FOLDER}. You are administrator, coordinator and investigator of site 01.")
    clock = _Clock()

    async def pass_days(application: Application) -> AsyncIterator[str]:
        for _ in range(days):
            clock.ahead += timedelta(days=1)
            yield f"{clock():%A %d %B %Y}"
            await _live_through(application, clock)

    await chat(settings, clock=clock, meanwhile=pass_days)


def _clear() -> None:
    for path in _FOLDER.glob("*"):
        if path.is_file():
            path.unlink()


async def _load(settings: Settings) -> int:
    async with keys.connected(settings) as database:
        now = datetime.now(UTC)
        key, _ = await prepare(database, settings, now)
        async with database.transaction() as session:
            audit.use_key(session, key)
            return await invented.load(session, now=now)


async def _live_through(application: Application, clock: _Clock) -> None:
    """
    What the program does by itself on the morning of a day.
    """
    begin = clock.ahead
    clock.ahead += _until_morning(clock())
    await application.worker.commit(lambda session: projections.refresh_due(session, now=clock()))
    await remind(application.worker)
    await application.quiet()
    clock.ahead = begin


def _until_morning(now: datetime) -> timedelta:
    return now.replace(hour=_MORNING, minute=0, second=0, microsecond=0) - now
