"""
What every button's press is, and the marks that stand in the place of a value.
"""

from typing import Any, ClassVar

from bot.coded import Coded

LIMIT = 64

AWAITED, NONE = "-", "0"
"""The choices "not available yet" and "none of these"."""

ALL_CASES = 0
"""In the place of a case: all that the person may see."""

OFF, TICKED, EXPECTED = 0, 1, 2
"""What an option can be: not there, there, its result awaited."""

EVERYWHERE = 0
"""In the place of a site: all of them."""


class Tap(Coded):
    """
    A button's press.
    """

    known: ClassVar[dict[str, Any]] = {}

    @property
    def data(self) -> str:
        """
        The callback data. Raises ValueError where it would not fit.
        """
        data = self.text
        if len(data.encode()) > LIMIT:
            raise ValueError(f"{type(self).__name__} is longer than a button can carry")
        return data


class OfCase(Tap):
    case: int


class OfAnswer(OfCase):
    """
    About an item of a case that had so many answers when the button was shown.
    """

    revision: int
    item: str


class OfPerson(Tap):
    person: int
