"""
Two processes on one database at the same moment: no sign-off stands that does not match what is stored.

One process is the bot, the other a transaction of the test, which acts while the bot waits for it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.engine import Database
from db.base.tables import (
    Authenticator,
    Case,
    Decision,
    DecisionKind,
    PersonRole,
    Stage,
)
from db.cases import (
    answers,
    decisions,
    pairs,
    projections,
    records,
)
from db.cases.partners import linked_cases
from db.cases.records import Record
from db.people import authenticators
from db.people.authenticators import Check
from db.trail import audit
from db.trail.audit import Actor
from db.upkeep import facts
from tests.chat.conversation import skip
from tests.chat.staff import add_member
from tests.chat.ward import code_now, give_app
from tests.conftest import Chatter, Clinic, settings_in
from tests.databases import on_postgres

NOW = datetime(2026, 5, 4, 9, 0, 7, tzinfo=UTC)
SIGNER = 202
BY = Actor(1, PersonRole.COORDINATOR)

pytestmark = on_postgres("SQLite has one writer at a time")
"""SQLite lets one transaction begin after the other has ended."""


@pytest.fixture
async def clinic(url: str, tmp_path: Path) -> AsyncIterator[Clinic]:
    """
    A bot on a database that other processes use as well.
    """
    started = Clinic(settings_in(tmp_path, database_url=url), now=NOW)
    await started.start()
    yield started
    await started.stop()


@pytest.fixture
async def coordinator(clinic: Clinic) -> Chatter:
    """
    The first coordinator.
    """
    return await clinic.coordinator()


@pytest.fixture
async def signer(clinic: Clinic, coordinator: Chatter) -> Chatter:
    """
    An investigator with an authenticator app.
    """
    person = await add_member(clinic, SIGNER, (PersonRole.INVESTIGATOR, 1))
    await give_app(clinic, SIGNER)
    await coordinator.look()
    return person


async def meanwhile(
    clinic: Clinic, act: Callable[[AsyncSession], Awaitable[object]], *people: tuple[Chatter, str]
) -> None:
    """
    Let another process act, and people say something to the bot while it does: the bot gets on when that is committed.
    """
    async with another(clinic) as (other, session):
        await audit.lock(session)
        for person, said in people:
            person.api.send(person.user_id, said, first_name="Test")
        await waiting(other)
        await act(session)
    await people[0][0].look()


class another:  # noqa: N801  read as a word
    """
    A transaction of another process.
    """

    def __init__(self, clinic: Clinic) -> None:
        self._key = clinic.application.worker.audit_key
        self._database = Database(clinic.settings.database_url.get_secret_value())

    async def __aenter__(self) -> tuple[Database, AsyncSession]:
        self._transaction = self._database.transaction()
        session = await self._transaction.__aenter__()
        audit.use_key(session, self._key)
        return self._database, session

    async def __aexit__(self, *error: object) -> None:
        await self._transaction.__aexit__(*error)  # type: ignore[arg-type]
        await self._database.close()


async def waiting(database: Database) -> None:
    """
    Wait until somebody waits for a lock.
    """
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    for _ in range(500):
        async with database.engine.connect() as connection:
            if (await connection.execute(query)).scalar():
                return
        await asyncio.sleep(0.01)
    pytest.fail("nobody waits")


async def record_of(session: AsyncSession, code: str) -> Record:
    """
    The record of a case.
    """
    case = (await session.exec(select(Case).where(Case.code == code))).one()
    return await records.load(session, case=case, now=NOW)


async def change_age(session: AsyncSession) -> None:
    """
    Another age for the first donor.
    """
    record = await record_of(session, "01-D-001")
    await answers.add(session, record=record, item="age", raw=Decimal(46), by=BY, now=NOW, reason="typo")


async def holds_only_what_matches(clinic: Clinic) -> int:
    """
    Check that each sign-off in force is one of what is stored; how many there are.
    """
    async with clinic.application.database.transaction() as session:
        found = (await session.exec(select(Case).where(col(Case.sign_off).is_not(None)))).all()
        for case in found:
            decision = await session.get_one(Decision, case.sign_off)
            subjects = await decisions.subjects_of(session, decision=decision, now=NOW)
            assert decisions.digest_of(subjects) == decision.digest, case.code
        for case in (await session.exec(select(Case))).all():
            record = await records.load(session, case=case, now=NOW)
            assert case.verdict == record.assessment.verdict
            assert case.links == len(await linked_cases(session, case=case))
        key = clinic.application.worker.audit_key
        await facts.verify(session, key=key)
        return len(found)


async def test_an_answer_that_comes_before_the_code_is_committed_is_not_signed(
    clinic: Clinic, coordinator: Chatter, signer: Chatter
) -> None:
    """
    The investigator's code waits while another process changes an answer: it signs nothing, and is good for the next.
    """
    await skip(clinic, coordinator, "donor")
    await signer.say("/sign 01-D-001")
    await meanwhile(clinic, change_age, (signer, code_now(clinic)))
    assert await holds_only_what_matches(clinic) == 0
    assert "46 " in signer.card.text
    await signer.say(code_now(clinic))
    assert await holds_only_what_matches(clinic) == 1


async def test_an_answer_that_waits_for_a_sign_off_voids_it(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The other way round: the sign-off was not there yet when the answer came in.
    """
    await skip(clinic, coordinator, "donor")
    for label in ("Edit", "Person", "Age", "New result"):
        await coordinator.press(label)

    async def sign(session: AsyncSession) -> None:
        record = await record_of(session, "01-D-001")
        await decisions.decide(session, kind=DecisionKind.SIGNED, subjects=[record], by=BY, now=NOW)

    await meanwhile(clinic, sign, (coordinator, "46"))
    assert await holds_only_what_matches(clinic) == 0
    async with clinic.application.database.transaction() as session:
        kinds = (await session.exec(select(Decision.kind).order_by(col(Decision.id)))).all()
        assert list(kinds) == [DecisionKind.SIGNED, DecisionKind.VOIDED]


async def test_two_answers_to_one_question_at_once_are_one_answer(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The second person sees what has become of the question; nothing goes wrong.
    """
    await skip(clinic, coordinator, "donor", until="age")

    async def answer(session: AsyncSession) -> None:
        record = await record_of(session, "01-D-001")
        await answers.add(session, record=record, item="age", raw=Decimal(50), by=BY, now=NOW)

    await meanwhile(clinic, answer, (coordinator, "45"))
    assert await holds_only_what_matches(clinic) == 0
    assert "reference" not in coordinator.card.text
    async with clinic.application.database.transaction() as session:
        record = await record_of(session, "01-D-001")
        assert [given.text for given in record.answers] == ["50"]


async def test_two_links_at_once_are_counted_as_two(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Of two donors with one recipient; and of one donor with two recipients, one alone is made.
    """
    for kind in ("recipient", "recipient", "donor", "donor"):
        await coordinator.say(f"/new {kind}")

    def link(recipient: str, donor: str) -> Callable[[AsyncSession], Awaitable[object]]:
        async def act(session: AsyncSession) -> None:
            pair = [(await record_of(session, code)).case for code in (recipient, donor)]
            await pairs.link(session, recipient=pair[0], donor=pair[1], by=BY, now=NOW)

        return act

    await meanwhile(clinic, link("01-R-001", "01-D-001"), (coordinator, "/link 01-R-001 01-D-002"))
    await holds_only_what_matches(clinic)
    async with clinic.application.database.transaction() as session:
        assert [(await record_of(session, code)).case.links for code in ("01-R-001", "01-D-001")] == [2, 1]
    await coordinator.say("/unlink 01-R-001 01-D-001")
    await meanwhile(clinic, link("01-R-002", "01-D-001"), (coordinator, "/link 01-R-001 01-D-001"))
    await holds_only_what_matches(clinic)
    assert "Undo that link first" in coordinator.card.text


async def test_one_code_signs_once_though_two_processes_see_it(
    clinic: Clinic, coordinator: Chatter, signer: Chatter
) -> None:
    """
    The code has served in the other process by the time the bot looks at it.
    """
    await skip(clinic, coordinator, "donor")
    await skip(clinic, coordinator, "donor")
    await signer.say("/sign 01-D-001")

    async def sign_the_other(session: AsyncSession) -> None:
        app = (await session.exec(select(Authenticator))).one()
        result = await authenticators.check(session, authenticator=app, code=code_now(clinic), by=BY, at=NOW)
        assert result is Check.RIGHT
        record = await record_of(session, "01-D-002")
        await decisions.decide(session, kind=DecisionKind.SIGNED, subjects=[record], by=BY, now=NOW)

    await meanwhile(clinic, sign_the_other, (signer, code_now(clinic)))
    assert await holds_only_what_matches(clinic) == 1
    assert "has served already" in signer.card.text


async def test_two_investigators_sign_once(clinic: Clinic, coordinator: Chatter, signer: Chatter) -> None:
    """
    The second sees that it is signed; there is one decision.
    """
    await skip(clinic, coordinator, "donor")
    await signer.say("/sign 01-D-001")

    async def sign(session: AsyncSession) -> None:
        record = await record_of(session, "01-D-001")
        await decisions.decide(session, kind=DecisionKind.SIGNED, subjects=[record], by=BY, now=NOW)

    await meanwhile(clinic, sign, (signer, code_now(clinic)))
    assert await holds_only_what_matches(clinic) == 1
    async with clinic.application.database.transaction() as session:
        assert len((await session.exec(select(Decision))).all()) == 1


async def test_a_case_that_ends_meanwhile_is_not_signed(clinic: Clinic, coordinator: Chatter, signer: Chatter) -> None:
    """
    Its stage stays what the other process has made of it.
    """
    await skip(clinic, coordinator, "donor")
    await signer.say("/sign 01-D-001")

    async def end(session: AsyncSession) -> None:
        record = await record_of(session, "01-D-001")
        await decisions.decide(
            session, kind=DecisionKind.WITHDRAWN, subjects=[record], by=BY, now=NOW, reason="patient"
        )

    await meanwhile(clinic, end, (signer, code_now(clinic)))
    async with clinic.application.database.transaction() as session:
        assert (await record_of(session, "01-D-001")).case.stage == Stage.WITHDRAWN
    assert await holds_only_what_matches(clinic) == 0


async def test_somebody_shut_out_meanwhile_signs_nothing(clinic: Clinic, coordinator: Chatter, signer: Chatter) -> None:
    """
    They are a stranger by the time their code is read.
    """
    await skip(clinic, coordinator, "donor")
    await signer.say("/sign 01-D-001")

    async def shut_out(session: AsyncSession) -> None:
        await (await session.connection()).execute(
            text("UPDATE people SET is_active = false WHERE telegram_id = :one"), {"one": SIGNER}
        )
        await audit.record(session, at=NOW, by=BY, action="person.deactivate", entity="person 2")

    await meanwhile(clinic, shut_out, (signer, code_now(clinic)))
    assert await holds_only_what_matches(clinic) == 0


async def test_a_rebuild_beside_an_answer_leaves_the_lists_right(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Assessing every case anew waits for the answer that is on its way, and sees it.
    """
    await skip(clinic, coordinator, "donor", until="positive_pcr")
    database = Database(clinic.settings.database_url.get_secret_value())

    async def rebuild() -> None:
        async with database.transaction() as session:
            await projections.rebuild(session, now=NOW)

    async with another(clinic) as (other, session):
        await audit.lock(session)
        running = asyncio.create_task(rebuild())
        await waiting(other)
        record = await record_of(session, "01-D-001")
        await answers.add(session, record=record, item="positive_pcr", raw=[], by=BY, now=NOW)
    await running
    await database.close()
    await holds_only_what_matches(clinic)
