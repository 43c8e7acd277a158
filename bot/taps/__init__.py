"""
What a button carries: ids, and what it was shown for. Telegram allows 64 bytes.
"""

from bot.screens.summary import SummaryScreen
from bot.screens.visits import VisitsScreen
from bot.taps.answers import *
from bot.taps.base import *
from bot.taps.cases import *
from bot.taps.people import *

_FORMER = {"rd": SummaryScreen(), "w": VisitsScreen()}
"""Codes of buttons that cards made by earlier versions have: a case is opened at this screen."""


def decode(data: str) -> Tap | None:
    """
    The tap that these data carry; None for data that no present button has.
    """
    code, _, case = data.partition(":")
    return Tap.read(f"o:{case}:{_FORMER[code].text}" if code in _FORMER else data)
