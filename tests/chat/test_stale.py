"""
What comes late, twice, out of order or from nowhere changes nothing, and shows where things stand.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from bot import taps
from bot.emulator.parameters import Parameters, bad_request
from bot.taps import Complete, Done, Finish, Pause, Pick, Toggle
from bot.texts import words
from db.base.tables import Stage
from tests.chat.conversation import (
    AWAITED,
    all_cases,
    asked,
    everything,
    find,
    open_case,
    skip,
    stored,
    typed,
    values,
)
from tests.conftest import Chatter, Clinic

STALE = words("en")("toast.stale").unescape()
APOLOGY = words("en")("apology", reference="").striptags()[:20]


def answer_tap(person: Chatter, choice: str) -> str:
    """
    What the button for a choice on the card carries.
    """
    found = find(person.card, lambda tap: isinstance(tap, Pick) and tap.choice == choice)
    assert found is not None
    return found


def refuse_to_delete(person: Chatter) -> Callable[[Parameters], object]:
    """
    Let Telegram refuse to delete messages, as it does with old ones, and return what did it before.
    """

    def refuse(_: Parameters) -> object:
        raise bad_request("message can't be deleted for everyone")

    before = person.api._methods["deletemessage"]  # noqa: SLF001  Telegram has no such switch
    person.api._methods["deletemessage"] = refuse  # noqa: SLF001  as above
    return before


async def test_a_button_of_an_earlier_question_answers_nothing(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The old Yes, pressed later, is not a Yes to the question of now.
    """
    await skip(clinic, coordinator, "donor", until="pregnant")
    old = answer_tap(coordinator, "no")
    await coordinator.tap(old)
    before = await everything(clinic)
    card = await coordinator.tap(old)
    assert asked(card) == "effective_contraception"
    assert coordinator.toasts == [STALE]
    assert await everything(clinic) == before


async def test_a_double_tap_stores_one_answer(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Two presses before the card has changed.
    """
    await skip(clinic, coordinator, "donor", until="consent_signed")
    yes = answer_tap(coordinator, "yes")
    for _ in range(3):
        coordinator.api.press(coordinator.user_id, coordinator.card.id, yes)
    card = await coordinator.look()
    assert asked(card) == "social_security"
    assert [row.item for row in await stored(clinic, "01-D-001")].count("consent_signed") == 1
    assert "social_security" not in await values(clinic, "01-D-001")


async def test_yes_then_no_in_haste_keeps_the_first(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The second press was made on a card already answered; Back corrects it.
    """
    await skip(clinic, coordinator, "donor", until="consent_signed")
    for choice in ("yes", "no"):
        coordinator.api.press(coordinator.user_id, coordinator.card.id, answer_tap(coordinator, choice))
    await coordinator.look()
    assert (await values(clinic, "01-D-001"))["consent_signed"] == "true"


async def test_a_double_tap_on_an_option_ticks_it_once(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The button says whether it ticks or unticks.
    """
    await skip(clinic, coordinator, "donor", until="positive_serology")
    hiv = find(coordinator.card, lambda tap: isinstance(tap, Toggle) and tap.option == "hiv")
    for _ in range(2):
        coordinator.api.press(coordinator.user_id, coordinator.card.id, str(hiv))
    await coordinator.look()
    assert "☑ HIV-1/2" in coordinator.labels
    await coordinator.press("Done (1)")
    assert (await values(clinic, "01-D-001"))["positive_serology"] == '["hiv"]'


async def test_none_of_these_right_after_a_tick_is_not_stored(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Done takes the place of None of these: pressed there before the card has changed, the tick is not thrown away.
    """
    await skip(clinic, coordinator, "donor", until="positive_serology")
    hiv = find(coordinator.card, lambda tap: isinstance(tap, Toggle) and tap.option == "hiv")
    none = answer_tap(coordinator, taps.NONE)
    coordinator.api.press(coordinator.user_id, coordinator.card.id, str(hiv))
    coordinator.api.press(coordinator.user_id, coordinator.card.id, none)
    await coordinator.look()
    assert (await values(clinic, "01-D-001")).get("positive_serology") in {None, '["hiv"]'}


async def test_done_right_after_the_last_untick_does_not_answer_none(clinic: Clinic, coordinator: Chatter) -> None:
    """
    None of these takes the place of Done: pressed there before the card has changed, nothing was chosen.
    """
    await skip(clinic, coordinator, "donor", until="positive_serology")
    await coordinator.press("HIV")
    hiv = find(coordinator.card, lambda tap: isinstance(tap, Toggle) and tap.option == "hiv")
    done = find(coordinator.card, lambda tap: isinstance(tap, Done))
    coordinator.api.press(coordinator.user_id, coordinator.card.id, str(hiv))
    coordinator.api.press(coordinator.user_id, coordinator.card.id, str(done))
    await coordinator.look()
    assert "positive_serology" not in await values(clinic, "01-D-001")


async def test_a_button_of_another_case_changes_neither(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Two cases stand at the same question; the first one's button is pressed while the second is in focus.
    """
    await skip(clinic, coordinator, "donor", until="consent_signed")
    old = answer_tap(coordinator, "yes")
    await skip(clinic, coordinator, "donor", until="consent_signed")
    before = await everything(clinic)
    card = await coordinator.tap(old)
    assert "01-D-002" in card.text
    assert asked(card) == "consent_signed"
    assert await everything(clinic) == before


async def test_a_button_of_a_finished_case_changes_nothing(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Finish, Complete and the answers of a case that was finished since show its summary.
    """
    await skip(clinic, coordinator, "donor", until="relationship")
    answer_ = answer_tap(coordinator, "sibling")
    await coordinator.press("Unrelated")
    finish = find(coordinator.card, lambda tap: isinstance(tap, Finish))
    complete = find(coordinator.card, lambda tap: isinstance(tap, Complete))
    await coordinator.press("Finish")
    before = await everything(clinic)
    for old in (answer_, finish, complete):
        card = await coordinator.tap(str(old))
        assert words("en")("stage.finished").unescape() in card.text
        assert await everything(clinic) == before


async def test_an_old_complete_does_not_hide_the_next_verdict(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Complete the record was for a verdict since corrected: the next one is shown as soon as it is settled.
    """
    await skip(clinic, coordinator, "donor", until="relationship")
    await coordinator.press("Unrelated")
    complete = find(coordinator.card, lambda tap: isinstance(tap, Complete))
    await coordinator.press("Back")
    await coordinator.press("Spouse")
    before = await everything(clinic)
    await coordinator.tap(str(complete))
    assert await everything(clinic) == before
    card = await coordinator.press("Yes")
    assert "D-E1" in card.text
    assert any("Finish" in label for label in coordinator.labels)


async def test_an_old_finish_does_not_finish_a_case_corrected_since(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Finish was for a verdict that no longer holds.
    """
    await skip(clinic, coordinator, "donor", until="relationship")
    await coordinator.press("Unrelated")
    finish = find(coordinator.card, lambda tap: isinstance(tap, Finish))
    await coordinator.press("Back")
    await coordinator.press("Spouse")
    await coordinator.tap(str(finish))
    assert (await all_cases(clinic))["01-D-001"].stage == Stage.SCREENING
    assert coordinator.toasts[-1] == STALE


async def test_finish_does_not_finish_a_case_that_time_has_opened_again(clinic: Clinic) -> None:
    """
    Not eligible for a wait that ended overnight: the Finish of yesterday is stale today.
    """
    clinic.now = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
    person = await clinic.coordinator()
    await skip(clinic, person, "recipient", until="cyclophosphamide_last_dose")
    await person.say("5/11/2025")
    finish = find(person.card, lambda tap: isinstance(tap, Finish))
    clinic.now = datetime(2026, 5, 5, 10, 0, tzinfo=UTC)
    await person.tap(str(finish))
    assert (await all_cases(clinic))["01-R-001"].stage == Stage.SCREENING
    assert asked(person.card) is not None


async def test_only_the_value_on_the_card_is_confirmed(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The confirmation of 15 does not store the 14 typed since.
    """
    await open_case(coordinator, "donor")
    await coordinator.say("15")
    old = find(coordinator.card, lambda tap: isinstance(tap, taps.Confirm))
    await coordinator.say("14")
    card = await coordinator.tap(str(old))
    assert "14" in card.text
    assert await stored(clinic, "01-D-001") == []
    await coordinator.press("Yes, store it")
    assert await values(clinic, "01-D-001") == {"age": "14"}


async def test_a_button_of_an_older_card_in_the_same_chat_works_or_is_stale(
    clinic: Clinic, coordinator: Chatter
) -> None:
    """
    An older card that Telegram still shows, because it could not be removed: pressed, it becomes the only card.
    """
    await skip(clinic, coordinator, "donor", until="relationship")
    remove = refuse_to_delete(coordinator)
    older = coordinator.card
    await coordinator.say("/start")
    coordinator.api._methods["deletemessage"] = remove  # noqa: SLF001
    newer = coordinator.card
    assert newer.id > older.id
    await coordinator.press("Spouse", older)
    shown = [message for message in coordinator.api.chat(coordinator.user_id) if message.from_bot]
    assert [message.id for message in shown] == [older.id]
    assert asked(shown[0]) == "lidocaine_allergy"
    await coordinator.tap(find(newer, lambda tap: isinstance(tap, Pause)) or "", newer)
    assert len([message for message in coordinator.api.chat(coordinator.user_id) if message.from_bot]) == 1


async def test_a_press_on_a_card_that_is_gone_shows_the_state_anew(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The person deleted the card while their press was on its way: the answer counts, and there is a card again.
    """
    await skip(clinic, coordinator, "donor", until="consent_signed")
    yes, card = answer_tap(coordinator, "yes"), coordinator.card
    await coordinator.api.call("deleteMessage", {"chat_id": coordinator.user_id, "message_id": card.id})
    coordinator.api.press(coordinator.user_id, card.id, yes)
    await coordinator.look()
    assert asked(coordinator.card) == "social_security"
    assert (await values(clinic, "01-D-001"))["consent_signed"] == "true"


async def test_two_texts_sent_at_once_do_not_answer_two_questions(clinic: Clinic, coordinator: Chatter) -> None:
    """
    A value and its correction, delivered together within a second: the correction is not the next question's answer.
    """
    await skip(clinic, coordinator, "recipient", until="dlco")
    coordinator.api.send(coordinator.user_id, "66")
    coordinator.api.send(coordinator.user_id, "56")
    await coordinator.look()
    found = await values(clinic, "01-R-001")
    assert found["dlco"] in {"66", "56"}
    assert "fvc" not in found


async def test_the_same_update_twice_is_one_answer(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Telegram delivers again what it takes for undelivered, before or after a restart.
    """
    await open_case(coordinator, "donor")
    update = typed(coordinator, "45")
    update_id = coordinator.api.waiting[-1]["update_id"]
    await coordinator.look()
    coordinator.api.put({"update_id": update_id, **update})
    coordinator.api.put({"update_id": update_id, **update})
    await coordinator.look()
    await clinic.restart()
    coordinator.api.put({"update_id": update_id, **update})
    await coordinator.look()
    assert [row.value for row in await stored(clinic, "01-D-001")] == ["45"]
    assert asked(coordinator.card) == "sex"


JUNK = [
    "",
    "x",
    "a",
    "a:",
    "a:1",
    "a:1:0:age",
    "zz:1:0:age:yes",
    "a:one:0:age:45",
    "a:1:0.5:age:45",
    ":" * 64,
    "9" * 64,
    "a:" + "9" * 62,
    "\u00e9" * 32,
    "<b>&amp;",
    "m",
    "m:nowhere",
    "m:ask",
    "m:summary",
    "n:nobody",
    "l:de",
    "l:",
    "o:0",
    "o:-1",
    "o:77",
    "m:cases:-1",
    "m:cases:x",
]
HUGE = ["o:2147483648", "o:" + "9" * 60, "m:cases:" + "9" * 50, "g:" + "9" * 50 + ":ask", "p:-" + "9" * 50]
MEANT_FOR_ANOTHER = [
    "a:{case}:{revision}:{item}:maybe",
    "a:{case}:{revision}:{item}:",
    "a:{case}:{revision}:{item}:YES",
    "a:{case}:{revision}:{item}:0",
    "a:{case}:{revision}:{item}:yes:no",
    "a:{case}:-{revision}:{item}:yes",
    "a:{case}:{revision}:nonsense:yes",
    "a:{case}:999:{item}:yes",
    "a:999:{revision}:{item}:yes",
    "a:-{case}:{revision}:{item}:yes",
    "d:{case}:{revision}:{item}",
    "t:{case}:{revision}:{item}:hiv:1",
    "t:{case}:{revision}:{item}:nonsense:1",
    "t:{case}:{revision}:{item}:hiv:7",
    "k:{case}:{revision}:{item}:0",
    "k:{case}:{revision}:{item}:ffffffff",
    "f:{case}:{revision}",
    "f:{case}:-1",
    "g:{case}:item:nonsense",
    "g:{case}:item:",
    "g:{case}:change:age:because",
    "g:{case}:change:nonsense:typo",
    "g:{case}:reason:nonsense",
    "g:{case}:why:nonsense",
    "g:{case}:edit:nonsense",
    "g:{case}:nowhere",
    "g:{case}:home",
    "g:{case}:cases:3",
    "g:999:summary",
]


async def test_data_that_no_button_has_change_nothing(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Unknown, malformed, of unknown cases, negative or huge: the present state is shown, and no mishap is spoken of.
    """
    await skip(clinic, coordinator, "donor", until="consent_signed")
    before = await everything(clinic)
    for data in (*JUNK, *HUGE):
        await coordinator.tap(data)
        assert APOLOGY not in coordinator.card.text, data
        assert await everything(clinic) == before, data
        assert asked(await coordinator.say("/resume 1-d-1")) == "consent_signed", data


@pytest.mark.parametrize("item", ["age", "sex", "consent_signed", "positive_serology"])
async def test_forged_data_of_the_present_question_change_nothing(
    clinic: Clinic, coordinator: Chatter, item: str
) -> None:
    """
    Options that there are not, buttons of another kind of item, other revisions: nothing is stored, now or later.
    """
    await skip(clinic, coordinator, "donor", until=item)
    case = (await all_cases(clinic))["01-D-001"]
    before = await everything(clinic)
    for template in MEANT_FOR_ANOTHER:
        if item == "positive_serology" and template.endswith((":0", ":hiv:1", ":hiv:7")):
            continue
        data = template.format(case=case.id, revision=case.revision, item=item)
        await coordinator.tap(data)
        assert APOLOGY not in coordinator.card.text, data
        assert await everything(clinic) == before, data
        await coordinator.say("/start")
        assert APOLOGY not in coordinator.card.text, data
        assert asked(await coordinator.say("/resume 1-d-1")) == item, data
        assert "Done" not in "".join(coordinator.labels), data


async def test_an_option_that_is_none_cannot_be_ticked(clinic: Clinic, coordinator: Chatter) -> None:
    """
    A forged tick neither counts nor keeps the question from being answered.
    """
    await skip(clinic, coordinator, "donor", until="positive_pcr")
    case = (await all_cases(clinic))["01-D-001"]
    await coordinator.tap(f"t:{case.id}:{case.revision}:positive_pcr:martian:1")
    await coordinator.press("HIV")
    await coordinator.press("Done")
    assert (await values(clinic, "01-D-001"))["positive_pcr"] == '["hiv"]'


async def test_an_item_out_of_turn_is_not_answered_by_forged_data(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Only the question on the card takes an answer, although the item exists.
    """
    await skip(clinic, coordinator, "donor", until="consent_signed")
    before = await everything(clinic)
    case = (await all_cases(clinic))["01-D-001"]
    for item in ("social_security", "lidocaine_allergy", "pregnant"):
        await coordinator.tap(f"a:{case.id}:{case.revision}:{item}:no")
        assert coordinator.toasts[-1] == STALE
    assert await everything(clinic) == before


async def test_files_voices_and_edits_answer_nothing(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Only text and buttons count: the question stays with a word on it, and the file leaves the chat.
    """
    await open_case(coordinator, "donor")
    sender = {"id": coordinator.user_id, "is_bot": False, "first_name": "Test"}
    chat = {"id": coordinator.user_id, "type": "private", "first_name": "Test"}
    for content in (
        {"voice": {"file_id": "f", "file_unique_id": "u", "duration": 1}},
        {"document": {"file_id": "f", "file_unique_id": "u"}, "caption": "45"},
        {"photo": [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}], "caption": "45"},
        {"contact": {"phone_number": "+33612345678", "first_name": "Marie"}},
        {"location": {"latitude": 1.0, "longitude": 1.0}},
        {"sticker": {"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1, "is_animated": False,
                     "is_video": False, "type": "regular"}},
    ):  # fmt: skip
        coordinator.api.put({"message": {"message_id": 5000, "date": 1, "chat": chat, "from": sender, **content}})
        card = await coordinator.look()
        assert words("en")("note.unreadable").unescape() in card.text
        assert asked(card) == "age"
    assert await stored(clinic, "01-D-001") == []


async def test_an_edited_message_is_not_read(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Changing an old text changes no answer, and says how to.
    """
    await open_case(coordinator, "donor")
    remove = refuse_to_delete(coordinator)
    await coordinator.say("45")
    coordinator.api._methods["deletemessage"] = remove  # noqa: SLF001
    mine = next(message for message in coordinator.api.chat(coordinator.user_id) if not message.from_bot)
    coordinator.api.edit(coordinator.user_id, mine.id, "46")
    card = await coordinator.look()
    assert words("en")("note.edited").unescape() in card.text
    assert asked(card) == "sex"
    assert await values(clinic, "01-D-001") == {"age": "45"}


@pytest.mark.parametrize("chat_type", ["group", "supergroup"])
async def test_a_group_gets_no_answer(clinic: Clinic, coordinator: Chatter, chat_type: str) -> None:
    """
    The coordinator writes in a group: nothing is said there, nothing is stored.
    """
    await open_case(coordinator, "donor")
    before = await everything(clinic)
    for text in ("45", "/start", "/status 1-d-1", "/new donor"):
        coordinator.api.send(coordinator.user_id, text, chat_type=chat_type)  # type: ignore[arg-type]
        await coordinator.look()
    assert all(not message.from_bot for message in coordinator.api.chat(-coordinator.user_id))
    assert await everything(clinic) == before


async def test_another_bot_gets_no_answer(clinic: Clinic, coordinator: Chatter) -> None:
    """
    A sender that is a bot is not a person, whatever its number.
    """
    await open_case(coordinator, "donor")
    update = typed(coordinator, "45")
    coordinator.api._updates._waiting.pop()  # noqa: SLF001  only the bot's own message is delivered
    update["message"]["from"]["is_bot"] = True
    shown = coordinator.card
    coordinator.api.put(update)
    await coordinator.look()
    assert coordinator.card == shown
    assert await stored(clinic, "01-D-001") == []


async def test_an_old_way_to_an_edit_changes_nothing_by_itself(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Screens of an edit, reached by an old button, only show.
    """
    await skip(clinic, coordinator, "donor", positive_pcr=AWAITED)
    before = await everything(clinic)
    for screen in ("edit", "edit:person", "reason:age", "change:age:typo", "changed", "item:positive_pcr", "details"):
        await coordinator.tap(f"g:{(await all_cases(clinic))['01-D-001'].id}:{screen}")
        assert APOLOGY not in coordinator.card.text
    assert await everything(clinic) == before


async def test_ticks_outlast_a_look_elsewhere(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Why? and Pause keep what is ticked; a hurried press on the same place then does not store "none".
    """
    await skip(clinic, coordinator, "donor", until="positive_serology")
    await coordinator.press("HTLV")
    await coordinator.press("Why?")
    await coordinator.press("Return")
    assert "☑ HTLV-1/2" in coordinator.labels
    await coordinator.press("Pause")
    await coordinator.say("/resume 01-D-001")
    assert "☑ HTLV-1/2" in coordinator.labels
    await coordinator.press("Done")
    assert (await values(clinic, "01-D-001"))["positive_serology"] == '["htlv"]'
