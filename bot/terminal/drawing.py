"""
How a message looks on a screen.
"""

from rich.panel import Panel
from rich.text import Text

from bot.emulator.chat import Message

_STYLES = {"bold": "bold", "italic": "italic dim", "code": "yellow", "pre": "yellow"}


def panel(message: Message, sender: str, rows: list[list[str]]) -> Panel:
    """
    A message in its frame, with its rows of buttons; `sender` is how the person is called.
    """
    body = _styled(message)
    for row in rows:
        body.append("\n").append("  ".join(row), "cyan")
    if not message.from_bot:
        return Panel(body, title=Text(sender), title_align="right", border_style="green", width=46)
    title = "bot, edited" if message.edited else "bot"
    return Panel(body, title=title, title_align="left", border_style="cyan", width=78)


def _styled(message: Message) -> Text:
    """
    The text with its marks, as far as a screen has them.
    """
    text, units = Text(message.text), message.text.encode("utf-16-le")
    for mark in message.entities:
        before = 2 * mark["offset"], 2 * (mark["offset"] + mark["length"])
        start, end = (len(units[:size].decode("utf-16-le")) for size in before)
        text.stylize(_STYLES.get(mark["type"], ""), start, end)
    return text
