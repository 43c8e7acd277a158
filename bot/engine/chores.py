"""
What is done now and then, beside the turns.
"""

import asyncio
from collections.abc import Awaitable, Callable

from bot import logs
from bot.engine.worker import Worker
from db.base.slices import Slice
from db.cases import projections
from db.follow_up import sweep
from db.people import wrong_codes

_REFRESH_SECONDS = 600
_SWEEP_SECONDS = 60
_ANCHOR_SECONDS = 3600

log = logs.named(__name__)


async def refresh(worker: Worker) -> None:
    """
    Bring what time alone has changed up to date: a new day begins while the bot runs.
    """
    while True:
        await asyncio.sleep(_REFRESH_SECONDS)
        await _tried(_bring_up_to_date(worker), "what time changes is not brought up to date")


async def _bring_up_to_date(worker: Worker) -> None:
    while await worker.commit(lambda session: projections.refresh_due(session, now=worker.clock(), within=Slice())):
        pass
    await worker.commit(lambda session: wrong_codes.forget(session, now=worker.clock()))
    await worker.forget()


async def keep_reminding(worker: Worker) -> None:
    """
    See again and again whether somebody is to be reminded of something.
    """
    while True:
        await _tried(remind(worker), "nobody can be reminded")
        await asyncio.sleep(_SWEEP_SECONDS)


async def _tried(chore: Awaitable[None], event: str) -> None:
    """
    Do a chore. Whatever goes wrong with it must not stop the bot.
    """
    try:
        await chore
    except Exception as error:  # noqa: BLE001  as above
        log.error(event, error=error)  # noqa: TRY400  no values


async def remind(worker: Worker) -> None:
    """
    Raise and tell all that is due now, some of it a transaction, so that nobody has to wait for it.
    """
    has_more, timing = True, worker.deployment.timing
    while has_more:
        has_more = await worker.commit(lambda session: sweep.sweep(session, now=worker.clock(), timing=timing))


async def anchor(try_now: Callable[[], Awaitable[None]]) -> None:
    """
    Write the head of the audit trail down outside the database, from the start on.
    """
    while True:
        await try_now()
        await asyncio.sleep(_ANCHOR_SECONDS)
