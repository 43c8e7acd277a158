"""
What is counted, for whoever watches the bot: bot/service/figures.py tells it, and loads Prometheus's form only there.
"""

from bisect import bisect_left
from dataclasses import dataclass, field

CLASSES = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds."""


@dataclass
class Metrics:
    """
    The counts of one bot; a process may run several. They are of updates worked and of those set aside because they
    failed, of cards that Telegram refused, and of waits from receiving an update to having shown its reply: how many
    ended within each of CLASSES and in none before, how many later, and the seconds of all.
    """

    worked: int = 0
    set_aside: int = 0
    refused: int = 0
    waits: list[int] = field(default_factory=lambda: [0] * (len(CLASSES) + 1))
    waited: float = 0.0

    def shown_after(self, seconds: float) -> None:
        """
        A reply is shown so long after its update was received.
        """
        self.waits[bisect_left(CLASSES, seconds)] += 1
        self.waited += seconds
