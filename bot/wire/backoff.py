"""
Pauses between tries.
"""

import asyncio
from dataclasses import dataclass, field

FIRST = 0.5
LONGEST = 30.0


@dataclass
class BackOff:
    """
    Wait before trying again: `first` seconds, then twice as long each time, up to `longest`.
    """

    first: float = FIRST
    longest: float = LONGEST
    _next: float = field(init=False)

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """
        It has succeeded.
        """
        self._next = self.first

    async def pause(self) -> None:
        """
        It has failed.
        """
        wait, self._next = self._next, min(2 * self._next, self.longest)
        await asyncio.sleep(wait)
