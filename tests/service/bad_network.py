"""
What may befall a call to Telegram and a delivery by it, drawn from a seed.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from random import Random


class Mishap(StrEnum):
    """
    What befalls a call. The first three before it has an effect, the others once it has had one.
    """

    REFUSED = "429 with retry_after"
    LOST = "connection dropped before the effect"
    FAILED = "500 with a page, before the effect"
    FAILED_AFTER = "500 with a page, after the effect"
    UNHEARD = "connection dropped after the effect"
    GARBLED = "malformed JSON"
    CUT = "a body that ends too early"


EFFECTLESS = frozenset({Mishap.REFUSED, Mishap.LOST, Mishap.FAILED})


@dataclass
class BadNetwork:
    """
    Draws what happens: a share of calls meets a mishap, every call waits up to `delay` seconds, a share of updates is
    handed over once or twice more within `later` seconds.
    """

    random: Random
    mishaps: float = 0.05
    delay: float = 0.02
    again: float = 0.1
    later: float = 2.0
    met: dict[Mishap, int] = field(default_factory=dict)

    def mishap(self) -> Mishap | None:
        """
        What befalls the next call, if anything.
        """
        if self.random.random() >= self.mishaps:
            return None
        drawn = self.random.choice(list(Mishap))
        self.met[drawn] = self.met.get(drawn, 0) + 1
        return drawn

    def wait(self) -> float:
        """
        The seconds that the next call takes on its way.
        """
        return self.random.random() * self.delay

    def repeats(self) -> list[float]:
        """
        In how many seconds an update is handed over once more, for each time that it is.
        """
        times = self.random.choice((1, 2)) if self.random.random() < self.again else 0
        return [self.random.random() * self.later for _ in range(times)]
