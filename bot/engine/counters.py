"""
What the worker counts, for whoever watches the bot.
"""

from bisect import bisect_left
from dataclasses import dataclass, field

BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""The upper ends of the classes into which waiting times are sorted, in seconds; beyond the last is one more."""


@dataclass
class Figures:
    """
    Updates worked and set aside since the start, and how long it took from receiving one to having shown its reply:
    how many in each class, and the sum in seconds.
    """

    worked: int = 0
    set_aside: int = 0
    waits: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    waited: float = 0.0

    def shown(self, seconds: float) -> None:
        """
        A reply was shown so long after its update was received.
        """
        self.waits[bisect_left(BOUNDS, seconds)] += 1
        self.waited += seconds
