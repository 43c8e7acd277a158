"""
What people are told without having asked.
"""

from typing import Any

from bot.turn import View


class Told(View):
    """
    Something that a person is told without having asked: a catalogue key, and what it speaks of.
    """

    key: str
    about: dict[str, Any]


class Apology(View):
    """
    Something went wrong here; `reference` finds the log line.
    """

    reference: str
