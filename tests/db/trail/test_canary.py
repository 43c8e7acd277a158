"""
What a person types lies nowhere in the files of an encrypted database, through a whole conversation.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from bot.commands.keys import rotate_all
from db.base.engine import Database
from db.base.tables import Authenticator, Chat
from db.base.vault import PROTECTED
from db.people import authenticators
from db.trail.audit import PROGRAM
from db.upkeep import facts
from tests.chat.conversation import skip, stored
from tests.chat.test_decisions import INVESTIGATOR, secret_of
from tests.chat.trial import TYPED, hold
from tests.conftest import Chatter, Clinic, settings_in
from tests.db.rows import NOW

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
    await person.press("Today")
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
    enrolled = await clinic.application.worker.commit(
        lambda session: authenticators.enrol(session, person_id=1, by=PROGRAM, now=NOW)
    )
    secret = enrolled.secret
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


async def test_a_whole_trial_is_held_with_encryption_on(clinic: Clinic, server: Path | None) -> None:
    """
    From the first answer to a visit, over restarts and with updates that come twice: everything that the bot says and
    stores is as without encryption, what is stored is as the trail tells, and nothing that was typed lies in the files.
    """
    await hold(clinic)
    secret = await secret_of(clinic, INVESTIGATOR)
    await _flush(clinic)
    lying, dumped = _files(clinic, server), await _dump(clinic.application.database)
    for canary in (*TYPED, secret):
        assert canary.encode() not in lying
        assert canary not in dumped
    async with clinic.application.database.snapshot() as session:
        assert await facts.verify(session, key=clinic.application.worker.audit_key) > 60


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
