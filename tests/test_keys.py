"""
The key of the audit trail: made once, for its owner only, and never replaced.
"""

from pathlib import Path

import pytest

from bot import keys
from bot.keys import KeyFileError
from bot.settings import Settings
from tests.conftest import Clinic

WORDS = "0123456789abcdef" * 4


def test_a_key_is_made_where_there_is_no_trail_yet(tmp_path: Path) -> None:
    """
    Thirty-two random bytes in a file that only its owner reads, in a folder that is made for it.
    """
    paths = [tmp_path / name / "audit.key" for name in ("one", "two")]
    first, second = (keys.audit_key(path, may_create=True) for path in paths)
    assert len(first) == len(second) == 32
    assert first != second
    for path in paths:
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_key_is_read_as_it_was_made(tmp_path: Path) -> None:
    """
    The next start uses the same, whether it could make one or not.
    """
    path = tmp_path / "audit.key"
    made = keys.audit_key(path, may_create=True)
    written = path.read_bytes()
    assert keys.audit_key(path, may_create=False) == made
    assert keys.audit_key(path, may_create=True) == made
    assert path.read_bytes() == written


def test_a_line_end_does_no_harm(tmp_path: Path) -> None:
    """
    A key put there with an editor is as good.
    """
    path = tmp_path / "audit.key"
    path.write_text(f" {WORDS.upper()}\r\n", encoding="ascii")
    assert keys.audit_key(path, may_create=False) == bytes.fromhex(WORDS)


def test_a_missing_key_is_not_made_anew(tmp_path: Path) -> None:
    """
    A new key would break the old trail: the message names setting and file, and what to do.
    """
    path = tmp_path / "audit.key"
    with pytest.raises(KeyFileError, match=r"AUDIT_KEY_FILE: .*audit\.key is missing.*restore it"):
        keys.audit_key(path, may_create=False)
    assert not path.exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", WORDS[:-2].encode(), WORDS[:-1].encode(), b"correct horse battery staple " * 3, b"\xff\xfe" * 40],
    ids=["empty", "a line end", "short", "odd", "words", "bytes"],
)
@pytest.mark.parametrize("may_create", [False, True])
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, content: bytes, *, may_create: bool) -> None:
    """
    With a sentence that names the file and tells nothing of what is in it; the file stays as it is.
    """
    path = tmp_path / "audit.key"
    path.write_bytes(content)
    with pytest.raises(KeyFileError, match=r"AUDIT_KEY_FILE: .*audit\.key ") as refused:
        keys.audit_key(path, may_create=may_create)
    assert "\n" not in str(refused.value)
    assert "horse" not in str(refused.value)
    assert WORDS[:8] not in str(refused.value)
    assert path.read_bytes() == content


@pytest.mark.parametrize("name", ["", "file/audit.key"], ids=["a folder", "below a file"])
def test_a_place_that_holds_no_file_is_refused(tmp_path: Path, name: str) -> None:
    """
    With the same kind of sentence.
    """
    (tmp_path / "file").write_text("x", encoding="ascii")
    with pytest.raises(KeyFileError, match="AUDIT_KEY_FILE: "):
        keys.audit_key(tmp_path / name, may_create=True)


async def test_the_first_start_makes_the_key_and_the_next_uses_it(settings: Settings) -> None:
    """
    The setup code printed and the site opened are sealed with it.
    """
    assert not settings.audit_key_file.exists()
    clinic = Clinic(settings)
    await clinic.start()
    made = settings.audit_key_file.read_bytes()
    await clinic.restart()
    await clinic.stop()
    assert settings.audit_key_file.read_bytes() == made


async def test_a_key_that_is_there_already_is_used(settings: Settings) -> None:
    """
    Whoever runs several programs on one database gives each the same key before the first start.
    """
    settings.audit_key_file.write_text(WORDS, encoding="ascii")
    clinic = Clinic(settings)
    await clinic.start()
    await clinic.stop()
    assert settings.audit_key_file.read_text(encoding="ascii") == WORDS


async def test_the_bot_does_not_start_without_the_key_of_its_trail(settings: Settings) -> None:
    """
    It makes no new one, and starts again once the key is back.
    """
    clinic = Clinic(settings)
    await clinic.start()
    await clinic.stop()
    saved = settings.audit_key_file.read_bytes()
    settings.audit_key_file.unlink()
    with pytest.raises(KeyFileError, match="is missing"):
        await clinic.start()
    assert not settings.audit_key_file.exists()
    settings.audit_key_file.write_bytes(saved)
    await clinic.start()
    await clinic.stop()
