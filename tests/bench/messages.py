"""
How many messages and presses it takes to screen somebody, on the real application.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.bench.figures import Figure, Table
from tests.chat.conversation import AWAITED, screen, skip
from tests.chat.lists import screen_by_lists, store_all
from tests.conftest import Chatter, Clinic, settings_in

_RECIPIENT, _RESULT = 15, 2


def messages(table: Table) -> None:
    """
    An eligible recipient by lists, beside one question after another; and a result that was awaited.
    """
    for language in ("en", "fr"):
        asked = _counted(language, lambda _, person: _by_questions(person))
        listed = _counted(language, lambda _, person: screen_by_lists(person))
        table.add(
            Figure(
                f"messages for an eligible recipient, by lists ({language})",
                listed,
                "",
                beside=f"{asked} by questions",
                reach=f"<= {_RECIPIENT}",
                is_met=listed <= _RECIPIENT,
            )
        )
        result = _counted(language, _awaited)
        table.add(
            Figure(
                f"messages for a result that was awaited ({language})",
                result,
                "",
                reach=f"<= {_RESULT}",
                is_met=result <= _RESULT,
            )
        )


async def _by_questions(person: Chatter) -> int:
    """
    An answer to each question, and the opening of the case.
    """
    return 1 + len(await screen(person, "recipient"))


async def _awaited(clinic: Clinic, person: Chatter) -> int:
    await skip(clinic, person, "recipient", cd4=AWAITED)
    await person.say("/cancel")
    await person.say("01-R-001 cd4 600")
    return 1 + await store_all(person)


def _counted(language: str, count: Callable[[Clinic, Chatter], Awaitable[int]]) -> int:
    async def run(folder: Path) -> int:
        clinic = Clinic(settings_in(folder))
        await clinic.start()
        try:
            return await count(clinic, await clinic.coordinator(language))
        finally:
            await clinic.stop()

    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(run(Path(folder)))
