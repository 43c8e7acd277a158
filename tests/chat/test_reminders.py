"""
Reminders reach whom they concern, once, in the morning, and not about what has been settled meanwhile.
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from bot.application import remind
from bot.texts import words
from db.base.tables import (
    Case,
    Person,
    PersonRole,
    Reminder,
    Stage,
)
from db.cases.records import load
from db.follow_up import infusions
from db.trail import audit
from db.trail.audit import Actor
from tests.chat.conversation import all_cases, asked, skip
from tests.chat.test_decisions import INVESTIGATOR, OTHER, staff
from tests.conftest import COORDINATOR, Chatter, Clinic
from tests.db.rows import ANY_DEVIATION

MONDAY = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
"""Ten in the morning in Paris."""


@pytest.fixture
async def morning(clinic: Clinic) -> Clinic:
    """
    A clinic whose clock the test moves.
    """
    clinic.now = MONDAY
    return clinic


async def day_after(clinic: Clinic, days: float) -> None:
    """
    So many days later, everyone has been told what there was to tell.
    """
    assert clinic.now is not None
    clinic.now += timedelta(days=days)
    await remind(clinic.application.worker)
    await clinic.application.quiet()


def told(person: Chatter) -> list[str]:
    """
    The reminders in a chat.
    """
    texts = [one.text for one in person.api.chat(person.user_id) if one.from_bot]
    return [text for text in texts if text[0] in "⏰❗" or text.startswith("Reminders: ")]


async def test_an_awaited_answer_is_brought_up_after_a_week(morning: Clinic, coordinator: Chatter) -> None:
    """
    Longer than seven days: on the eighth, once, with buttons; not before, and not again.
    """
    await skip(morning, coordinator, "recipient", cd4="awaited")
    await coordinator.say("/cases")
    await day_after(morning, 7)
    assert told(coordinator) == []
    await day_after(morning, 1)
    assert [text.strip() for text in told(coordinator)] == ["⏰ 01-R-001: still awaited: CD4 lymphocytes."]
    await day_after(morning, 1)
    assert len(told(coordinator)) == 1


async def test_what_was_settled_meanwhile_is_not_told(morning: Clinic, coordinator: Chatter) -> None:
    """
    The answer came on the day before.
    """
    await skip(morning, coordinator, "donor", positive_pcr="awaited")
    await day_after(morning, 7)
    await coordinator.say("/resume 01-D-001")
    await coordinator.press("Continue")
    await coordinator.press("None of these")
    await day_after(morning, 1)
    assert told(coordinator) == []


async def test_nobody_is_reminded_at_night_nor_on_a_sunday(morning: Clinic, coordinator: Chatter) -> None:
    """
    What falls due on Saturday is told on Monday, when the quiet hours are over.
    """
    await skip(morning, coordinator, "donor", positive_pcr="awaited")
    await coordinator.say("/cases")
    await day_after(morning, 5)
    async with morning.application.database.transaction() as session:
        person = (await session.exec(select(Person))).one()
        assert person.telegram_id == COORDINATOR
    assert morning.now is not None
    morning.now = MONDAY + timedelta(days=12)
    await day_after(morning, 0)
    assert told(coordinator) == []
    morning.now = datetime(2026, 5, 18, 5, 59, tzinfo=UTC)
    await day_after(morning, 0)
    assert told(coordinator) == []
    morning.now = datetime(2026, 5, 18, 6, 0, tzinfo=UTC)
    await day_after(morning, 0)
    assert len(told(coordinator)) == 1


async def test_several_come_as_one_message(morning: Clinic, coordinator: Chatter) -> None:
    """
    Two cases, two awaited answers: one digest with a button for each.
    """
    await skip(morning, coordinator, "recipient", cd4="awaited")
    await skip(morning, coordinator, "donor", positive_pcr="awaited")
    await coordinator.say("/cases")
    await day_after(morning, 8)
    (text,) = told(coordinator)
    assert text.split("\n") == [
        "Reminders: 2 cases",
        "",
        "⏰ 01-R-001: awaits CD4",
        "⏰ 01-D-001: awaits PCR",
    ]
    assert {"01-R-001", "01-D-001"} <= set(coordinator.labels)


async def test_a_reminder_waits_for_the_question_on_the_card(morning: Clinic, coordinator: Chatter) -> None:
    """
    While somebody is answering, nothing comes between; once the card has stood for a while, it comes.
    """
    await skip(morning, coordinator, "donor", positive_pcr="awaited")
    assert morning.now is not None
    morning.now += timedelta(days=8)
    await skip(morning, coordinator, "recipient", until="mrss")
    assert asked(coordinator.card) == "mrss"
    await day_after(morning, 0)
    assert told(coordinator) == []
    await coordinator.say("22")
    await day_after(morning, 0)
    assert told(coordinator) == []
    assert asked(coordinator.card) is not None
    morning.now += timedelta(minutes=11)
    morning.application.notifier.wake()
    await morning.application.quiet()
    assert len(told(coordinator)) == 1


@pytest.mark.parametrize(("label", "days"), [("1 day", 1), ("1 week", 7)])
async def test_snoozed_it_comes_again(morning: Clinic, coordinator: Chatter, label: str, days: int) -> None:
    """
    On its day, not before; what is settled by then does not.
    """
    await skip(morning, coordinator, "donor", positive_pcr="awaited")
    await coordinator.say("/cases")
    await day_after(morning, 8)
    await coordinator.press(label)
    if days > 1:
        await day_after(morning, days - 1)
        assert not any("still awaited" in text for text in told(coordinator))
    await day_after(morning, 1)
    assert any("still awaited" in text for text in told(coordinator))


async def test_snoozed_until_a_day(morning: Clinic, coordinator: Chatter) -> None:
    """
    A day that is typed; one in the past is refused in a line.
    """
    await skip(morning, coordinator, "donor", positive_pcr="awaited")
    await coordinator.say("/cases")
    await day_after(morning, 8)
    await coordinator.press("Until")
    assert "from tomorrow on" in (await coordinator.say("12/5/2026")).text
    await coordinator.say("20/5/2026")
    await day_after(morning, 7)
    assert not any("still awaited" in text for text in told(coordinator))
    await day_after(morning, 1)
    assert any("still awaited" in text for text in told(coordinator))


async def test_done_and_muted_reminders_do_not_come_again(morning: Clinic, coordinator: Chatter) -> None:
    """
    Done closes one; muting a kind keeps the next ones away until it is switched on.
    """
    await skip(morning, coordinator, "donor", positive_pcr="awaited")
    await coordinator.say("/cases")
    await day_after(morning, 8)
    await coordinator.press("Done")
    assert "No reminder is open" in (await coordinator.say("/reminders")).text
    await coordinator.press("Which kinds?")
    await coordinator.press("A result is awaited for long")
    await skip(morning, coordinator, "donor", positive_pcr="awaited")
    await coordinator.say("/cases")
    await day_after(morning, 8)
    assert not any("awaited" in text for text in told(coordinator))


async def test_a_pair_that_awaits_its_signature_goes_to_the_investigator(morning: Clinic, coordinator: Chatter) -> None:
    """
    And to nobody else.
    """
    investigator = await staff(morning, INVESTIGATOR, PersonRole.INVESTIGATOR)
    await investigator.say("/start")
    await skip(morning, coordinator, "recipient")
    await skip(morning, coordinator, "donor")
    await coordinator.say("/link 01-R-001 01-D-001")
    await day_after(morning, 1)
    (text,) = told(investigator)
    assert "01-R-001 and 01-D-001: eligible on the data entered, and not signed off" in text
    assert told(coordinator) == []


async def test_a_coordinator_who_blocks_the_bot_is_stood_in_for(morning: Clinic, coordinator: Chatter) -> None:
    """
    The other coordinator is told so, and gets the reminder; writing again brings the first one back.
    """
    other = await staff(morning, OTHER, PersonRole.COORDINATOR)
    await other.say("/start")
    await skip(morning, coordinator, "donor", positive_pcr="awaited")
    await coordinator.say("/cases")
    morning.api.block(COORDINATOR)
    await day_after(morning, 8)
    await day_after(morning, 1)
    assert any("has blocked the bot" in one.text for one in other.api.chat(OTHER))
    assert len(told(other)) == 1
    await coordinator.say("/start")
    async with morning.application.database.transaction() as session:
        people = (await session.exec(select(Person).where(Person.telegram_id == COORDINATOR))).all()
        assert [person.unreachable_at for person in people] == [None]


async def test_after_a_day_of_downtime_what_is_still_true_is_told_once(morning: Clinic, coordinator: Chatter) -> None:
    """
    The program was off when it fell due.
    """
    await skip(morning, coordinator, "donor", positive_pcr="awaited")
    await skip(morning, coordinator, "donor", positive_pcr="awaited")
    await coordinator.say("/cases")
    await morning.stop()
    morning.now = MONDAY + timedelta(days=10)
    await morning.start()
    await remind(morning.application.worker)
    await morning.application.quiet()
    await day_after(morning, 0)
    assert len(told(coordinator)) == 1
    async with morning.application.database.transaction() as session:
        assert len((await session.exec(select(Reminder))).all()) == 2
    assert len(await all_cases(morning)) == 2


async def test_the_list_holds_what_is_still_so(morning: Clinic, coordinator: Chatter) -> None:
    """
    What was answered is gone from it at once, and its old button does nothing.
    """
    await skip(morning, coordinator, "donor", positive_pcr="awaited")
    await skip(morning, coordinator, "donor", positive_pcr="awaited")
    await coordinator.say("/cases")
    await day_after(morning, 8)
    card = await coordinator.say("/reminders")
    assert card.text.count("still awaited") == 2
    await coordinator.say("/resume 01-D-001")
    await coordinator.press("Continue")
    await coordinator.press("None of these")
    assert "01-D-001: still awaited" not in (await coordinator.say("/reminders")).text
    assert "01-D-002: still awaited" in coordinator.card.text
    await remind(morning.application.worker)
    assert "01-D-002" in (await coordinator.press("⏰ 01-D-001", card)).text
    assert "01-D-001: still awaited" not in coordinator.card.text


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("en", ["Reminders: 2 cases", "", "⏰ 01-R-001: awaits LVEF, sPAP; untouched since 4 May", "⏰ 01-D-001: "]),
        (
            "fr",
            [
                "Rappels\xa0: 2 dossiers",
                "",
                "⏰ 01-R-001\xa0: attend FEVG, PAPs ; rien depuis le 4 mai",
                "⏰ 01-D-001",
            ],
        ),
    ],
)
async def test_a_case_has_one_line_and_one_row_of_buttons_whatever_it_waits_for(
    morning: Clinic, language: str, lines: list[str]
) -> None:
    """
    In brief; its row opens the case, or what it waits for in full, each to be closed or put off by itself.
    """
    person, text = await morning.coordinator(language), words(language)
    await skip(morning, person, "recipient", spap="awaited", lvef="awaited")
    await skip(morning, person, "donor", positive_pcr="awaited")
    await person.say("/cases")
    await day_after(morning, 14)
    digest = person.card
    assert [one[: len(start)] for one, start in zip(digest.text.split("\n"), lines, strict=True)] == lines
    assert person.labels == ["01-R-001", "⏰ 01-R-001…", "01-D-001", "⏰ 01-D-001…"]
    card = await person.press("⏰ 01-R-001")
    assert [line[:2] for line in card.text.split("\n")] == ["1.", "2.", "3."]
    card = await person.press(text("button.remind.done_number", number=1))
    assert card.text.startswith(text("note.reminder.done", name="01-R-001"))
    assert [line[:2] for line in card.text.split("\n")[2:]] == ["1.", "2."]
    await person.press("⏰ 1")
    await person.press(text("button.remind.week"))
    await person.press("⏰ 01-R-001")
    await person.press(text("button.remind.done_number", number=1))
    await person.press(text("button.remind.done"))
    await person.say("/reminders")
    assert person.labels[:2] == ["01-D-001", "⏰ 01-D-001…"]
    assert not any("01-R-001" in label for label in person.labels)


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_the_list_holds_the_reminders_of_a_case_together(morning: Clinic, language: str) -> None:
    """
    In brief, as the digest does, what is put off apart with its day; one row of buttons a case, and a case with one
    reminder in full. A page holds eight cases, however many reminders each has.
    """
    person, text = await morning.coordinator(language), words(language)
    await skip(morning, person, "recipient", spap="awaited", lvef="awaited")
    await skip(morning, person, "donor", positive_pcr="awaited")
    for _ in range(7):
        await skip(morning, person, "donor", age="awaited", positive_pcr="awaited")
    await person.say("/cases")
    await day_after(morning, 8)
    card = await person.say("/reminders")
    lines = card.text.partition("\n\n")[0].split("\n")
    case = "⏰ " + text("reminder.case", code="01-R-001", what="").striptags().strip()
    [line] = [one for one in lines if "01-R-001" in one]
    assert line.replace("\xa0", " ").startswith(case)
    assert all(text.brief(key, "recipient") in line for key in ("lvef", "spap"))
    item = text("item.positive_pcr")
    assert text("reminder.awaited", code="01-D-001", item=item).striptags() in card.text.replace("\xa0", " ")
    assert [label for label in person.labels if "-00" in label and "⏰" not in label] == [
        "01-R-001",
        *(f"01-D-00{number}" for number in range(1, 8)),
    ]
    await person.press("⏰ 01-R-001")
    await person.press("⏰ 1")
    await person.press(text("button.remind.week"))
    lines = (await person.say("/reminders")).text.partition("\n\n")[0].split("\n")
    at = [number for number, one in enumerate(lines) if "01-R-001" in one]
    assert len(at) == 2
    assert [lines[number + 1].strip()[:1] for number in at] == ["⏰", "💤"]
    assert "01-D-008" in (await person.press(text("button.next"))).text


async def test_what_is_urgent_stands_first_and_a_visit_in_one_line(morning: Clinic, coordinator: Chatter) -> None:
    """
    An infusion of long ago, recorded today: each visit says what it is now, and not all that it once was.
    """
    await skip(morning, coordinator, "donor", positive_pcr="awaited")
    await skip(morning, coordinator, "recipient")
    await coordinator.say("/cases")
    async with morning.application.database.transaction() as session:
        audit.use_key(session, morning.application.worker.audit_key)
        case = (await session.exec(select(Case).where(Case.code == "01-R-001"))).one()
        case.stage = Stage.INCLUDED
        record = await load(session, case=case, now=MONDAY)
        await infusions.infuse(
            session,
            record=record,
            day=date(2025, 8, 4),
            expected=0,
            margin=14,
            by=Actor(1),
            now=MONDAY,
            reason="recorded_late",
            accepted=ANY_DEVIATION,
        )
    await day_after(morning, 8)
    (text,) = told(coordinator)
    assert text.splitlines()[2:] == [
        "❗ 01-R-001: month-3 visit overdue; month-6 visit overdue; month-9 visit due 4 May",
        "⏰ 01-D-001: awaits PCR",
    ]
