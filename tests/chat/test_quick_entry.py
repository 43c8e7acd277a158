"""
A list of values in one message: read, shown, confirmed, stored at once, and taken back.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot import taps
from bot.rules.assessment import Verdict
from bot.rules.items import Several
from bot.rules.versions import LATEST
from bot.taps import LIMIT, decode
from bot.texts import words
from db.base.tables import PersonRole, Source
from tests.chat.conversation import (
    AWAITED,
    asked,
    data,
    everything,
    find,
    open_case,
    record_of,
    skip,
    stored,
    trail,
    typed,
    values,
)
from tests.chat.conversation import WELL as ALL_WELL
from tests.chat.lists import screen_by_lists
from tests.chat.staff import add_member, add_site
from tests.conftest import Chatter, Clinic

NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
CODE = "01-R-001"


def label(person: Chatter, key: str, number: int | None = None, **about: object) -> str:
    """
    The words on a button.
    """
    text = words(person.language)
    return (text(key, **about) if number is None else text.count(key, number, **about)).unescape()


async def store(person: Chatter, number: int) -> None:
    """
    Confirm a list of so many values.
    """
    await person.press(label(person, "button.store", number))


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_a_list_is_shown_first_and_stored_at_once_when_it_is_confirmed(clinic: Clinic, language: str) -> None:
    """
    At any question: nothing is stored by the message, all by the press, each with an audit entry; the next question is
    the one that still matters, and the typed text is gone.
    """
    clinic.now = NOW
    person = await clinic.coordinator(language)
    await open_case(person, "recipient")
    first = asked(person.card)
    before = await everything(clinic)
    await person.say("DLCO 58 % ; CVF 66\nHb: 11,2 g/dL; PNN 3,1 G/L")
    assert await everything(clinic) == before
    card = person.card.text.replace("\u202f", " ").replace("\xa0", " ")
    shown = ("58", "66", "11,2 g/dL", "3,1") if language == "fr" else ("58", "66", "11.2 g/dL", "3.1")
    assert all(one in card for one in shown)
    assert len(person.api.chat(person.user_id)) == 1
    await store(person, 4)
    rows = await stored(clinic, CODE)
    assert {row.item: row.value for row in rows} == {
        "dlco": "58",
        "fvc": "66",
        "haemoglobin": "11.2",
        "neutrophils": "3.1",
    }
    assert {(row.source, row.batch) for row in rows} == {(Source.QUICK_ENTRY, 1)}
    entries = [entry.field for entry in await trail(clinic) if entry.action == "answer"]
    assert sorted(filter(None, entries)) == sorted(row.item for row in rows)
    assert asked(person.card) == first


async def test_a_value_alone_is_still_the_answer_to_its_question(clinic: Clinic) -> None:
    """
    With its own name before it or without; and with the day of the examination behind it, which is kept.
    """
    clinic.now = NOW
    person = await clinic.coordinator()
    await skip(clinic, person, "recipient", until="dlco")
    await person.say("DLCO 58 % 12/4")
    assert (await values(clinic, CODE))["dlco"] == "58"
    [row] = [row for row in await stored(clinic, CODE) if row.item == "dlco"]
    assert (row.source, row.examined_on and row.examined_on.isoformat()) == (Source.ASKED, "2026-04-12")


async def test_a_day_after_a_value_without_its_name_is_that_of_the_examination(clinic: Clinic) -> None:
    """
    `58 % 12/10`, at the value's own question.
    """
    clinic.now = NOW
    person = await clinic.coordinator()
    await skip(clinic, person, "recipient", until="dlco")
    await person.say("58 % 12/10")
    [row] = [row for row in await stored(clinic, CODE) if row.item == "dlco"]
    assert (row.value, row.examined_on and row.examined_on.isoformat()) == ("58", "2025-10-12")


async def test_each_value_can_be_left_out_and_the_whole_be_cancelled(clinic: Clinic) -> None:
    """
    What is left out is not stored; a cancelled list leaves nothing, and the question stands again.
    """
    clinic.now = NOW
    person = await clinic.coordinator()
    await open_case(person, "recipient")
    await person.say("dlco 58 fvc 66 lvef 60")
    await person.press("✗ FVC")
    assert "66" not in person.card.text
    await store(person, 2)
    assert (await values(clinic, CODE)).keys() == {"dlco", "lvef"}
    question = asked(person.card)
    await person.say("fvc 66")
    await person.press("Cancel")
    assert asked(person.card) == question
    assert (await values(clinic, CODE)).keys() == {"dlco", "lvef"}


async def test_a_name_that_fits_two_items_is_asked_about(clinic: Clinic) -> None:
    """
    The reading of the pressure that is meant is chosen, never guessed.
    """
    clinic.now = NOW
    person = await clinic.coordinator()
    await open_case(person, "recipient")
    await person.say("dlco 58, bp 165/95")
    choices = [decode(one) for one in data(person.card)]
    chosen = [tap for tap in choices if isinstance(tap, taps.Listed) and tap.action == "is"]
    assert len(chosen) == 2
    await person.tap(chosen[1].data)
    await store(person, 2)
    assert await values(clinic, CODE) == {"dlco": "58", "bp_second": '"165/95"'}


async def test_unusual_and_approximate_values_are_marked_and_confirmed_with_all(clinic: Clinic) -> None:
    """
    One press stores them: it was said beforehand what is to be looked at.
    """
    clinic.now = NOW
    person = await clinic.coordinator()
    await open_case(person, "recipient")
    await person.say("dlco 8 fvc ~66")
    assert "unusual" in person.card.text
    assert "approximate" in person.card.text
    await store(person, 2)
    assert (await values(clinic, CODE)).keys() == {"dlco", "fvc"}


async def test_what_is_refused_or_not_understood_is_told_by_line(clinic: Clinic) -> None:
    """
    The rest can still be stored.
    """
    clinic.now = NOW
    person = await clinic.coordinator()
    await open_case(person, "recipient")
    await person.say("dlco 58\nfvc 900\nhello there")
    assert "line 2, FVC: “fvc 900”" in person.card.text
    assert "line 3: “hello there”" in person.card.text
    await store(person, 1)
    assert await values(clinic, CODE) == {"dlco": "58"}


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "The limit of 60 % predicted lies within"), ("fr", "La limite de 60 % de la théorique y est comprise")],
)
async def test_a_line_with_a_limit_within_its_number_is_told_the_limit(
    clinic: Clinic, language: str, said: str
) -> None:
    """
    Also where the list waited over a restart, and a value of it is left out.
    """
    clinic.now = NOW
    person = await clinic.coordinator(language)
    await open_case(person, "recipient")
    assert said in (await person.say("fvc 66\nlvef 60\ndlco 55-65")).text
    await clinic.restart()
    assert said in (await person.press("✗ LVEF" if language == "en" else "✗ FEVG")).text


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    "line", ["Marie Dupont", "M. Dupont, 06 12 34 56 78", "NIR 2 84 05 75 123 456 78", "fvc Marie Dupont"]
)
async def test_what_looks_personal_is_neither_shown_nor_kept(clinic: Clinic, language: str, line: str) -> None:
    """
    Neither on the card nor in the chat's row; the values beside it can be stored.
    """
    clinic.now = NOW
    person = await clinic.coordinator(language)
    await open_case(person, "recipient")
    await person.say(f"dlco 58\n{line}")
    assert not any(one in person.card.text for one in ("Dupont", "12 34", "84 05"))
    async with clinic.application.database.engine.connect() as connection:
        rows = await connection.exec_driver_sql("SELECT draft FROM chats")
        assert not any("Dupont" in (draft or "") or "12 34" in (draft or "") for (draft,) in rows)
    await store(person, 1)
    assert await values(clinic, CODE) == {"dlco": "58"}


async def test_a_list_that_changes_answers_wants_one_reason_for_all(clinic: Clinic) -> None:
    """
    Old and new stand side by side; the reason is chosen by button, and only what changes has it.
    """
    clinic.now = NOW
    person = await clinic.coordinator()
    await skip(clinic, person, "recipient", until="lvef")
    await person.say("dlco 40 lvef 60 mrss 22")
    assert "58.5 % predicted → 40 % predicted" in person.card.text
    assert "As it stands already: Modified Rodnan skin score (mRSS)" in person.card.text
    await person.press("✓ Store all 2: New result")
    rows = (await stored(clinic, CODE))[-2:]
    assert {(row.item, row.value, row.reason) for row in rows} == {("dlco", "40", "new"), ("lvef", "60", None)}


async def test_another_reason_is_typed(clinic: Clinic) -> None:
    """
    A name in it is refused, and further results are; nothing is stored until it is given.
    """
    clinic.now = NOW
    person = await clinic.coordinator()
    await skip(clinic, person, "recipient", until="lvef")
    await person.say("dlco 40")
    before = await everything(clinic)
    await person.press("✓ Store it: Other reason")
    await person.say("told by Marie Dupont")
    assert await everything(clinic) == before
    await person.say("fvc 66")  # the next sheet at hand is no reason
    assert await everything(clinic) == before
    await person.say("measured again after a bronchodilator")
    row = (await stored(clinic, CODE))[-1]
    assert (row.item, row.value, row.reason) == ("dlco", "40", "measured again after a bronchodilator")


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_a_reason_is_typed_where_a_list_asks_why(clinic: Clinic, language: str) -> None:
    """
    As an edit takes one; a yes, a name, or what has digits and is no value is none. Where nothing changes no reason is
    asked, and words are not understood.
    """
    text = words(language)
    clinic.now = NOW
    person = await clinic.coordinator()
    await skip(clinic, person, "recipient", until="lvef")
    await person.say(f"/language {language}")
    await person.say("dlco 40")
    before = await everything(clinic)
    for said, key in (
        ("oui", "reason_yes"),
        ("annuler", "reason_yes"),
        ("Marie Dupont", "reason_personal"),
        ("fcv 60", "quick_waits"),
    ):
        assert text.plain(f"note.{key}") in (await person.say(said)).text
    assert await everything(clinic) == before
    for confirms in (text.plain("button.cancel"), text.plain("button.confirm")):
        await person.say("dlco 40")
        card = await person.say("décision collégiale")
        assert text("quick.said", reason="décision collégiale").unescape() in card.text
        assert await everything(clinic) == before
        await person.press(confirms)
    row = (await stored(clinic, CODE))[-1]
    assert (row.item, row.value, row.reason) == ("dlco", "40", "décision collégiale")
    await person.say("lvef 60, cd4 600")
    before = await everything(clinic)
    assert text.plain("note.quick_waits") in (await person.say("décision collégiale")).text
    assert await everything(clinic) == before


async def test_a_list_is_read_from_the_menu_with_a_code_in_front(clinic: Clinic) -> None:
    """
    And on the summary and its details without; the case comes into focus.
    """
    clinic.now = NOW
    person = await clinic.coordinator()
    await skip(clinic, person, "recipient", cd4=AWAITED)
    await person.press("Details")
    await person.say("cd4 600")
    await person.press("Cancel")
    await person.press("Menu")
    await person.say("1-r-1 cd4 600")
    await store(person, 1)
    assert (await values(clinic, CODE))["cd4"] == "600"
    assert "eligible on the data entered" in person.card.text.casefold()


async def test_a_code_in_front_of_what_is_no_list_leaves_the_case_in_focus(clinic: Clinic) -> None:
    """
    The next answer is for the question that the card still asks.
    """
    clinic.now = NOW
    person = await clinic.coordinator()
    for _ in range(2):
        await open_case(person, "recipient")
    await person.say(f"/resume {CODE}")
    key = asked(person.card)
    card = await person.say("01-R-002 ask the ward again")
    assert (asked(card), CODE in card.text) == (key, True)
    await person.say("58")
    assert (await values(clinic, CODE))["age"] == "58"
    assert await values(clinic, "01-R-002") == {}


async def test_an_awaited_result_takes_two_messages(clinic: Clinic) -> None:
    """
    The text, and its confirmation.
    """
    clinic.now = NOW
    person = await clinic.coordinator()
    await skip(clinic, person, "recipient", cd4=AWAITED)
    await person.say("/cancel")
    await person.say(f"{CODE} CD4 350/mm3")
    await store(person, 1)
    assert (await values(clinic, CODE))["cd4"] == "350"


async def test_a_text_without_a_name_stays_what_it_was(clinic: Clinic) -> None:
    """
    At a question it is refused as before, on a summary nothing was asked.
    """
    clinic.now = NOW
    person = await clinic.coordinator()
    await open_case(person, "recipient")
    key = asked(person.card)
    await person.say("hello")
    assert asked(person.card) == key
    await person.say(f"/status {CODE}")
    await person.say("hello")
    assert "Nothing was asked" in person.card.text


async def test_a_restart_between_the_card_and_the_press_loses_nothing(clinic: Clinic) -> None:
    """
    What waits lives in the database.
    """
    clinic.now = NOW
    person = await clinic.coordinator()
    await open_case(person, "recipient")
    await person.say("dlco 58 fvc 66")
    await clinic.restart()
    await store(person, 2)
    assert await values(clinic, CODE) == {"dlco": "58", "fvc": "66"}


async def test_a_second_text_joins_the_list_that_waits(clinic: Clinic) -> None:
    """
    Of two values of an item the later counts; the buttons of the first card change nothing more.
    """
    clinic.now = NOW
    person = await clinic.coordinator()
    await open_case(person, "recipient")
    await person.say("dlco 58 fvc 66")
    old = find(person.card, lambda tap: isinstance(tap, taps.Listed) and tap.action == "all")
    assert old is not None
    await person.say("fvc 70 lvef 60")
    before = await everything(clinic)
    await person.tap(old)
    assert await everything(clinic) == before
    await store(person, 3)
    assert await values(clinic, CODE) == {"dlco": "58", "fvc": "70", "lvef": "60"}


async def test_a_press_for_an_earlier_state_of_the_case_changes_nothing(clinic: Clinic) -> None:
    """
    Somebody else answered since: the list is shown anew beside the answers as they stand, and can then be stored.
    """
    clinic.now = NOW
    person = await clinic.coordinator()
    colleague = await add_member(clinic, 202, (PersonRole.COORDINATOR, 1))
    await open_case(person, "recipient")
    await person.say("dlco 58 fvc 66")
    button = find(person.card, lambda tap: isinstance(tap, taps.Listed) and tap.action == "all")
    assert button is not None
    await colleague.say(f"/resume {CODE}")
    await colleague.say("45")
    before = await everything(clinic)
    await person.tap(button)
    assert await everything(clinic) == before
    await store(person, 2)
    assert (await values(clinic, CODE)).keys() == {"age", "dlco", "fvc"}
    assert asked(person.card) == asked(colleague.card)


async def test_a_list_pressed_twice_is_stored_once(clinic: Clinic) -> None:
    """
    The second press finds nothing that waits.
    """
    clinic.now = NOW
    person = await clinic.coordinator()
    await open_case(person, "recipient")
    await person.say("dlco 58 fvc 66")
    button = find(person.card, lambda tap: isinstance(tap, taps.Listed) and tap.action == "all")
    assert button is not None
    await person.tap(button)
    before = await everything(clinic)
    await person.tap(button)
    assert await everything(clinic) == before


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_a_list_is_taken_back_as_a_whole_for_ten_minutes(clinic: Clinic, language: str) -> None:
    """
    What stood before stands again, what was unanswered is unanswered, and the history tells of both.
    """
    clinic.now = NOW
    person = await clinic.coordinator(language)
    await skip(clinic, person, "recipient", until="lvef")
    before = (await record_of(clinic, CODE)).facts
    await person.say("dlco 40 lvef 60")
    await person.press(label(person, "button.store_because", 2, reason=label(person, "reason.new")))
    assert (await record_of(clinic, CODE)).facts["dlco"] == Decimal(40)
    clinic.now = NOW + timedelta(minutes=10)
    await person.press(label(person, "button.take_back", 2))
    record = await record_of(clinic, CODE)
    assert record.facts == before
    assert "lvef" not in record.current
    assert asked(person.card) == "lvef"
    await person.say(f"/history {CODE}")
    assert label(person, "history.source.taken_back") in person.card.text
    assert label(person, "history.source.quick_entry") in person.card.text


async def test_after_ten_minutes_it_is_not_taken_back_any_more(clinic: Clinic) -> None:
    """
    The button of the old card changes nothing, and the next card has none.
    """
    clinic.now = NOW
    person = await clinic.coordinator()
    await open_case(person, "recipient")
    await person.say("dlco 40 fvc 60")
    await store(person, 2)
    button = find(person.card, lambda tap: isinstance(tap, taps.TakeBack))
    assert button is not None
    clinic.now = NOW + timedelta(minutes=10, seconds=1)
    before = await everything(clinic)
    await person.tap(button)
    assert await everything(clinic) == before
    assert find(person.card, lambda tap: isinstance(tap, taps.TakeBack)) is None


async def test_a_result_has_its_day_and_source_by_one_tap_each(clinic: Clinic) -> None:
    """
    After a single one as after a list; shown wherever the value is, and the answer itself is not given anew.
    """
    clinic.now = NOW
    person = await clinic.coordinator()
    await skip(clinic, person, "recipient", until="dlco", dlco="66")
    await person.say("58")
    await person.press("Yesterday")
    await person.press("Other day, source")
    await person.press("lung function")
    given = (await record_of(clinic, CODE)).current["dlco"]
    assert (given.text, given.examined.on and given.examined.on.isoformat(), given.examined.by) == (
        "58",
        "2026-05-03",
        "lung_function",
    )
    said = "58 % predicted (3 May 2026, lung function)"
    assert said in person.card.text
    await person.say(f"/history {CODE}")
    assert said in person.card.text
    await person.say(f"/why {CODE} R-I3a")
    assert "3 May 2026, lung function" in person.card.text


async def test_a_day_of_the_list_itself_is_not_overwritten(clinic: Clinic) -> None:
    """
    A day in front of values is theirs; a tap gives one to the others, and can be corrected.
    """
    clinic.now = NOW
    person = await clinic.coordinator()
    await open_case(person, "recipient")
    await person.say("PFT 12/4: dlco 58\nlvef 60")
    await store(person, 2)
    await person.press("Today")
    await person.press("Yesterday")
    current = (await record_of(clinic, CODE)).current
    days = {key: given.examined.on and given.examined.on.isoformat() for key, given in current.items()}
    assert days["dlco"] == "2026-04-12"
    assert current["dlco"].examined.by == "lung_function"
    assert days["lvef"] in {"2026-05-03", "2026-04-12"}


async def test_another_day_or_source_is_typed(clinic: Clinic) -> None:
    """
    A day that is yet to come, or a name, is refused; nothing of them is stored.
    """
    clinic.now = NOW
    person = await clinic.coordinator()
    await open_case(person, "recipient")
    await person.say("lvef 60")
    await store(person, 1)
    await person.press("Other day, source")
    before = await everything(clinic)
    for text in ("5/5/2027", "Marie Dupont", "31/2/2026", "oui", "no", "..."):
        await person.say(text)
        assert await everything(clinic) == before, text
    await person.say("2/5")
    await person.say("cardiac mri")
    await person.press("Yes, store it")
    examined = (await record_of(clinic, CODE)).current["lvef"].examined
    assert (str(examined.on), examined.by, examined.words) == ("2026-05-02", "other", "cardiac mri")


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_words_become_the_source_of_a_list_once_confirmed(clinic: Clinic, language: str) -> None:
    """
    Whatever is said is asked about, of how many results; a yes before it is none, and one after it confirms.
    """
    text = words(language)
    clinic.now = NOW
    person = await clinic.coordinator()
    await open_case(person, "recipient")
    await person.say(f"/language {language}")
    await person.say("lvef 60, fvc 70, dlco 50")
    await person.press(text.count("button.store", 3).unescape())
    await person.press(text.plain("button.other_day"))
    stood = await everything(clinic)
    assert text.plain("note.day_expected") in (await person.say("oui")).text
    assert text.plain("note.source_personal") in (await person.say("Marie Dupont")).text
    for said in ("appareil mal étalonné", "autre appareil"):
        assert (
            text.count("day.confirm", 3, said=said).unescape().split("<b>")[-1].split("</b>")[0]
            in (await person.say(said)).text
        )
    assert await everything(clinic) == stood
    await person.press(text.plain("button.retype"))
    assert await everything(clinic) == stood
    await person.say("autre appareil")
    await person.say("oui")
    current = (await record_of(clinic, CODE)).current
    assert {current[key].examined.words for key in ("lvef", "fvc", "dlco")} == {"autre appareil"}


async def test_only_who_screens_at_the_site_enters_lists(clinic: Clinic) -> None:
    """
    A monitor is told so, a coordinator of another site finds no such case, and nothing is stored.
    """
    clinic.now = NOW
    person = await clinic.coordinator()
    await skip(clinic, person, "recipient", cd4=AWAITED)
    site = await add_site(clinic)
    monitor = await add_member(clinic, 301, (PersonRole.MONITOR, 1))
    stranger = await add_member(clinic, 302, (PersonRole.COORDINATOR, site))
    before = await everything(clinic)
    await monitor.say(f"/status {CODE}")
    await monitor.say("cd4 600")
    assert "Nothing was asked" in monitor.card.text
    await monitor.say(f"{CODE} cd4 600")
    assert find(monitor.card, lambda tap: isinstance(tap, taps.Listed)) is None
    await stranger.say(f"{CODE} cd4 600")
    other = (await stranger.say("01-R-999 cd4 600")).text
    await stranger.say(f"{CODE} cd4 600")
    assert stranger.card.text == other.replace("01-R-999", CODE)
    assert await everything(clinic) == before


def longest() -> str:
    """
    A value of every item of a recipient, as long as it gets.
    """
    lines = []
    for item in LATEST.recipient.items:
        raw: Any = ALL_WELL["recipient"].get(item.key)
        if isinstance(item, Several):
            lines.append(f"{item.key}=" + "+".join(item.options))
        elif raw is not None:
            said = {True: "yes", False: "no"}.get(raw, raw) if isinstance(raw, bool) else raw
            lines.append(f"{item.key}={said}")
    return "\n".join(lines)


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_whatever_is_stored_was_shown_however_long_the_list(clinic: Clinic, language: str) -> None:
    """
    Within what Telegram takes, text and buttons: a long list is stored card by card.
    """
    clinic.now = NOW
    person = await clinic.coordinator(language)
    await open_case(person, "recipient")
    await person.say(longest())
    text, seen = words(person.language), set()
    while (button := find(person.card, lambda tap: isinstance(tap, taps.Listed) and tap.action == "all")) is not None:
        shown = person.card.text
        assert len(shown) <= 4096
        assert "…" not in shown
        assert all(len(one.encode()) <= LIMIT for one in data(person.card))
        before = set(await values(clinic, CODE))
        await person.tap(button)
        new = set(await values(clinic, CODE)) - before
        assert all(text.label(LATEST.recipient.item[key], "recipient").unescape() in shown for key in new)
        seen |= new
    assert len(seen) >= 48


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_a_text_of_before_the_card_is_not_taken_for_it(clinic: Clinic, language: str) -> None:
    """
    It was written for what stood there before.
    """
    clinic.now = NOW
    person = await clinic.coordinator(language)
    await skip(clinic, person, "recipient", cd4=AWAITED)
    before = await everything(clinic)
    person.api.put(typed(person, "cd4 600", ago=timedelta(minutes=5)))
    await person.look()
    assert await everything(clinic) == before
    assert label(person, "note.moved_on") in person.card.text


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_an_eligible_recipient_takes_at_most_fifteen_messages(clinic: Clinic, language: str) -> None:
    """
    The opening of the case, six lists, and their confirmations.
    """
    clinic.now = NOW
    person = await clinic.coordinator(language)
    assert await screen_by_lists(person) <= 15
    assert (await record_of(clinic, CODE)).assessment.verdict is Verdict.ELIGIBLE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cd4 1,510", "(in digits: 1510"),
        ("hb 11,250", "comma or point read as the decimal sign"),
        ("asat 2 N", "one of the two alone: the higher of AST and ALT is meant"),
        ("asat 2 N, alat 3 N", "the higher of the two given"),
    ],
)
async def test_what_could_be_meant_otherwise_says_how_it_was_read(clinic: Clinic, text: str, said: str) -> None:
    """
    A comma before three digits, and one enzyme or both.
    """
    clinic.now = NOW
    person = await clinic.coordinator()
    await open_case(person, "recipient")
    assert said in (await person.say(text)).text
    assert await stored(clinic, CODE) == []


async def test_a_number_with_two_readings_is_confirmed_at_its_question(clinic: Clinic) -> None:
    """
    With its digits, as the comma of the echo could be misread itself.
    """
    clinic.now = NOW
    person = await clinic.coordinator()
    await skip(clinic, person, "recipient", until="cd4")
    card = await person.say("1,510")
    assert "in digits: 1510" in card.text
    assert "cd4" not in await values(clinic, CODE)
    await person.press("Yes, store it")
    assert (await values(clinic, CODE))["cd4"] == "1510"


async def test_a_result_that_waits_as_the_highest_is_not_replaced_by_another_one_unasked(clinic: Clinic) -> None:
    """
    AST in one message and ALT in the next: which of them is the higher is chosen, and nothing stands before.
    """
    clinic.now = NOW
    person = await clinic.coordinator()
    await skip(clinic, person, "recipient", until="dlco")
    await person.say("ASAT 4N")
    card = await person.say("ALAT 1N")
    assert "4 \N{MULTIPLICATION SIGN} ULN" in card.text
    assert "1 \N{MULTIPLICATION SIGN} ULN" in card.text
    assert not [label for label in person.labels if "Store" in label]
    await person.press(next(label for label in person.labels if "4" in label))
    await person.press(next(label for label in person.labels if "Store" in label))
    assert {row.item: row.value for row in await stored(clinic, CODE)}["transaminases_xuln"] == "4"
