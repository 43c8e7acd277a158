"""
The whole bot on each database: it talks, is restarted, and takes many chats at once.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlmodel import col, select

from bot import keys
from bot.terminal.chat import settled
from db.base.tables import (
    Answer,
    AuditEntry,
    Case,
    InboxUpdate,
    Membership,
    Person,
    PersonRole,
    Site,
    UpdateState,
)
from db.base.types import now
from db.upkeep import facts
from tests.conftest import Chatter, Clinic, settings_in

CHATS = range(2000, 2030)


@pytest.fixture
async def clinic(empty_url: str, tmp_path: Path) -> AsyncIterator[Clinic]:
    """
    A bot started for the first time, on a database without any table.
    """
    started = Clinic(settings_in(tmp_path, database_url=empty_url))
    await started.start()
    yield started
    await started.stop()


async def _trail(clinic: Clinic) -> list[str]:
    """
    What the trail tells, once it has been verified.
    """
    key = keys.audit_key(clinic.settings.audit_key_file, may_create=False)
    async with clinic.application.database.transaction() as session:
        found = (await session.exec(select(AuditEntry).order_by(col(AuditEntry.sequence)))).all()
        assert await facts.verify(session, key=key) == len(found)
    return [f"{entry.action} {entry.entity} {entry.field or ''}".strip() for entry in found]


async def test_a_conversation_from_the_first_start(clinic: Clinic) -> None:
    """
    The setup code, a case, answers over a restart, a correction over Back, the list and the summary.
    """
    coordinator = await clinic.coordinator()
    await coordinator.press("New recipient")
    card = await coordinator.say("45")
    assert "✓ Age: 45 years" in card.text
    await clinic.restart()
    card = await coordinator.press("Yes")
    assert "✓ Systemic sclerosis, ACR/EULAR 2013: Yes" in card.text
    await coordinator.press("Back")
    await coordinator.press("No")
    await coordinator.say("/cases")
    assert any("01-R-001" in label for label in coordinator.labels)
    card = await coordinator.say("/status 1-r-1")
    assert "01-R-001" in card.text
    assert await _trail(clinic) == [
        "site.open site 01",
        "person.join person 1",
        "case.open 01-R-001",
        "answer 01-R-001 age",
        "answer 01-R-001 ssc_acr_eular_2013",
        "answer 01-R-001 ssc_acr_eular_2013",
    ]


async def _staff(clinic: Clinic) -> list[Chatter]:
    """
    Thirty coordinators of the first site.
    """
    async with clinic.application.database.transaction() as session:
        site = (await session.exec(select(Site))).one()
        people = [Person(telegram_id=number, name="Test", language="en", accepted_at=now()) for number in CHATS]
        session.add_all(people)
        await session.flush()
        session.add_all(
            Membership(person_id=person.id, role=PersonRole.COORDINATOR, site_id=site.id) for person in people
        )
    return [clinic.person(number) for number in CHATS]


async def _ages(clinic: Clinic) -> dict[int, list[str | None]]:
    """
    The ages that each chat's person has stored.
    """
    async with clinic.application.database.transaction() as session:
        query = (
            select(Person.telegram_id, Answer.value)
            .join(Case, col(Case.opened_by) == col(Person.id))
            .join(Answer, col(Answer.case_id) == col(Case.id))
            .where(Answer.item == "age")
        )
        found: dict[int, list[str | None]] = {}
        for telegram_id, value in await session.exec(query):
            found.setdefault(telegram_id, []).append(value)
    return found


@pytest.mark.parametrize("is_restarted", [False, True], ids=["running", "restarted"])
async def test_thirty_chats_at_once(clinic: Clinic, *, is_restarted: bool) -> None:
    """
    Each opens a case and answers at the same time as all the others: every answer is stored once, in its own case, also
    where the bot is restarted while they wait.
    """
    staff = await _staff(clinic)
    for chatter in staff:
        clinic.api.send(chatter.user_id, "/new recipient")
    if is_restarted:
        await clinic.restart()
    await settled(clinic.api, clinic.application)
    for chatter in staff:
        clinic.api.send(chatter.user_id, str(chatter.user_id - 1980))
    if is_restarted:
        await clinic.restart()
    await settled(clinic.api, clinic.application)
    assert await _ages(clinic) == {number: [str(number - 1980)] for number in CHATS}
    for chatter in staff:
        assert f"✓ Age: {chatter.user_id - 1980} years" in chatter.card.text
    trail = await _trail(clinic)
    assert sorted(line for line in trail if line.startswith("case.open")) == [
        f"case.open 01-R-{number:03d}" for number in range(1, 31)
    ]
    await clinic.restart()
    async with clinic.application.database.transaction() as session:
        states = (await session.exec(select(InboxUpdate.state))).all()
    assert set(states) == {UpdateState.SHOWN}
