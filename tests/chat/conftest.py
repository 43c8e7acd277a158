"""
Who is there in many chats.
"""

import pytest

from db.base.tables import PersonRole
from tests.chat.test_decisions import INVESTIGATOR, NOW, enrol, staff
from tests.conftest import Chatter, Clinic


@pytest.fixture
def on_a_day(clinic: Clinic) -> None:
    """
    4 May 2026.
    """
    clinic.now = NOW


@pytest.fixture
async def investigator(clinic: Clinic, on_a_day: None) -> Chatter:  # noqa: ARG001  the day comes first
    """
    An investigator of site 01, with an authenticator app.
    """
    person = await staff(clinic, INVESTIGATOR, PersonRole.INVESTIGATOR)
    await enrol(clinic, person)
    return person
