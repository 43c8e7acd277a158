"""
What happened to a case: what, by whom, when, why, the newest first.
"""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlmodel import select

from bot.texts import words
from db.base.tables import Case, Source, Stage
from db.cases.answers import Entered, add_many
from db.cases.given import Examined
from db.cases.records import load
from db.trail import audit
from db.trail.audit import Actor
from tests.chat.conversation import go_on, skip, trail
from tests.chat.test_status import include
from tests.conftest import Chatter, Clinic


async def test_a_change_is_told_with_both_values_and_its_reason(clinic: Clinic) -> None:
    """
    In words, on the site's clock.
    """
    clinic.now = datetime(2026, 5, 4, 22, 30, tzinfo=UTC)
    person = await clinic.coordinator()
    await skip(clinic, person, "donor", until="relationship")
    await person.press("Back")
    await person.press("No")
    await person.say("1d1")
    for label in ("Edit", "Person", "Age", "Typing error"):
        await person.press(label)
    await person.say("46")
    lines = (await person.say("/history 1d1")).text.splitlines()
    assert lines[2] == "5 May 2026, 00:30 · Test"
    assert lines[3].strip() == "Age: 45 years → 46 years (Typing error)"
    assert lines[5].strip() == "Social security affiliation: Yes → No (corrected at once)"
    assert lines[7].strip() == "Social security affiliation: Yes"


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_history_is_paged_to_its_beginning(clinic: Clinic, language: str) -> None:
    """
    Every entry of the trail about the case, once.
    """
    person, text = await clinic.coordinator(language), words(language)
    await skip(clinic, person, "recipient", until="mrss")
    await skip(clinic, person, "donor", until="age")
    await person.say("/status 1r1")
    told = []
    await person.press(text("button.history"))
    while True:
        told += [line.strip() for line in person.card.text.splitlines()[2:] if line.startswith(" ")]
        if not any(text("button.older") in label for label in person.labels):
            break
        await person.press(text("button.older"))
    entries = [entry for entry in await trail(clinic) if entry.entity == "01-R-001"]
    assert len(told) == len(entries) > 10
    assert told[-1] == text("history.case.open")
    newer = await person.press(text("button.newer"))
    assert told[-1] not in newer.text


@pytest.mark.parametrize(("language", "how"), [("en", "imported"), ("fr", "importé")])
async def test_what_the_trail_tells_besides_of_an_answer_is_told(clinic: Clinic, language: str, how: str) -> None:
    """
    That it was imported, and of which day and from what examination it is, in the words that were typed.
    """
    clinic.now = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
    person = await clinic.coordinator(language)
    await skip(clinic, person, "recipient", until="mrss")
    async with clinic.application.database.transaction() as session:
        audit.use_key(session, clinic.application.worker.audit_key)
        case = (await session.exec(select(Case))).one()
        record = await load(session, case=case, now=clinic.now)
        said = Examined(date(2026, 4, 2), "other", "ward round")
        await add_many(
            session,
            record=record,
            entered=[Entered("lvef", Decimal(60), said)],
            by=Actor(1),
            now=clinic.now,
            source=Source.IMPORTED,
        )
    text = (await person.say("/history 1r1")).text
    line = next(line for line in text.split("\n") if "60" in line)
    assert words(language).day(date(2026, 4, 2)) in line
    assert "ward round" in line
    assert f"({how})" in line


async def test_stages_links_and_decisions_are_told(clinic: Clinic, coordinator: Chatter) -> None:
    """
    In words too; an action that has none yet is told as it stands.
    """
    await skip(clinic, coordinator, "donor")
    await include(clinic, "01-D-001", stage=Stage.WITHDRAWN)
    async with clinic.application.database.transaction() as session:
        audit.use_key(session, clinic.application.worker.audit_key)
        for action, field, old, new, reason in (
            ("case.link", "partner", None, "01-R-001", None),
            ("case.unlink", "partner", "01-R-001", None, None),
            ("decision.screen_failure", "D-E1", "screening", "screen_failure", "as <typed>"),
            ("decision.query_dismissed", "Q8", "screening", "screening", "typo"),
            ("decision.voided", "sign_off", "signed", "screening", None),
            ("decision.lost", None, "screening", "lost", "unreachable"),
            ("decision.infused", "infusion", None, "2026-05-04", None),
            ("visit.done", "month 3", "planned 2026-08-04", "2026-08-05", None),
            ("visit.missed", "month 6", "planned 2026-11-04", None, "unwell"),
            ("something.else", None, None, "x<y", None),
        ):
            await audit.record(
                session,
                at=clinic.application.worker.clock(),
                by=audit.PROGRAM,
                action=action,
                entity="01-D-001",
                field=field,
                old=old,
                new=new,
                reason=reason,
            )
    text = (await coordinator.say("/history 1d1")).text + (await coordinator.press("Older")).text
    for told in (
        "Linked with: 01-R-001",
        "No longer linked with: 01-R-001",
        "Signed off as a screen failure: D-E1 (as <typed>)",
        "Query dismissed: Q8 (Typing error)",
        "The sign-off no longer holds\n",
        f"Lost to follow-up ({words('en')('because.lost.unreachable')})",
        "Stage: In screening → Withdrawn",
        "4 May 2026\n",
        "Visit of month 3: done on 5 Aug 2026",
        f"Visit of month 6: missed ({words('en')('reason.missed.unwell')})",
        "x<y",
        "the program",
    ):
        assert told in text


async def test_the_history_of_the_case_in_focus_needs_no_code(coordinator: Chatter) -> None:
    """
    Summary leads back.
    """
    await coordinator.say("/new donor")
    await go_on(coordinator, "donor", {"age": "30"}, until="sex")
    assert "Age: 30 years" in (await coordinator.say("/history")).text
    assert "01-D-001 · donor" in (await coordinator.press("Summary")).text
