"""
A coordinator moves about: back and forward, pause and resume, lists, menus, languages.
"""

from datetime import UTC, datetime
from textwrap import wrap

import pytest

from bot.emulator.html import parse_html
from bot.texts import words
from db.base.tables import PersonRole, Stage
from tests.chat.conversation import (
    AWAITED,
    DONOR,
    all_cases,
    answer,
    asked,
    everything,
    go_on,
    help_pages,
    item_of,
    open_case,
    skip,
    stored,
    trail,
    values,
)
from tests.conftest import Chatter, Clinic


async def test_back_walks_back_question_by_question_and_forward_returns(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The answer before is asked again, those before it with their reason; Forward goes to where the questions stopped;
    nothing is stored.
    """
    await skip(clinic, coordinator, "donor", until="relationship")
    before = await stored(clinic, "01-D-001")
    assert asked(await coordinator.press("Back")) == "social_security"
    assert "Now: Yes" in coordinator.card.text
    for label in ("Consent", "contraception", "Pregnan", "hildbearing"):
        card = await coordinator.press("Back")
        assert label in card.text
        assert "Typing error" in " ".join(coordinator.labels)
    assert asked(await coordinator.press("Forward")) == "relationship"
    assert len(await stored(clinic, "01-D-001")) == len(before)


async def test_back_ends_at_the_first_question(coordinator: Chatter) -> None:
    """
    The first question has no Back; a case just begun has no Forward.
    """
    await open_case(coordinator, "donor")
    assert not any(word in label for word in ("Back", "Forward") for label in coordinator.labels)
    await coordinator.say("45")
    await coordinator.press("Back")
    assert not any("Back" in label for label in coordinator.labels)
    assert any("Forward" in label for label in coordinator.labels)


async def test_an_answer_given_again_over_back_is_a_correction(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Both answers stay; the newest counts; the questions that it makes needless are not asked any more. What was not the
    last answer is changed with a reason.
    """
    await skip(clinic, coordinator, "donor", until="pregnant")
    await coordinator.press("Back")
    await coordinator.press("Back")
    await coordinator.press("Typing error")
    await coordinator.press("Male")
    card = await coordinator.press("Continue")
    assert asked(card) == "consent_signed"
    rows = [(row.item, row.value, row.reason) for row in await stored(clinic, "01-D-001")]
    assert rows[1] == ("sex", '"female"', None)
    assert rows[-1] == ("sex", '"male"', "typo")
    assert [entry.reason for entry in await trail(clinic) if entry.field == "sex"] == [None, "typo"]


async def test_a_ticked_list_walked_back_to_shows_its_ticks(clinic: Clinic, coordinator: Chatter) -> None:
    """
    What was ticked before is ticked still, and can be taken back.
    """
    await skip(clinic, coordinator, "recipient", ild_on_imaging=False, until="heart_findings")
    await coordinator.press("Second- or third-degree AV block")
    await coordinator.press("Done")
    await coordinator.press("Back")
    assert "☑ Second- or third-degree AV block" in coordinator.labels
    await coordinator.press("Second- or third-degree AV block")
    await coordinator.press("None of these")
    assert (await values(clinic, "01-R-001"))["heart_findings"] == "[]"


async def test_pause_puts_a_case_aside_and_resume_goes_on(clinic: Clinic, coordinator: Chatter) -> None:
    """
    After Pause the menu is shown; /resume with the code in any form shows the question where it stopped.
    """
    await skip(clinic, coordinator, "donor", until="relationship")
    card = await coordinator.press("Pause")
    assert "01-D-001" in card.text
    assert asked(card) is None
    for code in ("01-D-001", "1-d-1", "1D1", " 01 - d - 0001 "):
        await coordinator.say("/start")
        assert asked(await coordinator.say(f"/resume {code}")) == "relationship"
        await coordinator.press("Pause")


@pytest.mark.parametrize(
    "form", ["/status 1-d-1", "/status 01-D-001", "/STATUS 1d1", "1-d-1", "/status@local_bot 1-d-1"]
)
async def test_a_status_is_asked_for_by_code_in_any_form(clinic: Clinic, coordinator: Chatter, form: str) -> None:
    """
    A code by itself is enough; the summary is shown and nothing is stored.
    """
    await skip(clinic, coordinator, "donor", until="relationship")
    await open_case(coordinator, "recipient")
    before = await everything(clinic)
    card = await coordinator.say(form)
    assert "01-D-001" in card.text
    assert "D-I2" in card.text
    assert await everything(clinic) == before


@pytest.mark.parametrize("code", ["01-R-009", "99-R-001", "1-x-1", "R1", "01-R-00001"])
@pytest.mark.parametrize("command", ["/status", "/resume"])
async def test_a_code_that_never_was_is_said_and_the_list_shown(coordinator: Chatter, command: str, code: str) -> None:
    """
    There is no such case; the cases that there are can be pressed.
    """
    await open_case(coordinator, "recipient")
    card = await coordinator.say(f"{command} {code}")
    assert asked(card) is None
    assert "01-R-001" in coordinator.labels


async def test_a_status_without_a_code_is_that_of_all_cases(coordinator: Chatter) -> None:
    """
    Also with a case in focus, which can be pressed there.
    """
    assert "Dashboard" in (await coordinator.say("/status")).text
    await open_case(coordinator, "recipient")
    assert "Dashboard" in (await coordinator.say("/status")).text
    assert "01-R-001" in (await coordinator.press("01-R-001")).text


async def test_the_list_shows_open_cases_with_progress_and_verdict_page_by_page(
    clinic: Clinic, coordinator: Chatter
) -> None:
    """
    Eleven open cases: nine on the first page, the last touched first, the others on the next, and back again.
    """
    for _ in range(9):
        await open_case(coordinator, "recipient")
    await skip(clinic, coordinator, "donor", relationship="unrelated", until="lidocaine_allergy")
    await skip(clinic, coordinator, "donor", lidocaine_allergy=AWAITED)
    card = await coordinator.say("/cases")
    lines = [line for line in card.text.splitlines() if "-00" in line]
    assert [line.split()[1] for line in lines[:2]] == ["01-D-002", "01-D-001"]
    assert len(lines) == 9
    assert "🟡" in lines[0]
    assert "1" in lines[0].rpartition("·")[2]
    assert "🔴" in lines[1]
    assert "D-I2" in lines[1]
    await coordinator.press("Next")
    assert {"01-R-001", "01-R-002"} <= set(coordinator.labels)
    assert "01-D-001" not in coordinator.labels
    await coordinator.press("Previous")
    assert asked(await coordinator.press("01-R-009")) == "age"


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_cancel_discards_a_case_without_answers(clinic: Clinic, language: str) -> None:
    """
    It was opened by mistake: it is gone from the list, and its number is not used again.
    """
    person = await clinic.coordinator(language)
    await open_case(person, "recipient")
    card = await person.say("/cancel")
    assert "01-R-001" in card.text
    assert (await all_cases(clinic))["01-R-001"].stage == Stage.DISCARDED
    for gone in ("/resume 1-r-1", "/status 1-r-1"):
        assert asked(await person.say(gone)) is None
        assert "01-R-001" not in person.labels
    await open_case(person, "recipient")
    assert "01-R-002" in person.card.text


async def test_cancel_on_a_question_puts_the_case_aside(clinic: Clinic, coordinator: Chatter) -> None:
    """
    A case with answers is kept.
    """
    await skip(clinic, coordinator, "donor", until="relationship")
    card = await coordinator.say("/cancel")
    assert asked(card) is None
    case = (await all_cases(clinic))["01-D-001"]
    assert (case.stage, case.revision) == (Stage.SCREENING, 7)
    assert asked(await coordinator.say("/resume 1-d-1")) == "relationship"


async def test_cancel_leaves_what_is_being_done(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Out of Why?, a walk back, ticks, a value asked about, an edit: the question in its turn, and nothing stored.
    """
    await skip(clinic, coordinator, "donor", until="positive_serology")
    before = await everything(clinic)
    for presses in (["Why?"], ["Back", "Back"], ["HIV"]):
        for label in presses:
            await coordinator.press(label)
        card = await coordinator.say("/cancel")
        assert asked(card) == "positive_serology"
        assert "☑" not in "".join(coordinator.labels)
    await coordinator.say("/status 1-d-1")
    for label in ("Edit", "Person", "Age", "Typing error"):
        await coordinator.press(label)
    await coordinator.say("15")
    await coordinator.say("/cancel")
    assert asked(coordinator.card) == "positive_serology"
    assert await everything(clinic) == before


async def test_cancel_does_not_speak_of_a_stored_change_as_cancelled(clinic: Clinic, coordinator: Chatter) -> None:
    """
    A change once stored stays, and nobody is told otherwise.
    """
    await skip(clinic, coordinator, "donor")
    for label in ("Edit", "Person", "Age", "Typing error"):
        await coordinator.press(label)
    await coordinator.say("46")
    card = await coordinator.say("/cancel")
    assert (await values(clinic, "01-D-001"))["age"] == "46"
    assert "Cancelled" not in card.text


async def test_cancel_with_nothing_in_focus_shows_the_menu(coordinator: Chatter) -> None:
    """
    Nothing to leave, nothing breaks.
    """
    await coordinator.say("/help")
    await coordinator.say("/cancel")
    assert any("New recipient" in label for label in coordinator.labels)
    assert "/resume" not in coordinator.card.text


async def test_cancel_on_a_finished_case_changes_nothing_of_it(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Twice: first its screen is left, then the case; it stays finished.
    """
    await skip(clinic, coordinator, "donor", relationship="unrelated", until="lidocaine_allergy")
    await coordinator.press("Finish")
    before = await everything(clinic)
    await coordinator.say("/cancel")
    await coordinator.say("/cancel")
    assert await everything(clinic) == before


async def test_the_language_is_the_persons_and_stays(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Chosen once, by button or by name, it holds after a restart.
    """
    await coordinator.say("/language")
    card = await coordinator.press("Français")
    assert "français" in card.text
    await clinic.restart()
    await coordinator.say("/new donor")
    assert "âge" in coordinator.card.text
    await coordinator.say("/language en")
    await coordinator.say("/resume 1-d-1")
    assert "age" in coordinator.card.text
    changes = [(entry.old, entry.new) for entry in await trail(clinic) if entry.action == "person.language"]
    assert changes == [("en", "fr"), ("fr", "en")]


async def test_a_language_named_with_the_command_is_answered_at_the_end_of_the_chat(coordinator: Chatter) -> None:
    """
    As every command: the typed text goes, and the answer is the last message.
    """
    before = coordinator.card.id
    card = await coordinator.say("/language fr")
    assert "français" in card.text
    assert [message.id > before for message in coordinator.api.chat(coordinator.user_id)] == [True]


@pytest.mark.parametrize("command", ["/help", "/language", "/language fr", "/cases", "/new"])
async def test_a_look_elsewhere_finds_the_way_back_to_the_question(
    clinic: Clinic, coordinator: Chatter, command: str
) -> None:
    """
    Help, the language or the list in the middle of a case: /resume, or the case in the list, asks the same question.
    """
    await skip(clinic, coordinator, "donor", until="relationship")
    before = len(await stored(clinic, "01-D-001"))
    await coordinator.say(command)
    await coordinator.say("/cases")
    assert asked(await coordinator.press("01-D-001")) == "relationship"
    assert len(await stored(clinic, "01-D-001")) == before


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_help_names_every_command_and_what_must_not_be_typed(clinic: Clinic, language: str) -> None:
    """
    Each part of it fits on a phone's screen, 25 lines of 45 letters, in the person's language.
    """
    person = await clinic.coordinator(language)
    pages = await help_pages(person)
    for command, roles in clinic.application.worker.deployment.commands.items():
        assert any(f"/{command} \u2013 " in page for page in pages) or PersonRole.COORDINATOR not in roles
    for page in pages:
        assert parse_html(words(language)("help.privacy"))[0] in page
        assert sum(max(1, len(wrap(line, 45))) for line in page.splitlines()) <= 25


async def test_start_again_shows_where_things_stand(clinic: Clinic, coordinator: Chatter) -> None:
    """
    /start, also with an old setup code, shows the question in focus anew at the end of the chat.
    """
    await skip(clinic, coordinator, "donor", until="relationship")
    before = await everything(clinic)
    for text in ("/start", f"/start {clinic.setup_code}", "/start whatever"):
        last = coordinator.card.id
        card = await coordinator.say(text)
        assert card.id > last
        assert asked(card) == "relationship"
        assert len(coordinator.api.chat(coordinator.user_id)) == 1
    assert await everything(clinic) == before


async def test_start_leads_out_of_the_help(coordinator: Chatter) -> None:
    """
    With no case in focus /start is the way to the menu.
    """
    await coordinator.say("/help")
    help_ = coordinator.card.text
    assert (await coordinator.say("/start")).text != help_


@pytest.mark.parametrize(
    ("argument", "code"),
    [("recipient", "01-R-001"), ("donor", "01-D-001"), ("d", "01-D-001"), ("RECIPIENT", "01-R-001")],
)
async def test_a_kind_may_be_named_with_the_command(coordinator: Chatter, argument: str, code: str) -> None:
    """
    /new donor opens a donor's case at once.
    """
    assert code in (await coordinator.say(f"/new {argument}")).text


async def test_a_kind_is_asked_for_where_none_is_named(coordinator: Chatter) -> None:
    """
    /new alone, or with another word, asks, and the button opens the case.
    """
    await coordinator.say("/new cousin")
    assert asked(coordinator.card) is None
    assert "01-D-001" in (await coordinator.press("New donor")).text


async def test_an_unknown_command_is_said_and_changes_nothing(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The question stays, below a word on the command.
    """
    await skip(clinic, coordinator, "donor", until="relationship")
    for text in ("/frobnicate", "/", "/ status", "/delete 01-D-001"):
        card = await coordinator.say(text)
        assert "/help" in card.text
        assert asked(card) == "relationship"


async def test_text_where_nothing_is_asked_is_not_stored(clinic: Clinic, coordinator: Chatter) -> None:
    """
    On the menu, a summary or a settled verdict, a typed value goes nowhere, and that is said.
    """
    await coordinator.say("45")
    await skip(clinic, coordinator, "donor", relationship="unrelated", until="lidocaine_allergy")
    before = await everything(clinic)
    await coordinator.say("no")
    assert "🔴" in coordinator.card.text
    await coordinator.say("/status 1-d-1")
    await coordinator.say("45")
    assert await everything(clinic) == before
    assert len(coordinator.api.chat(coordinator.user_id)) == 1


async def test_two_cases_are_screened_turn_by_turn(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Leaving one for the other and back, every answer is filed under its own case.
    """
    await open_case(coordinator, "donor")
    await open_case(coordinator, "donor")
    for code, age in (("01-D-001", "31"), ("01-D-002", "32")):
        await coordinator.say(f"/resume {code}")
        await coordinator.say(age)
    for code in ("01-D-001", "01-D-002"):
        await coordinator.say(f"/resume {code}")
        await go_on(coordinator, "donor", {**DONOR, "sex": "male"})
    assert [(await values(clinic, code))["age"] for code in ("01-D-001", "01-D-002")] == ["31", "32"]
    assert {case.verdict for case in (await all_cases(clinic)).values()} == {"eligible"}


async def test_a_case_left_for_months_is_shown_as_of_today(clinic: Clinic) -> None:
    """
    The list and the summary follow the calendar after a restart: a wait that has ended no longer counts.
    """
    clinic.now = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
    person = await clinic.coordinator()
    await skip(clinic, person, "recipient", cyclophosphamide_last_dose="1/5/2026", until="spap")
    assert "🔴" in (await person.say("/cases")).text
    clinic.now = datetime(2026, 11, 1, 10, 0, tzinfo=UTC)
    await clinic.restart()
    assert "🔴" not in (await person.say("/cases")).text
    assert asked(await person.press("01-R-001")) == "severe_visceral_involvement"
    await answer(person, item_of("recipient", "severe_visceral_involvement"), raw=True)
    assert (await values(clinic, "01-R-001"))["severe_visceral_involvement"] == "true"
