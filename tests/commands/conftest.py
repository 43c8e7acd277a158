"""
The command line, beside a bot that runs.
"""

import pytest

from bot.settings import Settings
from tests.commands.shell import Shell


@pytest.fixture
def bot(settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """
    The command line, with the settings of the bot.
    """
    monkeypatch.chdir(settings.audit_key_file.parent)
    monkeypatch.setenv("DATABASE_URL", settings.database_url.get_secret_value())
    monkeypatch.setenv("AUDIT_KEY_FILE", str(settings.audit_key_file))
    return Shell(capsys)
