"""
Pictures as files: each in both languages, with sentences that say the same.
"""

import struct

import pytest

from bot.documents.kinds import KINDS, Asked
from bot.documents.reading import read
from bot.study import Study
from bot.texts import words
from tests.chat.ward import NOW, two_wards
from tests.conftest import Clinic

PICTURES = ("flow", "accrual", "ahead", "values")
TELEGRAM_PHOTO = 10_000
"""Width and height of a photo in all."""


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", PICTURES)
async def test_a_picture_is_a_png_that_telegram_shows(clinic: Clinic, kind: str, language: str) -> None:
    """
    With its sides in proportion, and words beside it.
    """
    here, _ = await two_wards(clinic)
    async with clinic.application.database.snapshot() as session:
        snapshot = await read(session, now=NOW)
    code = here.of("mother", "code") if KINDS[kind].of_case else None
    made = KINDS[kind].make(Asked(snapshot, words(language), Study(), code))
    assert made.content.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", made.content[16:24])
    assert width + height < TELEGRAM_PHOTO
    assert max(width, height) < 20 * min(width, height)
    assert made.caption
    assert made.name.endswith(".png")


@pytest.mark.parametrize("kind", PICTURES[:3])
async def test_a_picture_of_nothing_is_a_picture(clinic: Clinic, kind: str) -> None:
    """
    On the first day of a study.
    """
    await clinic.coordinator()
    async with clinic.application.database.snapshot() as session:
        snapshot = await read(session, now=NOW)
    assert KINDS[kind].make(Asked(snapshot, words("en"), Study())).content.startswith(b"\x89PNG")
