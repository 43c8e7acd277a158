"""
The open queries of all cases, with their age.
"""

from datetime import UTC, datetime, timedelta

from bot.screens.queries import PAGE
from db.base.tables import PersonRole
from tests.chat.conversation import skip
from tests.chat.readers import reader
from tests.conftest import Chatter, Clinic

NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
OF_THE_VIRUS = {"positive_pcr": ["hiv"]}
"""With a negative serology: query Q8."""


async def test_open_queries_stand_with_their_case_and_age_the_oldest_first(
    clinic: Clinic, coordinator: Chatter
) -> None:
    """
    Since the last of the answers that contradict each other; a case without is not there, and a button leads to one.
    """
    clinic.now = NOW
    await skip(clinic, coordinator, "donor", **OF_THE_VIRUS)
    clinic.now = NOW - timedelta(days=3)
    await skip(clinic, coordinator, "donor", **OF_THE_VIRUS)
    await skip(clinic, coordinator, "donor")
    clinic.now = NOW
    card = await coordinator.say("/queries")
    lines = [line for line in card.text.splitlines() if line]
    assert lines[0] == "2 cases with open queries"
    assert lines[1] == "01-D-002 · since 1 May 2026"
    assert lines[2].startswith("❗ Q8 ")
    assert lines[3] == "01-D-001 · since 4 May 2026"
    assert "01-D-003" not in card.text
    assert "Q8" in (await coordinator.press("01-D-002")).text


async def test_a_query_that_is_answered_anew_or_dismissed_is_gone(clinic: Clinic, coordinator: Chatter) -> None:
    """
    And where none is open, that is said.
    """
    await skip(clinic, coordinator, "donor", **OF_THE_VIRUS)
    await coordinator.say("/decide 01-D-001")
    await coordinator.press("Dismiss")
    await coordinator.press("Dismiss Q8")
    await coordinator.say("seen on the ward")
    assert (await coordinator.say("/queries")).text.splitlines()[0] == "No case has an open query."


async def test_a_monitor_reads_those_of_their_own_site(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Nothing of another one.
    """
    await skip(clinic, coordinator, "donor", **OF_THE_VIRUS)
    assert "01-D-001" in (await (await reader(clinic)).say("/queries")).text
    elsewhere = await reader(clinic, 302, site=2, role=PersonRole.COORDINATOR)
    assert "01-D-001" not in (await elsewhere.say("/queries")).text


async def test_more_than_a_page_is_turned(clinic: Clinic, coordinator: Chatter) -> None:
    """
    So many a page, and buttons to the others.
    """
    for _ in range(PAGE + 1):
        await skip(clinic, coordinator, "donor", **OF_THE_VIRUS)
    card = await coordinator.say("/queries")
    assert card.text.count("Q8") == PAGE
    card = await coordinator.press("Next")
    assert card.text.count("Q8") == 1
    assert "Next" not in coordinator.labels
    assert (await coordinator.press("Previous")).text.count("Q8") == PAGE
