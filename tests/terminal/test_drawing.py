"""
A message on a screen looks as it would in Telegram, as far as a terminal can.
"""

import re
from datetime import UTC, datetime

import pytest
from rich.console import Console

from bot.emulator.chat import Formatted, Message
from bot.emulator.html import parse_html
from bot.terminal.drawing import panel

STYLES = {"bold": "\x1b[1m", "italic": "\x1b[2;3m", "yellow": "\x1b[33m"}


def _drawn(html: str, *, from_bot: bool = True) -> str:
    written = Formatted(html, *parse_html(html))
    console = Console(force_terminal=True, color_system="standard", width=80)
    with console.capture() as captured:
        message = Message(1, 1, from_bot, *written, date=datetime.now(UTC))
        console.print(panel(message, "Ada", [["[1] Yes", "[2] No"]] if from_bot else []))
    return captured.get()


@pytest.mark.parametrize(
    ("html", "style", "marked"),
    [
        ("DLCO <b>58</b> %", "bold", "58"),
        ("😀😀 <i>unusual</i>", "italic", "unusual"),
        ("é <code>/start x</code>", "yellow", "/start x"),
        ("Sum\n<pre>Face | 2</pre>", "yellow", "Face | 2"),
    ],
)
def test_what_is_marked_stands_out_and_nothing_else(html: str, style: str, marked: str) -> None:
    """
    Also behind characters that Telegram counts twice; and no tag is shown, of a table neither.
    """
    drawn = _drawn(html)
    assert f"{STYLES[style]}{marked}\x1b[0m" in drawn
    assert not re.search("</?[a-z]+>", drawn)


def test_a_sign_that_begins_a_tag_is_shown_as_it_is() -> None:
    """
    A limit is no markup.
    """
    assert "DLCO < 60 & FVC <b>" in _drawn("DLCO &lt; 60 &amp; FVC &lt;b&gt;")


def test_the_bot_has_buttons_and_a_person_a_name() -> None:
    """
    Whose a message is, is seen at its frame.
    """
    assert "[1] Yes  [2] No" in _drawn("Sure?")
    assert " bot " in _drawn("Sure?")
    assert " Ada " in _drawn("yes", from_bot=False)
