"""
What people are told without having asked.
"""

from dataclasses import dataclass
from typing import Any

from bot.turn import View


@dataclass(frozen=True)
class Told(View):
    """
    Something that a person is told without having asked: a catalogue key, and what it speaks of.
    """

    key: str
    about: dict[str, Any]


@dataclass(frozen=True)
class Apology(View):
    """
    Something went wrong here; `reference` finds the log line.
    """

    reference: str
