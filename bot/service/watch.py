"""
A port for whoever watches the bot: /healthz, and /metrics in Prometheus's form. It tells figures, and nothing of cases.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from bot.application import Application, Watched
from bot.service.door import listening
from db.delivery import backlog
from db.delivery.backlog import Backlog

_PATIENCE = 5.0


@asynccontextmanager
async def watched(state: Watched, *, host: str, port: int) -> AsyncIterator[int]:
    """
    Answer on this port while the bot runs, any free one for 0; the port it is.
    """
    site = web.Application()
    watch = _Watch(state)
    site.router.add_get("/healthz", watch.health)
    site.router.add_get("/metrics", watch.metrics)
    async with listening(site, host, port) as found:
        yield found


class _Watch:
    def __init__(self, state: Watched) -> None:
        self._state = state

    async def health(self, _: web.Request) -> web.Response:
        """
        Whether every part runs and the database takes what comes, or what is the matter.
        """
        application = self._state.application
        if application is None:
            return _unwell(self._state.waits_for)
        if any(task.done() for task in application.tasks):
            return _unwell("a part has stopped")
        unit = application.worker.unit
        if await _backlog(application) is None or unit.trouble is not None:
            return _unwell(unit.why_it_waits)
        return web.Response(text="ok\n")

    async def metrics(self, _: web.Request) -> web.Response:
        """
        The figures of this process, and what waits in the database.
        """
        application = self._state.application
        if application is None:
            return _unwell(self._state.waits_for)
        counted = generate_latest(application.worker.metrics.registry)
        found = generate_latest(_of(await _backlog(application)))
        return web.Response(body=counted + found, headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _backlog(application: Application) -> Backlog | None:
    try:
        async with asyncio.timeout(_PATIENCE), application.database.transaction() as session:
            return await backlog.look(session, now=application.worker.clock())
    except Exception:  # noqa: BLE001  whatever it is, the database does not answer
        return None


def _unwell(why: str) -> web.Response:
    return web.Response(status=503, text=f"not well: {why}\n")


def _of(found: Backlog | None) -> CollectorRegistry:
    """
    What waits in the database; where it does not answer, that alone.
    """
    registry = CollectorRegistry()

    def tell(name: str, what: str, value: float) -> None:
        Gauge(name, what, registry=registry).set(value)

    tell("bot_database_up", "whether the database answers", found is not None)
    if found is not None:
        tell("bot_inbox_updates", "updates received and not worked yet", found.waiting)
        tell("bot_inbox_oldest_seconds", "age of the oldest of them", found.oldest)
        tell("bot_notices_unsent", "notices not sent yet", found.notices)
        tell("bot_notices_set_aside", "notices set aside because they could not be sent", found.set_aside)
        tell("bot_reminders_due", "reminders raised and not told yet", found.reminders)
    return registry
