"""
Lists fit the width of a phone: a line of one is not broken.
"""

import re
from datetime import UTC, datetime

import pytest

from bot.terminal import invented
from db.trail import audit
from tests.conftest import Clinic

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
COLUMNS = 45
_CODE = re.compile(r"\d\d-[RD]-\d{3}")


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    ("command", "least"),
    [
        ("/dashboard", 8),
        ("/agenda", 3),
        ("/agenda month", 3),
        ("/cases", 8),
        ("/find", 8),
        ("/find 02", 0),
        ("/find donor", 8),
        ("/find included", 3),
        ("/find awaited", 2),
        ("/reminders", 8),
        ("/visits 01-R-019", 5),
    ],
)
async def test_a_line_of_a_list_fits_a_phone(clinic: Clinic, command: str, least: int, language: str) -> None:
    """
    Every line about a case or a visit, in the invented cases of the demonstration.
    """
    clinic.now = NOW
    async with clinic.application.database.transaction() as session:
        audit.use_key(session, clinic.application.worker.audit_key)
        await invented.load(session, now=NOW)
    person = clinic.person(1)
    await person.say(f"/language {language}")
    card = await person.say(command)
    is_prose = re.compile(r"[.?!]$|^<i>")
    lines = [line for line in card.text.split("\n") if not is_prose.search(line)]
    assert sum(bool(_CODE.search(line) or re.search(r"[✅🔵⚪🔴] ", line)) for line in lines) >= least
    assert [line for line in lines if len(line) > COLUMNS] == []
