"""
`python -m bot export`: documents without Telegram.
"""

import argparse
import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import col, select

from bot.__main__ import main
from bot.commands import CommandError, export
from bot.documents.kinds import KINDS
from bot.settings import Settings
from db.base.tables import AuditEntry
from tests.chat.ward import two_wards
from tests.conftest import Clinic

NOTHING = {"case": None, "site": None, "person": None, "day": None, "language": "en", "out": None}


async def hand_over(settings: Settings, kind: str, **options: object) -> None:
    """
    Run the command.
    """
    await export.run(argparse.Namespace(kind=kind, **{**NOTHING, **options}), settings)


async def entries(clinic: Clinic) -> list[AuditEntry]:
    """
    What the trail tells of documents.
    """
    async with clinic.application.database.transaction() as session:
        query = select(AuditEntry).where(col(AuditEntry.action).startswith("document."))
        return list((await session.exec(query.order_by(col(AuditEntry.sequence)))).all())


def of_what(kind: str, code: str) -> dict[str, object]:
    """
    What has to be said for a kind of document.
    """
    return {"case": code} if KINDS[kind].of_case else {}


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_every_document_can_be_had_and_leaves_an_entry(clinic: Clinic, tmp_path: Path, language: str) -> None:
    """
    The entry has the hash of what was handed over.
    """
    here, _ = await two_wards(clinic)
    code = here.of("mother", "code")
    for kind in KINDS:
        await hand_over(clinic.settings, kind, language=language, out=tmp_path / kind, **of_what(kind, code))
        told = (await entries(clinic))[-1]
        assert told.action == f"document.{kind}"
        assert told.entity == (code if KINDS[kind].of_case else "trial")
        assert told.new == f"sha256 {hashlib.sha256((tmp_path / kind).read_bytes()).hexdigest()}"


async def test_nothing_is_overwritten(clinic: Clinic, tmp_path: Path) -> None:
    """
    What is there stays, and no entry tells of a document that nobody has.
    """
    await two_wards(clinic)
    file = tmp_path / "data.xlsx"
    file.write_text("mine")
    with pytest.raises(CommandError, match="is there already"):
        await hand_over(clinic.settings, "workbook", out=file)
    assert file.read_text() == "mine"
    assert await entries(clinic) == []


@pytest.mark.parametrize(
    ("kind", "options", "problem"),
    [
        ("workbook", {"case": "99-R-001"}, "does not apply"),
        ("workbook", {"site": 9}, "no site 9"),
        ("csv", {"day": datetime(2026, 5, 4, tzinfo=UTC).date()}, "--day does not apply"),
    ],
)
async def test_what_cannot_be_is_said(
    clinic: Clinic, tmp_path: Path, kind: str, options: dict[str, object], problem: str
) -> None:
    """
    And nothing is made.
    """
    await two_wards(clinic)
    with pytest.raises(CommandError, match=problem):
        await hand_over(clinic.settings, kind, out=tmp_path / "x", **options)
    assert not os.access(tmp_path / "x", os.F_OK)
    assert await entries(clinic) == []


def test_an_unknown_kind_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """
    And those that there are, are named.
    """
    with pytest.raises(SystemExit):
        main(["export", "poem"])
    assert "workbook" in capsys.readouterr().err
