"""
Whoever is included and becomes incomplete or ineligible: seen, told of until it is settled, and completed.
"""

from datetime import UTC, datetime, timedelta

import pytest

from bot.application import remind
from db.base.tables import PersonRole
from tests.chat.conversation import asked, skip
from tests.chat.test_decisions import INVESTIGATOR, change, staff, stages
from tests.chat.test_deviations import told
from tests.chat.test_visits import included
from tests.conftest import Chatter, Clinic

MONDAY = datetime(2026, 2, 2, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def on_a_monday(clinic: Clinic) -> None:
    """
    2 February 2026.
    """
    clinic.now = MONDAY


async def test_included_and_not_eligible_any_more_is_seen_and_explained(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The dashboard has a line with what fails and a button; /decide says why there is no screen failure.
    """
    code = await included(clinic)
    assert "not eligible any more" not in (await coordinator.say("/dashboard")).text
    await change(coordinator, code, "Person", "Age", "71")
    card = await coordinator.say("/dashboard")
    assert "Included, not eligible any more" in card.text
    assert "fails R-I1" in card.text
    await coordinator.press(f"🚨 {code}")
    card = await coordinator.press("Decide")
    assert "No screen failure: the case is included" in card.text
    assert "Only an investigator undoes the inclusion" in card.text
    assert not any("screen failure" in label.casefold() for label in coordinator.labels)


async def test_an_included_case_that_is_incomplete_is_completed(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Continue leads to its open question; whoever is included stays so.
    """
    code = await included(clinic)
    await coordinator.say(f"/status {code}")
    for label in ("Edit", "Kidney and heart", "LVEF", "New result", "Not available yet"):
        await coordinator.press(label)
    card = await coordinator.say("/dashboard")
    assert "Included, incomplete" in card.text
    assert "No signature yet: answers are missing" in (await coordinator.say(f"/decide {code}")).text
    await coordinator.press("Summary")
    assert asked(await coordinator.press("Continue")) == "lvef"
    card = await coordinator.say("60")
    assert "🟢" in card.text
    assert await stages(clinic) == {code: "included"}


async def test_investigators_are_reminded_every_week_until_it_is_settled(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Once a week, and not any more once the answer is corrected.
    """
    investigator = await staff(clinic, INVESTIGATOR, PersonRole.INVESTIGATOR)
    code = await included(clinic)
    await change(coordinator, code, "Person", "Age", "71")
    numbers = []
    for day in range(15):
        clinic.now = MONDAY + timedelta(days=day)
        if day == 13:
            await change(coordinator, code, "Person", "Age", "45")
        await remind(clinic.application.worker)
        await clinic.application.quiet()
        numbers.append(sum("included, and not eligible now" in text for text in told(investigator)))
    assert numbers == [1] * 7 + [2] * 8


@pytest.mark.parametrize("focus", ["01-R-001", "01-D-001"])
async def test_an_unrelated_donor_is_linked_only_after_a_warning(
    clinic: Clinic, coordinator: Chatter, focus: str
) -> None:
    """
    D-I2 fails: said before the two are linked, which stays possible.
    """
    await skip(clinic, coordinator, "recipient")
    await skip(clinic, coordinator, "donor", relationship="unrelated")
    await coordinator.say(f"/link {focus}")
    other = "01-D-001" if focus == "01-R-001" else "01-R-001"
    card = await coordinator.press(other)
    assert "01-D-001 is unrelated: D-I2 fails" in card.text
    assert "No donor" in (await coordinator.say("/pair 01-R-001")).text
    card = await coordinator.say("/link 01-R-001 01-D-001")
    assert "D-I2 fails" in card.text
    card = await coordinator.press("Link all the same")
    assert "01-R-001 + 01-D-001" in card.text
