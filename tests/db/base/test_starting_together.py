"""
Several programs that start at once on one database: they agree on one audit key, or all but one say why they cannot.
"""

import asyncio
from pathlib import Path

from bot import application
from bot.keys import KeyFileError
from bot.settings import Settings
from db.base.engine import Database
from db.trail import audit
from tests.conftest import settings_in
from tests.db.rows import NOW

WORDS = "0123456789abcdef" * 4


async def _start(database: Database, settings: Settings) -> bytes | KeyFileError:
    other = Database(database.url.render_as_string(hide_password=False))
    try:
        key, _ = await application.prepare(other, settings, NOW)
    except KeyFileError as error:
        return error
    finally:
        await other.close()
    return key


async def test_one_key_file_for_all_is_made_once(database: Database, tmp_path: Path) -> None:
    """
    Replicas that share the file seal with the same key from the first entry on.
    """
    settings = settings_in(tmp_path)
    found = await asyncio.gather(*(_start(database, settings) for _ in range(4)))
    key = bytes.fromhex(settings.audit_key_file.read_text(encoding="ascii"))
    assert {*found} == {key}
    async with database.transaction() as session:
        assert await audit.verify(session, key=key) == 1


async def test_with_a_key_file_each_one_alone_starts(database: Database, tmp_path: Path) -> None:
    """
    A second key would break the trail: whoever comes later is told to fetch the first one's, and makes none.
    """
    folders = [tmp_path / name for name in "abc"]
    found = await asyncio.gather(*(_start(database, settings_in(folder)) for folder in folders))
    refused = [error for error in found if isinstance(error, KeyFileError)]
    assert len(refused) == 2
    assert all("is missing" in str(error) for error in refused)
    assert len([folder for folder in folders if (folder / "audit.key").exists()]) == 1


async def test_a_key_of_another_trail_is_refused(database: Database, tmp_path: Path) -> None:
    """
    The file is there and in order, but it never sealed this trail: nothing is written with it.
    """
    own, other = settings_in(tmp_path / "own"), settings_in(tmp_path / "other")
    key = await _start(database, own)
    other.audit_key_file.parent.mkdir()
    other.audit_key_file.write_text(WORDS, encoding="ascii")
    refused = await _start(database, other)
    assert isinstance(refused, KeyFileError)
    assert "another key than the trail's" in str(refused)
    assert await _start(database, own) == key
