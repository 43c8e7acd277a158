"""
Work on the database, done again and again while the database is away.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot import logs
from db.base.engine import is_passing

log = logs.named(__name__)
T = TypeVar("T")

_LONGEST_PAUSE = 10.0


async def persist(work: Callable[[], Awaitable[T]]) -> T:
    """
    Do a transaction until it succeeds, or fails for a reason of its own. One whose success was not heard of is done
    again: it must not matter.
    """
    pause = 0.1
    while True:
        try:
            return await work()
        except Exception as error:
            if not is_passing(error):
                raise
            log.warning("the database is not reached", error=error)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
