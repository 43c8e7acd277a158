"""
The encryption keys: in a file or in the environment, the first writes, and what cannot be meant is refused by name.
"""

from pathlib import Path

import pytest

from bot import keys
from bot.keys import KeyFileError
from db.base.vault import VaultError
from tests.conftest import settings_in

ONE, TWO = "1" * 64, "ab" * 32


def test_without_any_setting_nothing_is_encrypted(tmp_path: Path) -> None:
    """
    Off by default.
    """
    assert keys.vault_of(settings_in(tmp_path)) is None


def test_a_new_key_stands_first_and_the_older_ones_still_read(tmp_path: Path) -> None:
    """
    The file is made for its owner alone, and what the first key wrote opens after the second was added.
    """
    path = tmp_path / "new" / "encryption.keys"
    settings = settings_in(tmp_path, encryption_key_file=path)
    assert keys.add_encryption_key(path) == "k1"
    first = keys.vault_of(settings)
    assert first is not None
    written = first.seal("58", "here")
    assert keys.add_encryption_key(path) == "k2"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [line.split(" ")[0] for line in path.read_text(encoding="ascii").splitlines()] == ["k2", "k1"]
    second = keys.vault_of(settings)
    assert second is not None
    assert (second.current, second.open(written, "here")) == ("k2", "58")
    assert [one.name for one in path.parent.iterdir()] == ["encryption.keys"]
    assert first.open(second.seal("59", "here"), "here") == "59"


@pytest.mark.parametrize(
    "text",
    [f"b {TWO}\na {ONE}\n", f"# ours\n\n b: {TWO.upper()} \r\na={ONE}"],
    ids=["plain", "with comments"],
)
def test_keys_are_read_from_a_file_or_from_the_environment(tmp_path: Path, text: str) -> None:
    """
    In the same order, with the same effect.
    """
    path = tmp_path / "keys"
    path.write_text(text, encoding="utf-8")
    from_file = keys.vault_of(settings_in(tmp_path, encryption_key_file=path))
    from_environment = keys.vault_of(settings_in(tmp_path, encryption_keys=f"b {TWO},a {ONE}"))
    assert from_file is not None
    assert from_environment is not None
    assert from_file.current == from_environment.current == "b"
    assert from_environment.open(from_file.seal("58", "here"), "here") == "58"
    with pytest.raises(VaultError, match="belongs elsewhere"):
        from_environment.open(from_file.seal("58", "here"), "there")


@pytest.mark.parametrize(
    "text",
    ["", "\n", f"k1 {ONE[1:]}", f"k1 {ONE}0", f"k1{ONE}", ONE, f"k1 {'z' * 64}", f"k1 {ONE}\nk1 {TWO}", f"é {ONE}"],
)
def test_what_is_no_key_is_refused_and_not_shown(tmp_path: Path, text: str) -> None:
    """
    From the file and from the environment, each by its name.
    """
    path = tmp_path / "keys"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KeyFileError, match="ENCRYPTION_KEY_FILE: ") as refused:
        keys.vault_of(settings_in(tmp_path, encryption_key_file=path))
    assert ONE[:8] not in str(refused.value)
    with pytest.raises(KeyFileError, match="ENCRYPTION_KEYS: ") as refused:
        keys.vault_of(settings_in(tmp_path, encryption_keys=text))
    assert ONE[:8] not in str(refused.value)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    """
    With what to do; and two places for keys are one too many.
    """
    with pytest.raises(KeyFileError, match=r"keys is missing.*keys new"):
        keys.vault_of(settings_in(tmp_path, encryption_key_file=tmp_path / "keys"))
    with pytest.raises(KeyFileError, match="both set"):
        keys.vault_of(settings_in(tmp_path, encryption_key_file=tmp_path / "keys", encryption_keys=f"k1 {ONE}"))


def test_a_place_that_holds_no_file_is_said_to_be_so(tmp_path: Path) -> None:
    """
    A folder is not read for keys, and nothing is written below a file.
    """
    with pytest.raises(KeyFileError, match="cannot be read: IsADirectoryError"):
        keys.vault_of(settings_in(tmp_path, encryption_key_file=tmp_path))
    (tmp_path / "file").touch()
    with pytest.raises(KeyFileError, match="cannot be written: FileExistsError"):
        keys.add_encryption_key(tmp_path / "file" / "keys")


def test_a_file_that_holds_something_else_is_not_written_over(tmp_path: Path) -> None:
    """
    A new key is not added to what is no key file.
    """
    path = tmp_path / "keys"
    path.write_text("something else", encoding="utf-8")
    with pytest.raises(KeyFileError):
        keys.add_encryption_key(path)
    assert path.read_text(encoding="utf-8") == "something else"
