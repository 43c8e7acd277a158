"""
Whoever is not of the trial gets one sentence, and learns nothing.
"""

import pytest

from bot.terminal.chat import settled
from bot.texts import words
from tests.chat.conversation import all_cases, everything, skip, trail
from tests.conftest import STRANGER, Chatter, Clinic

ATTEMPTS = [
    "/start",
    "/start abc",
    "/help",
    "/new recipient",
    "/cases",
    "/resume 01-D-001",
    "/status 01-D-001",
    "/language fr",
    "/cancel",
    "/nonsense",
    "01-D-001",
    "45",
    "Hello",
]


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_a_stranger_hears_the_same_sentence_whatever_they_try(
    clinic: Clinic, coordinator: Chatter, language: str
) -> None:
    """
    Commands, codes that exist and codes that do not: the same words in their language, and no button.
    """
    await skip(clinic, coordinator, "donor", until="relationship")
    before = await everything(clinic)
    stranger = clinic.person(STRANGER, language)
    for text in ATTEMPTS:
        card = await stranger.say(text)
        assert card.text == words(language)("refusal").unescape()
        assert not card.buttons
    assert await everything(clinic) == before


async def test_a_stranger_who_presses_a_button_is_refused(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Also with the data of a button of a member's card.
    """
    await skip(clinic, coordinator, "donor", until="relationship")
    before = await everything(clinic)
    stranger = clinic.person(STRANGER)
    await stranger.say("/start")
    for data in ("a:1:7:relationship:sibling", "o:1", "m:cases:0", "n:donor", "l:fr", "", "junk", "o:" + "9" * 40):
        card = await stranger.tap(data)
        assert card.text == words("en")("refusal").unescape()
    assert stranger.toasts == []
    assert await everything(clinic) == before


async def test_a_stranger_gets_no_answer_in_a_group(clinic: Clinic) -> None:
    """
    Not even the sentence; the setup code is worth nothing there.
    """
    stranger = clinic.person(STRANGER)
    for text in ("/start", f"/start {clinic.setup_code}"):
        clinic.api.send(STRANGER, text, chat_type="group")
        await settled(clinic.api, clinic.application)
    assert all(not message.from_bot for message in clinic.api.chat(-STRANGER))
    assert clinic.api.chat(STRANGER) == []
    assert stranger.toasts == []
    assert (await clinic.coordinator()).card.buttons


async def test_files_of_a_stranger_are_refused_too(clinic: Clinic) -> None:
    """
    With the same sentence.
    """
    person = {"id": STRANGER, "is_bot": False, "first_name": "S"}
    message = {"message_id": 1, "date": 1, "chat": {"id": STRANGER, "type": "private"}, "from": person}
    clinic.api.put({"message": {**message, "voice": {"file_id": "f", "file_unique_id": "u", "duration": 1}}})
    assert (await clinic.person(STRANGER).look()).text == words("en")("refusal").unescape()


@pytest.mark.parametrize("wrong", ["", "abc", "x" * 300, "' OR 1=1 --", "/start", "\u0000"])
async def test_a_wrong_setup_code_opens_nothing(clinic: Clinic, wrong: str) -> None:
    """
    The refusal is the same as without any code, and the right code still works for another.
    """
    card = await clinic.person(STRANGER).say(f"/start {wrong}")
    assert card.text == words("en")("refusal").unescape()
    assert "New recipient" in "".join(
        button.label for row in (await clinic.coordinator()).card.buttons for button in row
    )


@pytest.mark.parametrize("form", ["/start {code}", "{code}", "  {code} "])
async def test_the_setup_code_makes_a_member_and_leaves_the_chat(clinic: Clinic, form: str) -> None:
    """
    With /start or by itself; the message that holds it is removed.
    """
    person = clinic.person()
    await person.say(form.format(code=clinic.setup_code))
    assert any("New recipient" in label for label in person.labels)
    assert all(str(clinic.setup_code) not in message.text for message in clinic.api.chat(person.user_id))
    joined = [entry for entry in await trail(clinic) if entry.action == "person.join"]
    assert [entry.new for entry in joined] == ["administrator coordinator"]


@pytest.mark.usefixtures("coordinator")
async def test_the_setup_code_works_once(clinic: Clinic) -> None:
    """
    Whoever comes second with it is a stranger, before and after a restart, and there is no new code.
    """
    code = clinic.setup_code
    stranger = clinic.person(STRANGER)
    assert (await stranger.say(f"/start {code}")).text == words("en")("refusal").unescape()
    await clinic.restart()
    assert clinic.application.setup_code is None
    assert (await stranger.say(f"/start {code}")).text == words("en")("refusal").unescape()
    assert len([entry for entry in await trail(clinic) if entry.action == "person.join"]) == 1


async def test_two_people_with_the_setup_code_at_once_make_one_member(clinic: Clinic) -> None:
    """
    Both send it in the same moment.
    """
    people = [clinic.person(number) for number in (101, 102)]
    for person in people:
        clinic.api.send(person.user_id, f"/start {clinic.setup_code}")
    cards = [await person.look() for person in people]
    assert sorted(bool(card.buttons) for card in cards) == [False, True]


async def test_an_old_setup_code_ends_with_a_restart(clinic: Clinic) -> None:
    """
    While nobody has joined each start prints a code of its own, and only the last one counts.
    """
    old = clinic.setup_code
    await clinic.restart()
    assert clinic.setup_code != old
    assert not (await clinic.person(STRANGER).say(f"/start {old}")).buttons
    assert (await clinic.coordinator()).card.buttons


async def test_a_stranger_leaves_no_trace_of_cases(clinic: Clinic) -> None:
    """
    Trying to open cases opens none.
    """
    stranger = clinic.person(STRANGER)
    for kind in ("recipient", "donor"):
        await stranger.say(f"/new {kind}")
        await stranger.tap(f"n:{kind}")
    assert await all_cases(clinic) == {}
