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
        while await worker.commit(lambda session: projections.refresh_due(session, now=worker.clock(), within=Slice())):
            pass
        await worker.commit(lambda session: wrong_codes.forget(session, now=worker.clock()))
        await worker.forget()


async def keep_reminding(worker: Worker) -> None:
    """
    See again and again whether somebody is to be reminded of something. Whatever goes wrong with that must not stop
    the bot.
    """
    while True:
        try:
            await remind(worker)
        except Exception as error:  # noqa: BLE001  as above
            log.error("nobody can be reminded", error=error)  # noqa: TRY400  no values
        await asyncio.sleep(_SWEEP_SECONDS)


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
