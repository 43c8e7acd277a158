"""
A coordinator screens a case from the first button to the summary.
"""

from datetime import UTC, datetime

import pytest

from bot.rules.assessment import Verdict
from bot.texts import words
from db.base.tables import Stage
from tests.chat.conversation import (
    AWAITED,
    DONOR,
    RECIPIENT,
    all_cases,
    asked,
    go_on,
    item_of,
    open_case,
    record_of,
    screen,
    skip,
    stored,
    trail,
    values,
)
from tests.conftest import Chatter, Clinic

LANGUAGES = pytest.mark.parametrize("language", ["en", "fr"])


async def test_a_first_case_is_opened_and_answered(coordinator: Chatter) -> None:
    """
    The card asks one question at a time and shows what was stored.
    """
    await coordinator.press("New recipient")
    assert "01-R-001" in coordinator.card.text
    card = await coordinator.say("45")
    assert "✓ Age: 45 years" in card.text
    assert "ACR/EULAR" in card.text


async def test_a_restart_between_two_answers_changes_nothing(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The same question stands on the card after a restart, and takes the answer.
    """
    await coordinator.press("New recipient")
    await coordinator.say("45")
    await clinic.restart()
    card = await coordinator.press("No")
    assert "R-I2" in card.text


@LANGUAGES
@pytest.mark.parametrize("kind", ["recipient", "donor"])
async def test_a_case_that_passes_ends_as_eligible_until_an_investigator_confirms(
    clinic: Clinic, kind: str, language: str
) -> None:
    """
    Screened question by question in either language: the summary comes by itself as a new message, in careful words.
    """
    person = await clinic.coordinator(language)
    await open_case(person, kind)
    first = person.card.id
    answers = RECIPIENT if kind == "recipient" else DONOR
    keys = await go_on(person, kind, answers)
    text, code = words(language), f"01-{kind[0].upper()}-001"
    assert person.card.id > first
    assert code in person.card.text
    assert text("verdict.eligible").unescape() in person.card.text
    assert "investigat" in person.card.text
    assert [message.from_bot for message in person.api.chat(person.user_id)] == [True]
    assert [row.item for row in await stored(clinic, code)] == keys
    assert (await all_cases(clinic))[code].verdict == Verdict.ELIGIBLE
    assert set(await values(clinic, code)) == set(keys)


async def test_a_question_is_asked_only_while_its_answer_matters(coordinator: Chatter) -> None:
    """
    With the lung criterion met nobody is asked about heart, kidney or baseline lung function; a man is not asked about
    pregnancy, and who had no cyclophosphamide gives no date.
    """
    keys = await screen(coordinator, "recipient", sex="male", cyclophosphamide_high_dose=False)
    assert {"dlco", "ild_on_imaging", "spap", "poor_compliance_risk"} <= set(keys)
    assert not {"pregnant", "cyclophosphamide_last_dose", "fvc", "tlc", "baseline_fvc", "heart_findings"} & set(keys)
    assert not {"childbearing_potential", "bp_first", "renal_findings", "liver_rise_persistent"} & set(keys)


@LANGUAGES
async def test_every_answer_is_echoed_and_every_typed_one_leaves_the_chat(clinic: Clinic, language: str) -> None:
    """
    The card names the answer before it asks the next question; the chat never holds anything but the card.
    """
    person = await clinic.coordinator(language)
    await open_case(person, "recipient")
    for typed, shown in (("45", "45"), ("yes", words(language)("value.yes"))):
        await person.say(typed)
        assert shown in person.card.text.splitlines()[0]
        assert len(person.api.chat(person.user_id)) == 1
    assert await values(clinic, "01-R-001") == {"age": "45", "ssc_acr_eular_2013": "true"}


@LANGUAGES
async def test_what_is_not_available_yet_is_awaited_and_the_case_is_incomplete(clinic: Clinic, language: str) -> None:
    """
    The summary says that it is incomplete, names the open criteria with what they await and since when.
    """
    clinic.now = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
    person = await clinic.coordinator(language)
    await screen(person, "recipient", spap=AWAITED, cd4=AWAITED)
    text, card = words(language), person.card.text
    assert text("verdict.incomplete").unescape() in card
    assert "R-I1 " not in card
    line = next(line for line in card.splitlines() if text.day(clinic.now.date()) in line and line.startswith("⏳"))
    for key, criterion in (("spap", "R-E2"), ("cd4", "R-E5")):
        label = text.label(item_of("recipient", key), "recipient").unescape()
        assert f"{label} ({criterion})" in line
        assert card.count(label) == 1
    case = (await all_cases(clinic))["01-R-001"]
    assert (case.verdict, case.open, case.awaited, case.to_ask) == (Verdict.INCOMPLETE, "R-E2 R-E5", 2, 0)
    assert (await values(clinic, "01-R-001"))["cd4"] is None


async def test_what_was_awaited_is_answered_when_it_comes(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Continue asks the awaited item, and its answer completes the case.
    """
    await screen(coordinator, "donor", positive_pcr=AWAITED)
    card = await coordinator.press("Continue")
    assert asked(card) == "positive_pcr"
    await coordinator.press("None of these")
    assert (await all_cases(clinic))["01-D-001"].verdict == Verdict.ELIGIBLE
    assert words("en")("verdict.eligible").unescape() in coordinator.card.text


async def test_each_awaited_item_can_be_reached_when_another_one_is_still_awaited(coordinator: Chatter) -> None:
    """
    Two results are awaited and the second one comes first: Continue, Not available yet, and the second is asked.
    """
    await screen(coordinator, "donor", lidocaine_allergy=AWAITED, positive_pcr=AWAITED)
    seen = set()
    for _ in range(4):
        if asked(coordinator.card) is None:
            await coordinator.press("Continue")
        seen.add(asked(coordinator.card))
        await coordinator.press("Not available yet")
    assert seen == {"lidocaine_allergy", "positive_pcr"}


@LANGUAGES
async def test_a_case_settled_early_can_be_finished_at_once(clinic: Clinic, language: str) -> None:
    """
    As soon as it is not eligible the card says so, with value, limit and clause; Finish gives the summary.
    """
    person, text = await clinic.coordinator(language), words(language)
    await screen(person, "recipient", age="18")
    card = person.card.text
    assert text("verdict.not_eligible").unescape() in card
    assert "R-I1" in card
    assert "> 18" in card
    assert text("clause.recipient.inclusion", number=1).unescape() in card
    assert text("finding.on_limit", finding="").unescape().strip() in card
    before = person.card.id
    await person.press(text("button.finish"))
    assert person.card.id > before
    assert text("verdict.not_eligible").unescape() in person.card.text
    assert text("stage.finished").unescape() in person.card.text
    assert (await all_cases(clinic))["01-R-001"].stage == Stage.FINISHED
    await person.say("/cases")
    assert "01-R-001" not in person.card.text


@LANGUAGES
async def test_a_case_settled_early_can_be_completed_for_the_record(clinic: Clinic, language: str) -> None:
    """
    Complete the record goes on to the last question; the card says meanwhile that the case is not eligible.
    """
    person, text = await clinic.coordinator(language), words(language)
    await screen(person, "donor", relationship="unrelated", lidocaine_allergy=True)
    assert "D-I2" in person.card.text
    await person.press(text("button.complete"))
    assert asked(person.card) == "lidocaine_allergy"
    assert "🔴" in person.card.text
    await go_on(person, "donor", {**DONOR, "lidocaine_allergy": True})
    card = person.card.text
    assert text("verdict.not_eligible").unescape() in card
    failing = [line for line in card.splitlines() if line.startswith("✗")]
    assert [line.split()[1] for line in failing] == ["D-I2", "D-E1"]
    assert text("clause.donor.exclusion", number=1).unescape() in failing[1]
    assert (await all_cases(clinic))["01-D-001"].failing == "D-I2 D-E1"


async def test_a_verdict_settled_after_a_look_at_the_status_is_said_at_once(coordinator: Chatter) -> None:
    """
    Continue from the summary of a case half way: the next failing answer still offers to finish.
    """
    await screen(coordinator, "donor", until="relationship")
    await coordinator.say("/status 1-d-1")
    await coordinator.press("Continue")
    card = await coordinator.press("Unrelated")
    assert "D-I2" in card.text
    assert "Finish" in coordinator.labels


async def test_a_correction_unsettles_a_verdict(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The age was a slip: Back, the right one, and the questions go on.
    """
    await screen(coordinator, "recipient", age="17")
    await coordinator.press("Back")
    assert asked(coordinator.card) == "age"
    card = await coordinator.say("71")
    assert "R-I1" in card.text
    await coordinator.press("Back")
    card = await coordinator.say("44")
    assert asked(card) == "ssc_acr_eular_2013"
    assert [(row.value, row.reason) for row in await stored(clinic, "01-R-001")][1:] == [("71", "back"), ("44", "back")]


@LANGUAGES
async def test_a_summary_folds_what_passes(clinic: Clinic, language: str) -> None:
    """
    Details unfolds every criterion that passes, in words; Fewer details folds them again.
    """
    person, text = await clinic.coordinator(language), words(language)
    await screen(person, "donor")
    await person.say("/status 1-d-1")
    folded = person.card
    assert "D-E4" not in folded.text
    unfolded = await person.press(text("button.details"))
    assert unfolded.id == folded.id
    for criterion in (*(f"D-I{number}" for number in range(1, 6)), *(f"D-E{number}" for number in range(1, 5))):
        assert criterion in unfolded.text
    assert text("criterion.D-I2").unescape() in unfolded.text
    assert (await person.press(text("button.less"))).text == folded.text


async def test_the_summary_says_which_values_sit_on_a_limit(coordinator: Chatter) -> None:
    """
    A DLCO of 30 % and a PaO2 of 8 kPa do not exclude, and are marked.
    """
    await screen(coordinator, "recipient", dlco="30", pao2="8 kPa", mrss="16")
    assert "🟢" in coordinator.card.text
    line = next(line for line in coordinator.card.text.splitlines() if "On the limit" in line)
    assert "DLCO: 30 %" in line
    assert "8 kPa" in line
    assert "16" not in line


async def test_answers_that_contradict_each_other_are_raised_as_queries(coordinator: Chatter) -> None:
    """
    Positive PCR for HIV with a negative serology: the donor's summary lists Q8.
    """
    await screen(coordinator, "donor", positive_pcr=["hiv"])
    assert "Q8" in coordinator.card.text
    assert "🔴" in coordinator.card.text


async def test_the_summary_says_on_which_day_time_alone_changes_it(clinic: Clinic) -> None:
    """
    High-dose cyclophosphamide two months ago: not eligible today, and the day on which the wait ends is given.
    """
    clinic.now = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
    person = await clinic.coordinator()
    await screen(person, "recipient", cyclophosphamide_last_dose="4/3/2026")
    await person.press("Finish")
    assert "R-I3" in person.card.text
    recheck = [line for line in person.card.text.splitlines() if line.startswith("📅")]
    assert len(recheck) == 1
    assert recheck[0].startswith("📅 With time alone, from 4 Sep 2026: R-I3 ")
    assert recheck[0].endswith(" → open.")
    clinic.now = datetime(2026, 9, 4, 10, 0, tzinfo=UTC)
    card = await person.say("/status 1-r-1")
    assert "🔴" not in card.text
    assert "📅" not in card.text


async def test_what_is_open_for_lack_of_answers_is_named_in_a_status(coordinator: Chatter) -> None:
    """
    The summary of a case half way lists the open criteria with the missing items, and Continue goes on.
    """
    await screen(coordinator, "donor", until="relationship")
    card = await coordinator.say("/status 1-d-1")
    line = next(line for line in card.text.splitlines() if "D-E2" in line)
    for label in ("Other contraindication to donation", "Positive serology", "Positive PCR"):
        assert label in line
    assert "D-I1" not in card.text
    assert asked(await coordinator.press("Continue")) == "relationship"


async def test_everything_stored_stands_in_the_audit_trail(clinic: Clinic, coordinator: Chatter) -> None:
    """
    One entry for the case and one for each answer, by the coordinator.
    """
    keys = await screen(coordinator, "donor")
    entries = [entry for entry in await trail(clinic) if entry.entity == "01-D-001"]
    assert [entry.action for entry in entries] == ["case.open", *["answer"] * len(keys)]
    assert [entry.field for entry in entries[1:]] == keys
    assert {(entry.actor, entry.role) for entry in entries} == {(1, "coordinator")}


async def test_a_case_is_assessed_as_of_the_day_at_its_site(clinic: Clinic) -> None:
    """
    At 23:30 UTC it is the next day in Paris already, and a date of that day is not in the future.
    """
    clinic.now = datetime(2026, 5, 4, 23, 30, tzinfo=UTC)
    person = await clinic.coordinator()
    await screen(person, "recipient", until="cyclophosphamide_last_dose")
    await person.say("5/5/2026")
    assert (await values(clinic, "01-R-001"))["cyclophosphamide_last_dose"] == '"2026-05-05"'
    assert "5 May 2026" in (await person.say("/status 1-r-1")).text
    assert (await record_of(clinic, "01-R-001")).as_of.isoformat() == "2026-05-05"


@LANGUAGES
async def test_an_exclusion_that_is_ruled_out_does_not_read_as_one_that_is_there(clinic: Clinic, language: str) -> None:
    """
    Among what passes, "Lidocaine allergy" stands with a word that it is ruled out: its line differs in more than the
    sign from what a finding would say.
    """
    person, text = await clinic.coordinator(language), words(language)
    await screen(person, "donor")
    await person.press(text("button.details"))
    lines = person.card.text.splitlines()
    inclusion = next(line for line in lines if "D-I2" in line)
    exclusion = next(line for line in lines if "D-E1" in line)
    assert inclusion.endswith(text("criterion.D-I2").unescape())
    assert exclusion.removeprefix("✓ D-E1 ") != text("criterion.D-E1").unescape()


@LANGUAGES
async def test_a_screen_failure_shows_what_fails_and_folds_what_is_open(clinic: Clinic, language: str) -> None:
    """
    Details unfolds the open criteria with what each wants.
    """
    person, text = await clinic.coordinator(language), words(language)
    await skip(clinic, person, "recipient", until="ssc_acr_eular_2013")
    await person.say(text("value.no").unescape())
    await person.say("/status 1-r-1")
    open_title = text("summary.open_title").striptags()
    assert "R-I2" in person.card.text
    assert open_title not in person.card.text.splitlines()
    folded = text.count("summary.folded", 2).unescape().partition("2")[2].strip()
    assert folded in person.card.text
    await person.press(text("button.details"))
    assert open_title in person.card.text.splitlines()


@LANGUAGES
async def test_consent_is_signed_not_yet_or_refused(clinic: Clinic, language: str) -> None:
    """
    "Not yet" is awaited and excludes nobody; it can be typed too, and "not signed" is no refusal.
    """
    person, text = await clinic.coordinator(language), words(language)
    await skip(clinic, person, "donor", until="consent_signed")
    for choice in ("yes", "awaited", "no"):
        assert text(f"value.consent_signed.{choice}").unescape() in person.labels
    await person.say("not signed" if language == "en" else "non signé")
    assert (await values(clinic, "01-D-001"))["consent_signed"] is None
    await skip(clinic, person, "donor", until="consent_signed")
    await person.press(text("value.consent_signed.no").unescape())
    assert (await values(clinic, "01-D-002"))["consent_signed"] == "false"
