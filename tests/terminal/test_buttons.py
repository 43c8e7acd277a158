"""
Which button a line presses in the terminal.
"""

from datetime import UTC, datetime

from bot.emulator.chat import Message
from bot.taps import AWAITED, Pick
from bot.terminal.buttons import Buttons

NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
NOT_YET = Pick(1, 1, "age", AWAITED).data


def message(id_: int, *labels: str, data: str = "") -> Message:
    """
    A message of the bot with a row for each of these buttons.
    """
    rows = [[{"text": label, "callback_data": data or f"{id_}:{label}"}] for label in labels]
    return Message(id_, 1, from_bot=True, html="", text="", entities=[], date=NOW, markup={"inline_keyboard": rows})


def test_the_card_comes_first_then_the_newest_by_words_and_each_by_its_number() -> None:
    """
    Two notices after the card: each button has a number of its own, and one word means the card's, else the newest.
    """
    chat = [message(1, "Yes", "No"), message(2, "Open", "Done"), message(3, "Open", "No")]
    buttons = Buttons(card_id=1)
    assert [buttons.labelled(one, chat) for one in chat] == [
        [["[1] Yes"], ["[2] No"]],
        [["[#101] Open"], ["[#102] Done"]],
        [["[#103] Open"], ["[#104] No"]],
    ]
    pressed = {
        line: buttons.pressed(line, chat) for line in ("2", "#2", "no", "open", "102", "#103", "104", "105", "0")
    }
    assert pressed == {
        "2": (1, "1:No"),
        "#2": (1, "1:No"),
        "no": (1, "1:No"),
        "open": (3, "3:Open"),
        "102": (2, "2:Done"),
        "#103": (3, "3:Open"),
        "104": (3, "3:No"),
        "105": None,
        "0": None,
    }


def test_a_notice_keeps_its_numbers_though_another_one_goes() -> None:
    """
    What was drawn once is pressed by that number; a notice that has become the card counts from 1.
    """
    chat = [message(1, "Yes"), message(2, "Open"), message(3, "Open")]
    buttons = Buttons(card_id=1)
    assert [buttons.labelled(one, chat) for one in chat][2] == [["[#102] Open"]]
    chat = [chat[0], chat[2]]
    assert buttons.pressed("102", chat) == (3, "3:Open")
    assert buttons.pressed("101", chat) is None
    buttons.card_id = 3
    assert buttons.pressed("1", chat) == (3, "3:Open")


def test_a_plain_number_is_an_answer_where_one_is_typed() -> None:
    """
    Also one that is the number of a notice's button.
    """
    chat = [message(1, "Not yet", data=NOT_YET), message(2, "Open")]
    buttons = Buttons(card_id=1)
    assert [buttons.labelled(one, chat) for one in chat] == [[["[#1] Not yet"]], [["[#101] Open"]]]
    assert buttons.pressed("101", chat) is None
    assert buttons.pressed("1", chat) is None
    assert buttons.pressed("#101", chat) == (2, "2:Open")


def test_where_the_card_is_not_known_it_is_the_last_message_with_buttons() -> None:
    """
    And where nothing has buttons, nothing is pressed.
    """
    chat = [message(1, "Yes"), message(2, "Open"), message(3)]
    assert Buttons().pressed("1", chat) == (2, "2:Open")
    assert Buttons(card_id=9).pressed("1", chat) == (2, "2:Open")
    assert Buttons().pressed("1", [message(3)]) is None
