"""
What is done now and then, beside the turns.
"""

import asyncio
from collections.abc import Callable, Coroutine

import pytest

from bot.engine import chores
from bot.engine.worker import Worker
from tests.conftest import Chatter, Clinic

PATIENCE = 20
"""Seconds after which a test gives up."""


@pytest.mark.parametrize(
    ("chore", "work", "pause"),
    [
        (chores.refresh, "projections.refresh_due", "_REFRESH_SECONDS"),
        (chores.keep_reminding, "sweep.sweep", "_SWEEP_SECONDS"),
    ],
)
async def test_a_chore_that_fails_is_tried_again_and_stops_nothing(  # noqa: PLR0917  three are parametrized
    clinic: Clinic,
    coordinator: Chatter,
    monkeypatch: pytest.MonkeyPatch,
    chore: Callable[[Worker], Coroutine[None, None, None]],
    work: str,
    pause: str,
) -> None:
    """
    And people go on meanwhile.
    """
    tries = 0
    again = asyncio.Event()

    async def fail(*_: object, **__: object) -> None:
        nonlocal tries
        tries += 1
        if tries > 1:
            again.set()
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(chores, pause, 0.01)
    monkeypatch.setattr(f"bot.engine.chores.{work}", fail)
    task = asyncio.create_task(chore(clinic.application.worker))
    async with asyncio.timeout(PATIENCE):
        await again.wait()
    assert not task.done()
    task.cancel()
    assert "Screening" in (await coordinator.say("/start")).text
