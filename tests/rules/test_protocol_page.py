"""
The page that says how the protocol is read is the one that its declarations make.
"""

from pathlib import Path

from bot.render.protocol import table
from bot.rules.versions import LATEST
from bot.texts import words

PAGE = Path(__file__).parents[2] / "docs" / "protocol.md"


def test_the_page_is_current() -> None:
    """
    `python -m bot protocol > docs/protocol.md` brings it up to date after a change of the declarations or words.
    """
    assert PAGE.read_text(encoding="utf-8") == table(LATEST, words("en")) + "\n"
