"""
What happened is read from Telegram's updates; what is no person in a private chat is no event.
"""

from typing import Any

import pytest

from bot.events import Command, Edited, Happening, OldButton, Typed, Unreadable, read
from bot.taps import OpenCase

PERSON = {"id": 7, "is_bot": False, "first_name": "P", "language_code": "fr-FR"}
CHAT = {"id": 7, "type": "private"}


def happening(**content: Any) -> Happening | None:  # noqa: ANN401  as Telegram has it
    """
    What an update with this content is read as.
    """
    return read({"update_id": 1, **content})


def message(**content: Any) -> dict[str, Any]:  # noqa: ANN401  as above
    """
    A message of the person in their private chat.
    """
    return {"message_id": 3, "date": 1_700_000_000, "chat": CHAT, "from": PERSON, **content}


@pytest.mark.parametrize(
    ("text", "name", "argument"),
    [
        ("/start", "start", ""),
        ("/start  abc ", "start", "abc"),
        ("/RESUME 1-r-3", "resume", "1-r-3"),
        ("/resume@some_bot 1-r-3", "resume", "1-r-3"),
        ("/status\n1-r-3", "status", "1-r-3"),
        ("/status\u00a01-r-3", "status", "1-r-3"),
        ("/", "", ""),
    ],
)
def test_a_command_is_read_with_what_follows(text: str, name: str, argument: str) -> None:
    """
    In any letter case, with or without the bot's name, whatever blank comes between.
    """
    found = happening(message=message(text=text))
    assert found is not None
    assert found.event == Command(name, argument)


def test_text_is_read_with_who_and_where() -> None:
    """
    The person, their language, and the message to take away.
    """
    found = happening(message=message(text="45"))
    assert found is not None
    assert isinstance(found.event, Typed)
    assert found.event.text == "45"
    assert (found.telegram_id, found.language, found.message_id, found.query_id) == (7, "fr", 3, None)


@pytest.mark.parametrize(
    ("code", "language"), [("fr", "fr"), ("fr-CA", "fr"), ("en-GB", "en"), ("de", "en"), (None, "en")]
)
def test_a_language_that_is_not_spoken_becomes_english(code: str | None, language: str) -> None:
    """
    French in all its kinds is French.
    """
    sender = {**PERSON, "language_code": code} if code else {key: PERSON[key] for key in ("id", "is_bot", "first_name")}
    found = happening(message={**message(text="45"), "from": sender})
    assert found is not None
    assert found.language == language


def test_a_press_is_read_with_its_card() -> None:
    """
    Also where the card is too old for Telegram to tell more than its number.
    """
    for card in (message(text="Age?"), {"message_id": 3, "date": 0, "chat": CHAT}):
        query = {"id": "9", "from": PERSON, "chat_instance": "1", "message": card, "data": "o:5"}
        found = happening(callback_query=query)
        assert found is not None
        assert (found.event, found.card_id, found.query_id, found.message_id) == (OpenCase(5), 3, "9", None)


def test_an_unknown_press_is_an_old_button() -> None:
    """
    So is one without data.
    """
    query = {"id": "9", "from": PERSON, "chat_instance": "1", "message": message(text="Age?")}
    for content in ({"data": "junk"}, {"game_short_name": "g"}):
        found = happening(callback_query={**query, **content})
        assert found is not None
        assert found.event == OldButton()


@pytest.mark.parametrize(
    "content",
    [
        {"voice": {"file_id": "f", "file_unique_id": "u", "duration": 1}},
        {"caption": "45", "document": {"file_id": "f", "file_unique_id": "u"}},
        {"contact": {"phone_number": "1", "first_name": "M"}},
        {},
    ],
)
def test_what_is_no_text_is_unreadable(content: dict[str, Any]) -> None:
    """
    A caption is no answer either.
    """
    found = happening(message=message(**content))
    assert found is not None
    assert found.event == Unreadable()


def test_an_edit_is_an_edit_whatever_it_says() -> None:
    """
    Commands included.
    """
    found = happening(edited_message=message(text="/start", edit_date=1_700_000_001))
    assert found is not None
    assert found.event == Edited()


@pytest.mark.parametrize(
    "content",
    [
        {"message": {**message(text="45"), "chat": {"id": -7, "type": "group", "title": "G"}}},
        {"message": {**message(text="45"), "chat": {"id": -7, "type": "supergroup", "title": "G"}}},
        {"message": {**message(text="45"), "from": {**PERSON, "is_bot": True}}},
        {"message": {key: value for key, value in message(text="45").items() if key != "from"}},
        {"channel_post": {**message(text="45"), "chat": {"id": -7, "type": "channel", "title": "C"}}},
        {"message": {**message(text="45"), "chat": {"id": -7, "type": "group", "title": "G"},
                     "sender_chat": {"id": -7, "type": "group", "title": "G"}}},
        {"callback_query": {"id": "9", "from": PERSON, "chat_instance": "1", "inline_message_id": "i", "data": "o:5"}},
        {"callback_query": {"id": "9", "from": PERSON, "chat_instance": "1", "data": "o:5",
                            "message": {**message(text="A?"), "chat": {"id": -7, "type": "group", "title": "G"}}}},
        {"inline_query": {"id": "1", "from": PERSON, "query": "x", "offset": ""}},
        {},
    ],
)  # fmt: skip
def test_what_is_no_person_in_a_private_chat_is_nothing(content: dict[str, Any]) -> None:
    """
    Groups, channels, bots, anonymous senders, other kinds of update.
    """
    assert happening(**content) is None


def test_what_has_no_number_is_no_update() -> None:
    """
    Nor is what stands for one that could not be opened: it is set aside, and not passed over.
    """
    with pytest.raises(ValueError, match="no update"):
        read({})
