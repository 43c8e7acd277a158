"""
A card: what a chat shows, ready for Telegram.
"""

from collections.abc import Callable, Iterable

from markupsafe import Markup

from bot.rules.assessment import Assessment, Verdict
from bot.rules.criteria import Status
from bot.rules.frozen import Frozen
from bot.taps import Tap
from db.base.tables import Case

TEXT_LIMIT = 4096

VERDICT_SIGNS = {Verdict.ELIGIBLE: "🟢", Verdict.NOT_ELIGIBLE: "🔴", Verdict.INCOMPLETE: "🟡"}
STATUS_SIGNS = {Status.PASS: "✓", Status.FAIL: "✗", Status.UNKNOWN: "○"}

_BAR = 10


class Button(Frozen):
    """
    A button: its words, and what its press carries.
    """

    label: str
    data: str


Rows = tuple[tuple[Button, ...], ...]


class File(Frozen):
    """
    A file that goes with a card: a picture is shown, anything else is handed over. What takes its time to `draw` has no
    content until it is said.
    """

    name: str
    content: bytes = b""
    is_picture: bool = False
    draw: Callable[[], bytes] | None = None

    def __repr__(self) -> str:
        return f"File({self.name!r})"


class Card(Frozen):
    """
    HTML text and rows of buttons; with a file, the text is its caption.
    """

    html: str
    rows: Rows = ()
    file: File | None = None


def button(label: str, tap: Tap) -> Button:
    """
    A button for a tap.
    """
    return Button(Markup(label).unescape(), tap.data)  # noqa: S704  a button's label is plain text


def fit(lines: Iterable[str]) -> str:
    """
    As many whole lines as Telegram takes. A line holds its markup whole, so none is cut inside a tag.
    """
    kept: list[str] = []
    left = TEXT_LIMIT - 2
    for line in lines:
        left -= len(line) + 1
        if left < 0:
            kept.append("…")
            break
        kept.append(line)
    return "\n".join(kept)


def progress(case: Case, assessment: Assessment) -> str:
    """
    A bar that fills as answers come in.
    """
    left = len(assessment.to_ask)
    filled = _BAR * case.answered // max(1, case.answered + left)
    return "▰" * filled + "▱" * (_BAR - filled)
