"""
A backup is made while people work, and a restore gives back all that had been acknowledged, or nothing.
"""

import asyncio
from argparse import Namespace
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import inspect, text
from sqlmodel import col, update

from bot.commands import CommandError, backup, restore
from bot.settings import Settings
from db.base.engine import Database
from db.base.migrate import config
from db.base.tables import AuditEntry
from db.base.vault import VaultError
from db.trail import audit
from db.upkeep import facts
from tests.chat.conversation import skip, stored, values
from tests.conftest import Clinic, settings_in
from tests.databases import BACKENDS, Databases, Files, fresh
from tests.db.rows import allow_changes
from tests.db.upkeep.test_upkeep import run

KEYS = "k1 " + "5a" * 32
CODE = "01-R-001"


async def _back_up(settings: Settings, file: Path) -> None:
    await backup.run(Namespace(file=file), settings)


async def _restore(settings: Settings, file: Path) -> None:
    await restore.run(Namespace(file=file), settings)


@pytest.fixture
async def clinic(empty_url: str, tmp_path: Path) -> AsyncIterator[Clinic]:
    """
    A bot started for the first time.
    """
    started = Clinic(settings_in(tmp_path, database_url=empty_url))
    await started.start()
    yield started
    await started.stop()


@pytest.fixture(params=BACKENDS)
async def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """
    The address of another database without any table, of each kind.
    """
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    async with fresh(Files(elsewhere) if request.param == "sqlite" else request.getfixturevalue("postgres")) as address:
        yield address


def _in(settings: Settings, url: str, **values: object) -> Settings:
    """
    The same settings on another database.
    """
    others = {"encryption_keys": settings.encryption_keys, **values}
    return settings_in(settings.audit_key_file.parent, database_url=url, **others)


async def _rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """
    Every row of every table as the database holds it.
    """
    async with database.engine.connect() as connection:
        names = ("people", "cases", "answers", "audit_entries", "audit_head", "chats", "inbox", "decisions")
        queries = {name: f"SELECT * FROM {name}" for name in names}  # noqa: S608
        queries["tallies"] = "SELECT * FROM tallies WHERE number > 0"
        return {
            name: sorted(map(tuple, await connection.execute(text(query))), key=str) for name, query in queries.items()
        }


async def test_a_backup_made_while_somebody_answers_has_all_that_was_acknowledged(
    clinic: Clinic, empty_url: str, elsewhere: str, tmp_path: Path
) -> None:
    """
    The drill: another program makes the backup under load; the restored bot knows every answer that the chat had shown
    as stored when it began, nothing but answers that were given, in order, and its trail verifies.
    """
    person = await clinic.coordinator()
    await skip(clinic, person, "recipient", until="mrss")
    await person.say("20")
    file = tmp_path / "backup"
    making = asyncio.create_task(run(tmp_path, empty_url, "backup", str(file)))
    acknowledged: list[str] = []
    before = None
    while not making.done() or len(acknowledged) < 5:
        value = f"{20 + len(acknowledged) % 30}"
        await person.press("Back")
        await person.say(value)
        acknowledged.append(value)
        before = before or await values(clinic, CODE)
        await asyncio.sleep(0)
    made = await making
    assert (made.status, made.errors) == (0, "")
    given = await _mrss(clinic)
    await clinic.stop()
    settings = _in(clinic.settings, elsewhere)
    await _restore(settings, file)
    restored = Clinic(settings, api=clinic.api)
    await restored.start()
    found = await _mrss(restored)
    assert found == given[: len(found)]
    assert found[0] == "20"
    assert {**await values(restored, CODE), "mrss": ""} == {**(before or {}), "mrss": ""}
    async with restored.application.database.snapshot() as session:
        assert await facts.verify(session, key=restored.application.worker.audit_key)
    card = await skip(restored, restored.person(), "donor")
    assert "01-D-001" in card.text
    await restored.stop()
    await clinic.start()


async def _mrss(clinic: Clinic) -> list[str | None]:
    return [row.value for row in await stored(clinic, CODE) if row.item == "mrss"]


async def test_everything_comes_back_as_it_was(clinic: Clinic, elsewhere: str, tmp_path: Path) -> None:
    """
    Row for row, from each kind of database into each.
    """
    await skip(clinic, await clinic.coordinator(), "donor")
    await clinic.stop()
    source = Database(clinic.settings.database_url.get_secret_value())
    await _back_up(clinic.settings, tmp_path / "backup")
    await _restore(_in(clinic.settings, elsewhere), tmp_path / "backup")
    target = Database(elsewhere)
    before, after = await _rows(source), await _rows(target)
    if source.is_sqlite == target.is_sqlite:
        assert after == before
    assert {name: len(rows) for name, rows in after.items()} == {name: len(rows) for name, rows in before.items()}
    await source.close()
    await target.close()
    await clinic.start()


async def test_only_an_empty_database_is_filled(clinic: Clinic, tmp_path: Path) -> None:
    """
    What is there is never mixed with what was.
    """
    await _back_up(clinic.settings, tmp_path / "backup")
    before = await _rows(clinic.application.database)
    with pytest.raises(CommandError, match="not empty"):
        await _restore(clinic.settings, tmp_path / "backup")
    assert await _rows(clinic.application.database) == before


async def test_no_backup_is_overwritten(clinic: Clinic, tmp_path: Path) -> None:
    """
    And the file is for its owner alone.
    """
    file = tmp_path / "backup"
    await _back_up(clinic.settings, file)
    made = _bytes(file)
    with pytest.raises(CommandError, match="already"):
        await _back_up(clinic.settings, file)
    assert _bytes(file) == made
    assert [path.name for path in _beside(file)] == ["backup"]


def _bytes(file: Path) -> bytes:
    assert file.stat().st_mode & 0o777 == 0o600
    return file.read_bytes()


def _beside(file: Path) -> list[Path]:
    return sorted(file.parent.glob("backup*"))


@pytest.mark.parametrize("keys", [None, KEYS], ids=["plain", "encrypted"])
async def test_a_damaged_backup_restores_nothing(
    empty_url: str, databases: Databases, tmp_path: Path, keys: str | None
) -> None:
    """
    Wherever a byte differs, wherever the file ends too early: it is refused, and the database stays empty.
    """
    clinic = Clinic(settings_in(tmp_path, database_url=empty_url, encryption_keys=keys))
    await clinic.start()
    await skip(clinic, await clinic.coordinator(), "donor")
    await _back_up(clinic.settings, tmp_path / "backup")
    await clinic.stop()
    whole = _bytes(tmp_path / "backup")
    head, size = whole.index(b"\n"), len(whole)
    places = [*range(head - 20, head + 8), *range(head, size, size // 30), *range(size - 12, size)]
    async with fresh(databases) as url:
        settings = _in(clinic.settings, url)
        for place in places:
            for broken in (whole[:place], whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]):
                _put(tmp_path / "broken", broken)
                with pytest.raises((CommandError, VaultError)):
                    await _restore(settings, tmp_path / "broken")
        await _restore(settings, tmp_path / "backup")


def _put(file: Path, content: bytes) -> None:
    file.write_bytes(content)


async def test_a_backup_of_an_encrypted_database_is_encrypted_as_a_whole(
    empty_url: str, databases: Databases, tmp_path: Path
) -> None:
    """
    Not even a code can be read in it without the key, and the key alone opens it.
    """
    clinic = Clinic(settings_in(tmp_path, database_url=empty_url, encryption_keys=KEYS))
    await clinic.start()
    await skip(clinic, await clinic.coordinator(), "donor")
    await clinic.stop()
    file = tmp_path / "backup"
    await _back_up(clinic.settings, file)
    assert b"01-D-001" not in _bytes(file)
    async with fresh(databases) as url:
        with pytest.raises(CommandError, match="encrypted with the key k1"):
            await _restore(_in(clinic.settings, url, encryption_keys=None), file)
        with pytest.raises(VaultError):
            await _restore(_in(clinic.settings, url, encryption_keys="k1 " + "00" * 32), file)
        await _restore(_in(clinic.settings, url), file)


async def test_a_backup_with_a_trail_that_was_changed_is_not_restored(
    clinic: Clinic, databases: Databases, tmp_path: Path
) -> None:
    """
    Nothing of it: the database stays empty.
    """
    await clinic.coordinator()
    async with clinic.application.database.transaction() as session:
        await allow_changes(session)
        await session.exec(update(AuditEntry).where(col(AuditEntry.sequence) == 1).values(role="x"))
    await _back_up(clinic.settings, tmp_path / "backup")
    async with fresh(databases) as url:
        with pytest.raises(audit.AuditBrokenError, match="entry 1"):
            await _restore(_in(clinic.settings, url), tmp_path / "backup")
        empty = Database(url)
        async with empty.engine.connect() as connection:
            assert await connection.run_sync(lambda found: inspect(found).get_table_names()) == []
        await empty.close()


async def test_a_backup_of_an_older_database_is_brought_up_to_date(
    empty_url: str, elsewhere: str, tmp_path: Path
) -> None:
    """
    One made by a newer program before its first start, from the tables of the version before.
    """
    clinic = Clinic(settings_in(tmp_path, database_url=empty_url))
    await clinic.start()
    await skip(clinic, await clinic.coordinator(), "donor")
    await clinic.stop()
    database = Database(empty_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda found: command.downgrade(config(found), "0004"))
    await database.close()
    await _back_up(clinic.settings, tmp_path / "backup")
    await _restore(_in(clinic.settings, elsewhere), tmp_path / "backup")
    restored = Clinic(_in(clinic.settings, elsewhere), api=clinic.api)
    await restored.start()
    assert (await values(restored, "01-D-001"))["age"] == "45"
    await restored.stop()
