"""
The demonstration: invented cases at all stages, which show what there is to see.
"""

import re
from datetime import UTC, datetime, timedelta

import pytest

from bot.application import remind
from bot.terminal import invented
from db.base.tables import Stage
from db.cases import projections
from db.trail import audit
from db.upkeep import facts
from tests.chat.conversation import all_cases
from tests.conftest import Chatter, Clinic

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)


@pytest.fixture
async def you(clinic: Clinic) -> Chatter:
    """
    The one person of the demonstration.
    """
    clinic.now = NOW
    async with clinic.application.database.transaction() as session:
        audit.use_key(session, clinic.application.worker.audit_key)
        await invented.load(session, now=NOW)
    return clinic.person(1)


async def test_there_are_some_thirty_cases_at_all_stages(clinic: Clinic, you: Chatter) -> None:
    """
    Every stage but those that one sees only by doing; the trail verifies.
    """
    await you.say("/start")
    found = await all_cases(clinic)
    assert 25 <= len(found) <= 35
    assert {case.stage for case in found.values()} == set(Stage) - {Stage.DISCARDED, Stage.FINISHED, Stage.LOST}
    async with clinic.application.database.transaction() as session:
        assert await facts.verify(session, key=clinic.application.worker.audit_key) > 500


async def _whole_history(person: Chatter, code: str) -> str:
    card = await person.say(f"/history {code}")
    pages = [card.text]
    while any("Older" in label for label in person.labels):
        pages.append((await person.press("Older")).text)
    return "\n".join(pages)


async def test_histories_are_told_in_words(you: Chatter) -> None:
    """
    Decisions and visits with their reasons and days: nothing of how they are stored shows.
    """
    text = await _whole_history(you, "01-R-019")
    assert re.search(r"month 3", text)
    assert "The physician\u2019s decision" in await _whole_history(you, "01-R-011")
    for code in ("01-R-009", "01-R-011", "01-R-012", "01-R-015", "01-R-019"):
        assert not re.search(r"\d{4}-\d\d-\d\d|visit\.|decision\.|_", await _whole_history(you, code)), code


async def test_reminders_come_as_the_days_go_by(clinic: Clinic, you: Chatter) -> None:
    """
    Of visits, of awaited results and of a pair that waits for its signature.
    """
    await you.say("/start")
    worker = clinic.application.worker
    for day in range(1, 31):
        clinic.now = NOW + timedelta(days=day)
        await worker.commit(lambda session: projections.refresh_due(session, now=worker.clock()))
        await remind(worker)
        await clinic.application.quiet()
    told = "\n".join(message.text for message in you.api.chat(1))
    for part in ("visit due", "visit overdue", "awaits", "unsigned with", "→ open from"):
        assert part in told
