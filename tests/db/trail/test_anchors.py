"""
What was anchored outside the database is missed when it is gone, even where the trail alone looks whole.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine import anchoring
from bot.engine.anchoring import AnchorFileError
from db.base.engine import Database
from db.base.tables import AuditEntry, AuditHead
from db.trail import anchors, audit
from db.trail.anchors import AnchorsBrokenError
from db.trail.audit import PROGRAM, AuditBrokenError
from tests.conftest import Clinic, settings_in
from tests.db.rows import KEY, NOW, allow_changes, entries, writing


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """
    A file of anchors that is not there yet.
    """
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder / "anchors.txt"


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="ascii").splitlines()


def _put(file: Path, *lines: str, end: str = "\n") -> None:
    file.write_text("\n".join(lines) + end, encoding="utf-8")


def _mode(file: Path) -> int:
    return file.stat().st_mode & 0o777


async def _tell(session: AsyncSession, *told: str) -> None:
    for reason in told:
        await audit.record(session, at=NOW, by=PROGRAM, action="answer", entity="01-R-001", reason=reason)


async def _anchor(database: Database, file: Path) -> None:
    async with database.transaction() as session:
        anchoring.append(file, await anchors.head(session, now=NOW), key=KEY)


@pytest.fixture
async def anchored(database: Database, file: Path) -> Database:
    """
    A trail of five entries that was anchored at the third and at the fifth.
    """
    async with writing(database) as session:
        await _tell(session, "one", "two", "three")
    await _anchor(database, file)
    async with writing(database) as session:
        await _tell(session, "four", "five")
    await _anchor(database, file)
    return database


async def _cut(session: AsyncSession, keep: int) -> None:
    """
    Cut the tail off and put the head back: the trail itself is then whole.
    """
    await session.exec(delete(AuditEntry).where(col(AuditEntry.sequence) > keep))
    seal = (await session.exec(select(AuditEntry.seal).where(AuditEntry.sequence == keep))).first() or ""
    await session.exec(update(AuditHead).values(sequence=keep, seal=seal))


async def _found(database: Database, file: Path, change: Callable[[AsyncSession], Awaitable[object]]) -> list[str]:
    """
    What verifying says after a change that is taken back: without the anchors, and with them.
    """
    said = []
    async with database.engine.connect() as connection, AsyncSession(connection, autoflush=False) as session:
        await allow_changes(session)
        await change(session)
        await session.flush()
        session.expire_all()
        for seen in ([], anchoring.load(file, key=KEY)):
            try:
                said.append(str(await audit.verify(session, key=KEY, anchors=seen)))
            except AuditBrokenError as error:
                said.append(str(error))
        await session.rollback()
    return said


async def test_a_trail_that_went_on_has_all_that_was_anchored(anchored: Database, file: Path) -> None:
    """
    New entries do no harm to old anchors.
    """
    assert await _found(anchored, file, lambda session: _tell_sealed(session, KEY, "six")) == ["6", "6"]


async def _tell_sealed(session: AsyncSession, key: bytes, *told: str) -> None:
    audit.use_key(session, key)
    await _tell(session, *told)


@pytest.mark.parametrize("keep", range(5))
async def test_a_tail_that_was_cut_is_missed(anchored: Database, file: Path, keep: int) -> None:
    """
    However much of it: the trail alone says that all is well.
    """
    found = await _found(anchored, file, lambda session: _cut(session, keep))
    assert found == [str(keep), f"entry {keep + 1}: missing: 5 entries were anchored"]


async def test_a_trail_written_anew_with_the_key_is_not_the_one_anchored(anchored: Database, file: Path) -> None:
    """
    Whoever has the key can make a trail that verifies, and not one with the seals that were anchored.
    """

    async def replace(session: AsyncSession) -> None:
        await _cut(session, 2)
        await session.flush()
        await _tell_sealed(session, KEY, "other", "four", "five", "six")

    assert await _found(anchored, file, replace) == ["6", "entry 3: is not the one that was anchored"]


async def test_a_changed_anchor_is_named(anchored: Database, file: Path) -> None:
    """
    Whatever is changed in a line, or a line that is none; and another key reads none of them.
    """
    assert len(anchoring.load(file, key=KEY)) == 2
    first, second = _lines(file)
    at, sequence, seal, signature = second.split(" ")
    for line in (
        f"{at.replace('2026', '2025')} {sequence} {seal} {signature}",
        f"{at} 4 {seal} {signature}",
        f"{at} {sequence} {'0' * 64} {signature}",
        f"{at} {sequence} {seal} {'0' * 64}",
        f"{at} {sequence} {seal}",
        second[:-1],
        "é",
        "",
    ):
        _put(file, first, line)
        with pytest.raises(AnchorsBrokenError) as refused:
            anchoring.load(file, key=KEY)
        assert refused.value.line == 2
    _put(file, first, second)
    with pytest.raises(AnchorsBrokenError, match="line 1 "):
        anchoring.load(file, key=bytes(32))
    async with anchored.transaction() as session:
        assert len(await entries(session)) == 5


async def test_a_line_that_a_crash_cut_short_spoils_no_other(anchored: Database, file: Path) -> None:
    """
    The next anchor stands on a line of its own; the short one is named until somebody takes it out.
    """
    whole = _lines(file)
    _put(file, *whole, whole[0][:40], end="")
    await _anchor(anchored, file)
    with pytest.raises(AnchorsBrokenError, match="line 3 "):
        anchoring.load(file, key=KEY)
    lines = _lines(file)
    _put(file, *lines[:2], *lines[3:])
    assert [anchor.sequence for anchor in anchoring.load(file, key=KEY)] == [3, 5, 5]


def test_a_file_without_any_anchor_confirms_nothing(tmp_path: Path) -> None:
    """
    An empty file, or none, is said to be so.
    """
    (tmp_path / "empty").touch()
    for name in ("empty", "missing", "."):
        with pytest.raises(AnchorFileError):
            anchoring.load(tmp_path / name, key=KEY)


async def test_a_running_bot_anchors_at_its_start_and_at_its_stop(tmp_path: Path, file: Path, empty_url: str) -> None:
    """
    What was written in between is in the last line, and all of it verifies.
    """
    clinic = Clinic(settings_in(tmp_path, database_url=empty_url, audit_anchor_file=file))
    await clinic.start()
    coordinator = await clinic.coordinator()
    await coordinator.say("/new recipient")
    await coordinator.say("45")
    key = clinic.application.worker.audit_key
    await clinic.stop()
    database = Database(empty_url)
    async with database.transaction() as session:
        number = await audit.verify(session, key=key, anchors=anchoring.load(file, key=key))
    await database.close()
    sequences = [anchor.sequence for anchor in anchoring.load(file, key=key)]
    assert sequences[-1] == number == 4
    assert sequences == sorted(sequences)
    assert len(sequences) >= 2
    assert _mode(file) == 0o600


async def test_a_place_that_cannot_be_written_stops_nobody(
    tmp_path: Path, empty_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """
    The bot answers, and the log says what is missing.
    """
    _put(tmp_path / "blocked")
    clinic = Clinic(settings_in(tmp_path, database_url=empty_url, audit_anchor_file=tmp_path / "blocked" / "anchors"))
    await clinic.start()
    coordinator = await clinic.coordinator()
    await coordinator.say("/new recipient")
    assert "Age" in (await coordinator.say("45")).text
    await clinic.stop()
    assert "AUDIT_ANCHOR_FILE" in caplog.text


async def test_a_database_that_is_away_stops_nobody(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """
    The next hour is another chance; only the log tells, and without the address.
    """
    away = Database("postgresql://ada:zebra@127.0.0.1:1/none")
    await anchoring.try_now(away, file, KEY, lambda: NOW)
    await away.close()
    assert "nothing anchored" in caplog.text
    assert "ConnectionRefusedError" in caplog.text
    assert "zebra" not in caplog.text
    with pytest.raises(FileNotFoundError):
        _lines(file)


async def test_a_database_that_is_none_of_ours_is_no_passing_trouble(empty_url: str, file: Path) -> None:
    """
    Where even the tables are missing, something is wrong that does not mend itself.
    """
    empty = Database(empty_url)
    with pytest.raises(DBAPIError):
        await anchoring.try_now(empty, file, KEY, lambda: NOW)
    await empty.close()
