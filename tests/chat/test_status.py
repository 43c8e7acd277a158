"""
One case at a glance, and all of them: summary and dashboard.
"""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace
from sqlmodel import select

from bot.rules.protocol import Kind
from bot.study import Study
from db.base.tables import Case, PersonRole, Stage
from db.cases import pairs
from db.cases.cases import move
from db.trail import audit
from db.trail.audit import Actor
from tests.chat.conversation import AWAITED, all_cases, asked, everything, open_case, skip
from tests.chat.readers import reader, strangers_answer
from tests.conftest import Chatter, Clinic

ONE_LEFT = {"positive_pcr": AWAITED}


async def include(clinic: Clinic, *codes: str, stage: Stage = Stage.INCLUDED) -> None:
    """
    Take cases to a stage, as a decision would.
    """
    async with clinic.application.database.transaction() as session:
        audit.use_key(session, clinic.application.worker.audit_key)
        for code in codes:
            case = (await session.exec(select(Case).where(Case.code == code))).one()
            now = clinic.application.worker.clock()
            await move(session, case=case, to=stage, by=Actor(1), now=now)
            case.included_at = now if stage is Stage.INCLUDED else None


@pytest.mark.parametrize("command", ["/status", "/dashboard"])
async def test_the_dashboard_counts_cases_by_stage_and_verdict(
    clinic: Clinic, coordinator: Chatter, command: str
) -> None:
    """
    One line a stage, a sign a verdict; what is discarded is not there.
    """
    await skip(clinic, coordinator, "donor")
    await skip(clinic, coordinator, "donor", relationship="unrelated", until="lidocaine_allergy")
    await skip(clinic, coordinator, "donor", until="relationship")
    await open_case(coordinator, "recipient")
    await coordinator.say("/cancel")
    await include(clinic, "01-D-001")
    lines = (await coordinator.say(command)).text.splitlines()
    assert next(line for line in lines if line.startswith("In screening")).split()[2:] == ["2", "🔴", "1", "🟡", "1"]
    assert next(line for line in lines if line.startswith("Included:")).split()[1:] == ["1", "🟢", "1"]
    assert "01-R-001" not in coordinator.card.text


async def test_the_dashboard_names_who_is_one_item_away_and_whom_one_criterion_keeps_out(
    clinic: Clinic, coordinator: Chatter
) -> None:
    """
    With the item and the criterion; a press shows the summary.
    """
    await skip(clinic, coordinator, "donor", **ONE_LEFT)
    await skip(clinic, coordinator, "donor", lidocaine_allergy=True, until="donation_contraindication")
    card = await coordinator.say("/dashboard")
    near, single = card.text.split("One item away")[1].split("Kept out by a single criterion")
    assert "01-D-001: ⏳ PCR" in near
    assert "01-D-002: ✗ D-E1 Lidocaine allergy" in single
    assert "01-D-001" not in single.split("Longest untouched")[0]
    card = await coordinator.press("🎯 01-D-001")
    assert card.text.startswith("01-D-001 · donor")
    assert asked(card) is None


async def test_a_group_leads_to_its_whole_list(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Three codes are shown, and a button to all.
    """
    for _ in range(4):
        await skip(clinic, coordinator, "donor", **ONE_LEFT)
    await coordinator.say("/dashboard")
    assert sum("🎯 01-D" in label for label in coordinator.labels) == 3
    card = await coordinator.press("🎯 All")
    assert all(f"01-D-00{number}" in card.text for number in range(1, 5))


async def test_the_longest_untouched_come_first(clinic: Clinic) -> None:
    """
    With the day on the site's clock.
    """
    clinic.now = datetime(2026, 5, 1, 23, 0, tzinfo=UTC)
    person = await clinic.coordinator()
    await skip(clinic, person, "donor", until="relationship")
    clinic.now = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)
    await skip(clinic, person, "donor", until="relationship")
    oldest = (await person.say("/status")).text.split("Longest untouched")[1]
    assert oldest.index("01-D-001") < oldest.index("01-D-002")
    assert "01-D-001: last touched 2 May 2026" in oldest


async def test_accrual_is_that_of_the_whole_study(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Somebody of another site sees how many are included anywhere, and no case of this one.
    """
    await skip(clinic, coordinator, "donor")
    await skip(clinic, coordinator, "recipient", until="age")
    await include(clinic, "01-D-001", "01-R-001")
    person = await reader(clinic, site=2)
    text = (await person.say("/dashboard")).text
    assert "recipients 1 of 20, donors 1 of 20" in text
    assert "01-" not in text
    assert "Included:" not in text


@pytest.mark.parametrize(
    ("day", "is_outside"), [("2014-02-28", True), ("2014-03-01", False), ("2018-08-31", False), ("2018-09-01", True)]
)
async def test_being_outside_the_inclusion_period_is_said(clinic: Clinic, day: str, is_outside: bool) -> None:  # noqa: FBT001
    """
    On the dashboard, and blocks nothing.
    """
    clinic.now = datetime.fromisoformat(f"{day}T12:00:00+00:00")
    person = await clinic.coordinator()
    assert (
        "outside the inclusion period (1 Mar 2014 to 31 Aug 2018)" in (await person.say("/status")).text
    ) is is_outside
    assert asked(await open_case(person, "donor")) == "age"


async def test_a_target_that_is_passed_is_said(clinic: Clinic, coordinator: Chatter) -> None:
    """
    One more than wanted.
    """
    for _ in range(2):
        await open_case(coordinator, "donor")
    worker = clinic.application.worker
    worker.deployment = replace(worker.deployment, study=Study(donors=1))
    await include(clinic, "01-D-001")
    assert "target is passed" not in (await coordinator.say("/status")).text
    await include(clinic, "01-D-002")
    assert "target is passed" in (await coordinator.say("/status")).text


async def test_a_summary_says_who_answered_last_what_is_awaited_and_who_is_linked(clinic: Clinic) -> None:
    """
    With the day since when, on the site's clock; and leads to everything there is to read.
    """
    clinic.now = datetime(2026, 5, 4, 22, 30, tzinfo=UTC)
    person = await clinic.coordinator()
    await skip(clinic, person, "donor", **ONE_LEFT)
    await skip(clinic, person, "recipient", until="dlco")
    async with clinic.application.database.transaction() as session:
        audit.use_key(session, clinic.application.worker.audit_key)
        recipient, donor = [
            (await session.exec(select(Case).where(Case.kind == kind))).one() for kind in (Kind.RECIPIENT, Kind.DONOR)
        ]
        await pairs.link(session, recipient=recipient, donor=donor, by=Actor(1), now=clinic.now)
    text = (await person.say("1d1")).text
    assert "since 5 May 2026: Positive PCR (D-E2)" in text
    assert "recipient 01-R-001" in text
    assert "Last answer: Test, 5 May 2026, 00:30" in text
    for label in ("Details", "History", "Report", "Reasoning", "What if"):
        assert any(label in one for one in person.labels)
    assert len(person.card.buttons) <= 4


@pytest.mark.parametrize("text", ["/status 01-D-001", "01-D-001"])
async def test_a_case_elsewhere_is_answered_like_one_that_never_was(
    clinic: Clinic, coordinator: Chatter, text: str
) -> None:
    """
    Word for word.
    """
    await skip(clinic, coordinator, "donor")
    hidden, never = await strangers_answer(clinic, text, "There is no case")
    assert hidden == never


async def test_a_monitor_reads_and_changes_nothing(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Every screen and every button of them.
    """
    await skip(clinic, coordinator, "donor", **ONE_LEFT)
    before = await everything(clinic)
    person = await reader(clinic)
    for text in (
        "/status",
        "/dashboard",
        "/cases",
        "/find donor",
        "/why 1d1 D-E2",
        "/history 1d1",
        "/whatif 1d1 age=12",
    ):
        await person.say(text)
        assert "role does not allow" not in person.card.text
    for label in (
        "Summary",
        "Details",
        "Reasoning",
        "D-E2",
        "All criteria",
        "Summary",
        "History",
        "Summary",
        "What if",
    ):
        await person.press(label)
    await person.say("age=70")
    assert "D-I1" in person.card.text
    await person.say("/report 1d1")
    assert await everything(clinic) == before


async def test_what_was_read_stands_after_a_restart(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The chat shows the same screen, also one that was found or supposed.
    """
    await skip(clinic, coordinator, "donor", **ONE_LEFT)
    for text in ("/dashboard", "/find incomplete donor", "/why 1d1 D-E2", "/whatif 1d1 age=70", "/history 1d1"):
        before = (await coordinator.say(text)).text
        await clinic.restart()
        assert (await coordinator.say("/frobnicate")).text.endswith(before)


async def test_people_of_all_sites_see_all_sites(clinic: Clinic, coordinator: Chatter) -> None:
    """
    On the dashboard, in the list, and by code; a coordinator of another site opens cases there.
    """
    await skip(clinic, coordinator, "donor", **ONE_LEFT)
    other = await reader(clinic, 302, site=2, role=PersonRole.COORDINATOR)
    await skip(clinic, other, "donor", **ONE_LEFT)
    assert set(await all_cases(clinic)) == {"01-D-001", "02-D-001"}
    person = await reader(clinic, 303, site=None, role=PersonRole.INVESTIGATOR)
    for text in ("/dashboard", "/cases", "/find"):
        card = await person.say(text)
        assert "01-D-001" in card.text
        assert "02-D-001" in card.text
    assert "01-D-001" not in (await other.say("/dashboard")).text
