"""
Settings: complete, with defaults; what cannot be meant is refused by name, and its value is never shown.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, load
from db.base.engine import EXPECTED

ROOT = Path(__file__).parent.parent
TOKEN = "123456789:" + "Ab-_" * 9


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """
    An empty folder to start in, and no setting in the environment.
    """
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_everything_but_the_token_has_a_default() -> None:
    """
    The terminal chat needs no setting at all.
    """
    settings = load()
    assert settings.bot_token is None
    assert settings.database_url.get_secret_value().startswith("sqlite:///")
    assert settings.site_time_zone == "Europe/Paris"


def test_the_example_holds_every_setting_and_no_other(folder: Path) -> None:
    """
    Copied as it is to .env it gives the defaults.
    """
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    names = re.findall(r"^#? ?([A-Z_]+)=", example, re.MULTILINE)
    assert sorted(names) == sorted(name.upper() for name in Settings.model_fields)
    defaults = load()
    (folder / ".env").write_text(example, encoding="utf-8")
    assert load() == defaults


def test_a_setting_comes_from_the_file_and_from_the_environment_first(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The environment wins over .env.
    """
    (folder / ".env").write_text(f"BOT_TOKEN={TOKEN}\nSITE_NAME=Lyon\nUNKNOWN=1\n", encoding="utf-8")
    monkeypatch.setenv("SITE_NAME", "Paris")
    settings = load()
    assert settings.bot_token is not None
    assert settings.bot_token.get_secret_value() == TOKEN
    assert settings.site_name == "Paris"


BAD = [
    ("BOT_TOKEN", "changeme-secret"),
    ("BOT_TOKEN", "123:secret"),
    ("BOT_TOKEN", "123456789:secret..."),
    ("BOT_TOKEN", TOKEN + " secret"),
    ("BOT_API_URL", "secret"),
    ("BOT_API_URL", "ftp://secret"),
    ("DATABASE_URL", "secret"),
    ("DATABASE_URL", "mysql://user:secret@host/name"),
    ("DATABASE_URL", "postgresql://user:pw@host:secret/name"),
    ("DATABASE_URL", "postgresql://user:password@host/name"),
    ("DATABASE_URL", "sqlite://"),
    ("DATABASE_URL", "sqlite:///:memory:"),
    ("WEBHOOK_URL", "http://secret.example"),
    ("SITE_TIME_ZONE", "secret"),
    ("SITE_TIME_ZONE", "../secret"),
    ("SITE_NAME", "secret" * 11),
    ("LOG_LEVEL", "secret"),
]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("name", "value"), BAD)
def test_what_cannot_be_meant_is_refused_by_name_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """
    Malformed values and placeholders: one line each, without the value.
    """
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        load()
    assert str(refused.value).startswith(f"{name}:")
    assert "\n" not in str(refused.value)
    assert "secret" not in str(refused.value)


def test_several_faults_are_named_at_once(folder: Path) -> None:
    """
    One line each, so that one start finds them all.
    """
    (folder / ".env").write_text("BOT_TOKEN=x\nLOG_LEVEL=loud\nSITE_TIME_ZONE=Mars\n", encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        load()
    named = [line.partition(":")[0] for line in str(refused.value).splitlines()]
    assert sorted(named) == ["BOT_TOKEN", "LOG_LEVEL", "SITE_TIME_ZONE"]


def test_a_file_that_is_no_text_is_refused(folder: Path) -> None:
    """
    .env in another encoding.
    """
    (folder / ".env").write_bytes(b"SITE_NAME=\xff\xfe")
    with pytest.raises(SettingsError, match=r"\.env"):
        load()


def test_secrets_do_not_show_when_settings_are_printed(folder: Path) -> None:
    """
    Token and database password.
    """
    (folder / ".env").write_text(
        f"BOT_TOKEN={TOKEN}\nDATABASE_URL=postgresql://u:hush@db/screening\n", encoding="utf-8"
    )
    settings = load()
    for text in (repr(settings), str(settings)):
        assert TOKEN not in text
        assert "hush" not in text


@pytest.mark.parametrize(
    ("environment", "said"),
    [({}, "BOT_TOKEN"), ({"BOT_TOKEN": "secret"}, "BOT_TOKEN"), ({"DATABASE_URL": "secret"}, EXPECTED)],
)
def test_run_without_what_it_needs_says_what_to_do(folder: Path, environment: dict[str, str], said: str) -> None:
    """
    One line, no traceback, exit status 2, and nothing made.
    """
    done = subprocess.run(
        [sys.executable, "-m", "bot", "run"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "secret" not in done.stderr
    assert list(folder.iterdir()) == []
