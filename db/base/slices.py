"""
Work in slices: what goes through many cases holds a transaction, for which people wait, but for a moment.
"""

import time

_SECONDS = 0.03
"""With what was begun before it ends, and the commit, people wait for 50 ms at most."""


class Slice:
    """
    A moment, from now on. Work that finds it over stops where it can, and goes on in another transaction.
    """

    def __init__(self) -> None:
        self._ends = time.monotonic() + _SECONDS

    @property
    def is_over(self) -> bool:
        """
        Whether somebody else should have a turn.
        """
        return time.monotonic() >= self._ends
