"""
What a person types lies nowhere in the files of an encrypted database, through a whole conversation.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from bot.application import remind
from bot.upkeep import rotate_all
from db import authenticators, facts
from db.audit import PROGRAM
from db.engine import Database
from db.tables import Authenticator, Chat, PersonRole
from db.vault import PROTECTED
from tests.chat.conversation import RECIPIENT, go_on, screen, skip, stored, typed
from tests.chat.test_deciding import INVESTIGATOR, change, code, enrol, secret_of, staff, stages
from tests.conftest import Chatter, Clinic, settings_in
from tests.db.rows import NOW, writing

ANSWER, CORRECTION, SUPPOSED, DRAFT, REASON = "73.1257", "74.3759", "75.6253", "176.8751", "zebracrossing"
KEYS = "k1 " + "5a" * 32


@pytest.fixture
async def clinic(empty_url: str, tmp_path: Path) -> AsyncIterator[Clinic]:
    """
    A bot started for the first time, that encrypts.
    """
    started = Clinic(settings_in(tmp_path, database_url=empty_url, encryption_keys=KEYS))
    await started.start()
    yield started
    await started.stop()


async def _type_everything(clinic: Clinic) -> Chatter:
    """
    An answer, its correction, a what-if, a value that waits to be confirmed, a typed reason.
    """
    person = await clinic.coordinator()
    await skip(clinic, person, "donor")
    await person.say("/decide")
    await person.press("Consent refused")
    await person.say(REASON)
    await skip(clinic, person, "recipient", until="dlco")
    await person.say(ANSWER)
    await person.press("Back")
    await person.say(CORRECTION)
    await person.say(f"/whatif 01-R-001 fvc={SUPPOSED}")
    assert SUPPOSED in person.card.text
    return person


def _files(clinic: Clinic, server: Path | None) -> bytes:
    """
    All that the database has on the disk.
    """
    folder = server or clinic.settings.audit_key_file.parent
    names = "**/*" if server else "screening.db*"
    return b"\0".join(path.read_bytes() for path in sorted(folder.glob(names)) if path.is_file())


@pytest.fixture
def server(backend: str, request: pytest.FixtureRequest) -> Path | None:
    """
    Where PostgreSQL keeps its files; None for SQLite.
    """
    return None if backend == "sqlite" else Path(request.getfixturevalue("postgres").folder) / "data"


async def _dump(database: Database) -> str:
    """
    Every row of every table, as a dump has it.
    """
    async with database.engine.connect() as connection:
        rows = [(await connection.execute(text(f"SELECT * FROM {name}"))).all() for name in PROTECTED]  # noqa: S608
    return str(rows)


async def _flush(clinic: Clinic) -> None:
    if not clinic.application.database.is_sqlite:
        async with clinic.application.database.engine.begin() as connection:
            await connection.execute(text("CHECKPOINT"))


async def test_nothing_that_was_typed_lies_in_the_files(clinic: Clinic, server: Path | None) -> None:
    """
    Neither in the database file nor in its write-ahead log nor in a dump; what is not a value does lie there.
    """
    person = await _type_everything(clinic)
    async with writing(clinic.application.database) as session:
        found = await authenticators.enrol(session, person_id=1, by=PROGRAM, now=NOW)
        secret = found.secret
    await _flush(clinic)
    lying = _files(clinic, server)
    dumped = await _dump(clinic.application.database)
    for canary in (ANSWER, CORRECTION, SUPPOSED, REASON, secret):
        assert canary.encode() not in lying
        assert canary not in dumped
    assert b"01-R-001" in lying
    await clinic.restart()
    assert "01-R-001" in (await person.say("/resume 01-R-001")).text
    assert [row.value for row in await stored(clinic, "01-R-001") if row.item == "dlco"] == [ANSWER, CORRECTION]
    async with clinic.application.database.transaction() as session:
        assert (await session.exec(select(Authenticator.person_id))).all() == [1]
        assert (await session.get_one(Authenticator, 1)).secret == secret


async def test_a_value_that_waits_to_be_confirmed_is_encrypted_and_kept(clinic: Clinic, server: Path | None) -> None:
    """
    Over a restart too: the card still asks for it.
    """
    person = await clinic.coordinator()
    await skip(clinic, person, "recipient", until="dlco")
    await person.say(DRAFT)
    await _flush(clinic)
    assert DRAFT.encode() not in _files(clinic, server)
    await clinic.restart()
    async with clinic.application.database.transaction() as session:
        chat = (await session.exec(select(Chat))).one()
    assert DRAFT in (chat.draft or "")
    await person.press("Yes")
    assert [row.value for row in await stored(clinic, "01-R-001") if row.item == "dlco"] == [DRAFT]


FIRST, SECOND, IF, REMARK, WITHDRAWN = "53.1257", "54.3759", "55.6253", "adverse_event", "quokkahabitat"
VISIT_DAY = datetime(2026, 8, 12, 8, tzinfo=UTC)


async def test_a_whole_trial_is_held_with_encryption_on(clinic: Clinic, server: Path | None) -> None:
    """
    From the first answer to a visit, over restarts and with updates that come twice: everything that the bot says and
    stores is as without encryption, what is stored is as the trail tells, and nothing that was typed lies in the files.
    """
    clinic.now = datetime(2026, 5, 4, 8, tzinfo=UTC)
    person = await clinic.coordinator()
    investigator = await staff(clinic, INVESTIGATOR, PersonRole.INVESTIGATOR)
    await enrol(clinic, investigator)
    await _screen_a_pair(clinic, person)
    await _ask(clinic, person)
    await _include(clinic, person, investigator)
    await _follow(clinic, person)
    await _end_another(clinic, person)
    assert [row.value for row in await stored(clinic, "01-R-001") if row.item == "dlco"] == [FIRST, SECOND]
    secret = await secret_of(clinic, INVESTIGATOR)
    await _flush(clinic)
    lying, dumped = _files(clinic, server), await _dump(clinic.application.database)
    for canary in (FIRST, SECOND, IF, REMARK, WITHDRAWN, secret):
        assert canary.encode() not in lying
        assert canary not in dumped
    async with clinic.application.database.snapshot() as session:
        assert await facts.verify(session, key=clinic.application.worker.audit_key) > 60


async def _screen_a_pair(clinic: Clinic, person: Chatter) -> None:
    """
    A recipient answer by answer, of which one is corrected, and a donor; one update comes three times.
    """
    await screen(person, "recipient", until="lvef", dlco=FIRST)
    update = typed(person, "61")
    number = person.api.waiting[-1]["update_id"]
    await person.look()
    person.api.put({"update_id": number, **update})
    await clinic.restart()
    person.api.put({"update_id": number, **update})
    await person.look()
    await go_on(person, "recipient", RECIPIENT)
    assert [row.value for row in await stored(clinic, "01-R-001") if row.item == "lvef"] == ["61"]
    card = await change(person, "01-R-001", "Lung", "DLCO", SECOND)
    assert FIRST in card.text
    assert SECOND in card.text
    await skip(clinic, person, "donor")
    assert "🟢" in person.card.text


async def _ask(clinic: Clinic, person: Chatter) -> None:
    """
    Everything that reads: summary, dashboard, search, reasoning, history, what-if, report.
    """
    assert "01-R-001" in (await person.say("/status 01-R-001")).text
    await person.say("/find recipient")
    assert any("01-R-001" in label for label in person.labels)
    assert SECOND in (await person.say("/why 01-R-001 R-I3a")).text
    history = (await person.say("/history 01-R-001")).text
    assert f"{FIRST} % predicted → {SECOND} % predicted" in history
    assert IF in (await person.say(f"/whatif 01-R-001 dlco={IF}")).text
    await clinic.restart()
    assert IF in (await person.look()).text
    await person.say("/report 01-R-001")
    report = next(message.file for message in reversed(person.api.chat(person.user_id)) if message.file is not None)
    assert SECOND in report.content.decode()
    assert "In screening: 2" in (await person.say("/dashboard")).text


async def _include(clinic: Clinic, person: Chatter, investigator: Chatter) -> None:
    """
    The pair is linked, chosen, signed, voided by a correction, signed again, and included.
    """
    await person.say("/link 01-R-001 01-D-001")
    await person.press("Choose 01-D-001")
    for age in ("46", "47"):
        await investigator.say("/decide 01-R-001")
        card = await investigator.press("Sign the pair")
        assert SECOND in card.text
        await investigator.say(await code(clinic, INVESTIGATOR))
        assert (await stages(clinic))["01-R-001"] == "signed"
        clinic.now = clinic.application.worker.clock() + timedelta(seconds=30)
        if age == "46":
            await change(person, "01-D-001", "Person", "Age", age)
            assert (await stages(clinic))["01-R-001"] == "screening"
    await investigator.say("/decide 01-R-001")
    await investigator.press("Include")
    assert "The pair is included" in (await investigator.press("Include the pair")).text


async def _follow(clinic: Clinic, person: Chatter) -> None:
    """
    The infusion, a reminder of the first visit that is due, and a remark on it.
    """
    clinic.now = datetime(2026, 5, 12, 8, tzinfo=UTC)
    assert "infusion on 12 May 2026" in (await person.say("/infused 01-R-001 12/5/2026")).text
    clinic.now = VISIT_DAY
    await remind(clinic.application.worker)
    await clinic.application.quiet()
    assert any("01-R-001" in one.text and "due" in one.text for one in person.api.chat(person.user_id) if one.from_bot)
    await person.say("/visits 01-R-001")
    await person.press("Month 3")
    await person.press("Done today")
    await clinic.restart()
    assert "done on 12 Aug 2026" in (await person.press("Adverse event")).text
    assert "Adverse event reported" in person.card.text


async def _end_another(clinic: Clinic, person: Chatter) -> None:
    """
    A further donor is withdrawn with a reason in words.
    """
    await skip(clinic, person, "donor", until="sex")
    await person.say("/decide 01-D-002")
    await person.press("Withdrawal")
    await person.say(WITHDRAWN)
    assert (await stages(clinic))["01-D-002"] == "withdrawn"
    assert WITHDRAWN in (await person.say("/history 01-D-002")).text


async def test_what_was_typed_before_is_gone_from_the_file_after_a_rotation(tmp_path: Path, empty_url: str) -> None:
    """
    A plain database is encrypted with all that it held; SQLite's file and log are written anew.
    """
    plain = Clinic(settings_in(tmp_path, database_url=empty_url))
    await plain.start()
    await _type_everything(plain)
    key = plain.application.worker.audit_key
    assert ANSWER in await _dump(plain.application.database)
    await plain.stop()
    clinic = Clinic(settings_in(tmp_path, database_url=empty_url, encryption_keys=KEYS), api=plain.api)
    await clinic.start()
    database = clinic.application.database
    assert await rotate_all(database, key=key)
    await database.compact(PROTECTED)
    lying = (await _dump(database)).encode() + (_files(clinic, None) if database.is_sqlite else b"")
    for canary in (ANSWER, CORRECTION, SUPPOSED, REASON):
        assert canary.encode() not in lying
    person = clinic.person()
    assert ANSWER not in (await person.say("/status 01-R-001")).text
    assert [row.value for row in await stored(clinic, "01-R-001") if row.item == "dlco"] == [ANSWER, CORRECTION]
    await clinic.stop()
