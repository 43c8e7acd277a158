"""
The commands for whoever runs the server: a sentence and an exit status, and never a secret or a traceback.
"""

import asyncio
import os
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text, update
from sqlmodel import col, delete, select

from db.base.engine import Database
from db.base.tables import Answer, AuditEntry, AuditHead, Case
from db.cases import records
from tests.commands import started
from tests.db.rows import KEY, NOW, Clinicians, allow_changes, answer, open_case, writing

SECRET = "zebra-4711"
SOUND = "3 entries, each as it was written, and what is stored is as they tell"


async def run(folder: Path, url: str, *command: str, typed: str = "", **environment: str) -> started.Told:
    """
    Run a command in a folder of its own, with the key file there.
    """
    settings = {"DATABASE_URL": url, "AUDIT_KEY_FILE": str(folder / "audit.key")}
    told = await started.told(folder, *command, environment={**os.environ, **settings, **environment}, given=typed)
    assert "Traceback" not in told.errors
    return told._replace(output=told.output.strip(), errors=told.errors.strip())


@pytest.fixture
async def kept(database: Database, clinicians: Clinicians, tmp_path: Path) -> Database:
    """
    A database with one case and one answer, three entries in its trail and the key beside it.
    """
    (tmp_path / "audit.key").write_text(KEY.hex(), encoding="ascii")
    async with writing(database) as session:
        record = await records.load(session, case=await open_case(session, clinicians), now=NOW)
        await answer(record, session, clinicians, "age", 17)
    return database


@pytest.mark.usefixtures("kept")
async def test_an_untouched_trail_is_confirmed(url: str, tmp_path: Path) -> None:
    """
    With the number of its entries, and status 0.
    """
    assert await run(tmp_path, url, "audit", "verify") == (0, SOUND, "")


async def test_the_first_bad_entry_is_named(kept: Database, url: str, tmp_path: Path) -> None:
    """
    With status 1, so that a watchdog notices.
    """
    async with writing(kept) as session:
        await allow_changes(session)
        await session.exec(update(AuditEntry).where(col(AuditEntry.sequence) >= 2).values(reason="x"))
    ended = await run(tmp_path, url, "audit", "verify")
    assert ended == (1, "", "audit trail: entry 2: does not match its seal")


async def test_an_answer_that_was_written_past_the_program_is_named(kept: Database, url: str, tmp_path: Path) -> None:
    """
    With status 1, by ids only, although every entry of the trail is as it was.
    """
    forged = (
        "INSERT INTO answers (case_id, revision, item, value, source, person_id, at) "
        "SELECT case_id, 2, 'dlco', '4711', source, person_id, at FROM answers"
    )
    async with kept.engine.begin() as connection:
        await connection.execute(text(forged))
    ended = await run(tmp_path, url, "audit", "verify")
    assert ended == (1, "", "audit trail: answers 1 2: no entry tells of it")


async def test_a_tail_cut_since_it_was_anchored_is_found(kept: Database, url: str, tmp_path: Path) -> None:
    """
    By the command that reads the anchors, with status 1; a changed anchor is as well.
    """
    file = tmp_path / "anchors"
    assert await run(tmp_path, url, "audit", "anchor", str(file)) == (0, f"entry 3 is anchored in {file}", "")
    ended = await run(tmp_path, url, "audit", "verify", "--anchor", str(file))
    assert (ended.status, ended.errors) == (0, "")
    assert ended.output.startswith(f"{SOUND}\n1 anchors, the last of ")
    async with writing(kept) as session:
        await allow_changes(session)
        await session.exec(delete(AuditEntry).where(col(AuditEntry.sequence) == 3))
        seal = (await session.exec(select(AuditEntry.seal).where(AuditEntry.sequence == 2))).one()
        await session.exec(update(AuditHead).values(sequence=2, seal=seal))
        await session.exec(delete(Answer))
        await session.exec(update(Case).values(revision=0))
    assert (await run(tmp_path, url, "audit", "verify")).status == 0
    ended = await run(tmp_path, url, "audit", "verify", "--anchor", str(file))
    assert (ended.status, ended.errors) == (1, "audit trail: entry 3: missing: 3 entries were anchored")
    line = " ".join([*(await asyncio.to_thread(file.read_text)).split(" ")[:1], "2", "0" * 64, "0" * 64])
    await asyncio.to_thread(file.write_text, f"{line}\n")
    ended = await run(tmp_path, url, "audit", "verify", "--anchor", str(file))
    assert ended.status == 1
    assert "line 1 of the anchors" in ended.errors


async def test_encryption_is_turned_on_for_a_database_that_has_answers(
    kept: Database, url: str, tmp_path: Path
) -> None:
    """
    A key is made, everything is rewritten, the trail verifies with the key and says what is missing without it.
    """
    here = {"ENCRYPTION_KEY_FILE": str(tmp_path / "encryption.keys")}
    assert (await run(tmp_path, url, "keys", "new")).status == 2
    made = await run(tmp_path, url, "keys", "new", **here)
    assert (made.status, made.errors) == (0, "")
    assert made.output.startswith("k1 stands first in ")
    await kept.close()
    for _ in range(2):
        done = await run(tmp_path, url, "keys", "rotate", **here)
        assert (done.status, done.errors) == (0, "")
        assert done.output.startswith("everything is encrypted with k1")
    async with kept.engine.connect() as connection:
        (value,) = (await connection.execute(text("SELECT value FROM answers"))).scalars()
    assert value.startswith("\x1fk1:")
    await kept.close()
    assert (await run(tmp_path, url, "audit", "verify", **here)).status == 0
    refused = await run(tmp_path, url, "audit", "verify")
    assert refused.status == 2
    assert refused.errors.startswith("encryption: this database was written with the encryption key 'k1'")


@pytest.mark.usefixtures("kept")
async def test_a_key_of_another_trail_confirms_nothing(url: str, tmp_path: Path) -> None:
    """
    The first entry already does not match.
    """
    (tmp_path / "audit.key").write_text("ab" * 32, encoding="ascii")
    ended = await run(tmp_path, url, "audit", "verify")
    assert ended == (1, "", "audit trail: entry 1: does not match its seal")


@pytest.mark.usefixtures("kept")
async def test_verifying_makes_no_key(url: str, tmp_path: Path) -> None:
    """
    A missing key is asked for by name, with status 2.
    """
    (tmp_path / "audit.key").unlink()
    ended = await run(tmp_path, url, "audit", "verify")
    assert (ended.status, ended.output) == (2, "")
    assert ended.errors.startswith("AUDIT_KEY_FILE: ")
    assert not (tmp_path / "audit.key").exists()


async def test_rebuilding_assesses_every_case(kept: Database, url: str, tmp_path: Path) -> None:
    """
    It says how many there were, and lists are right afterwards.
    """
    async with kept.transaction() as session:
        await session.exec(update(Case).values(verdict="eligible", failing="", assessed_on=date(2020, 1, 1)))
    assert await run(tmp_path, url, "rebuild") == (0, "1 cases assessed", "")
    async with kept.transaction() as session:
        case = (await session.exec(select(Case))).one()
    assert (case.verdict, case.failing) == ("not_eligible", "R-I1")


@pytest.mark.parametrize(
    "address",
    [
        f"nothing {SECRET}",
        f"mysql://ada:{SECRET}@h/n",
        f"postgresql://ada:{SECRET}@127.0.0.1:1/n",
        f"postgresql://ada:{SECRET}@127.0.0.1:port/n",
        "sqlite:///audit.key",
        "sqlite:////dev/null/screening.db",
    ],
    ids=["no address", "other kind", "nobody there", "bad port", "other file", "no folder"],
)
async def test_a_database_that_cannot_be_used_is_told_in_a_sentence(tmp_path: Path, address: str) -> None:
    """
    It names the setting, with status 2 and without the password.
    """
    (tmp_path / "audit.key").write_text(KEY.hex() * 40, encoding="ascii")
    ended = await run(tmp_path, address, "rebuild")
    assert (ended.status, ended.output) == (2, "")
    assert ended.errors.startswith("DATABASE_URL: ")
    assert SECRET not in ended.errors


async def test_no_log_holds_what_was_typed(url: str, tmp_path: Path) -> None:
    """
    Not even with everything logged.
    """
    ended = await run(tmp_path, url, "chat", typed=f"/new recipient\n{SECRET}\n", LOG_LEVEL="DEBUG")
    assert ended.status == 0
    assert "01-R-001" in ended.output
    assert SECRET not in ended.errors
