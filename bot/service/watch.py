"""
A port for whoever watches the bot: /healthz, and /metrics in Prometheus's form. It tells figures, and nothing of cases.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from itertools import accumulate

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from bot.application import Application
from bot.engine.counters import BOUNDS, Figures
from db.delivery import backlog
from db.delivery.backlog import Backlog

_PATIENCE = 5.0


@asynccontextmanager
async def watched(application: Application, *, host: str, port: int) -> AsyncIterator[int]:
    """
    Answer on this port while the bot runs, any free one for 0; the port it is.
    """
    site = web.Application()
    watch = _Watch(application)
    site.router.add_get("/healthz", watch.health)
    site.router.add_get("/metrics", watch.metrics)
    runner = web.AppRunner(site, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


class _Watch:
    def __init__(self, application: Application) -> None:
        self._application = application

    async def health(self, _: web.Request) -> web.Response:
        """
        Whether every part runs and the database answers.
        """
        if any(task.done() for task in self._application.tasks) or await self._backlog() is None:
            return web.Response(status=503, text="not well\n")
        return web.Response(text="ok\n")

    async def metrics(self, _: web.Request) -> web.Response:
        """
        The figures of this process, and what waits in the database.
        """
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Collector(self._application.worker.figures, await self._backlog()))
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _backlog(self) -> Backlog | None:
        try:
            async with asyncio.timeout(_PATIENCE), self._application.database.transaction() as session:
                return await backlog.look(session, now=self._application.worker.clock())
        except Exception:  # noqa: BLE001  whatever it is, the database does not answer
            return None


class _Collector:
    """
    The figures, in Prometheus's families.
    """

    def __init__(self, figures: Figures, found: Backlog | None) -> None:
        self._figures = figures
        self._found = found

    def collect(self) -> Iterable[Metric]:
        """
        As the library asks for them.
        """
        figures, found = self._figures, self._found
        yield CounterMetricFamily("bot_updates", "updates worked", value=figures.worked)
        yield CounterMetricFamily("bot_errors", "updates set aside because they failed", value=figures.set_aside)
        counts = accumulate(figures.waits)
        yield HistogramMetricFamily(
            "bot_update_seconds",
            "from receiving an update to having shown its reply",
            buckets=list(zip([*map(str, BOUNDS), "+Inf"], counts, strict=True)),
            sum_value=figures.waited,
        )
        yield GaugeMetricFamily("bot_database_up", "whether the database answers", value=float(found is not None))
        if found is not None:
            yield GaugeMetricFamily("bot_inbox_updates", "updates received and not worked yet", value=found.waiting)
            yield GaugeMetricFamily("bot_inbox_oldest_seconds", "age of the oldest of them", value=found.oldest)
            yield GaugeMetricFamily("bot_notices_unsent", "notices not sent yet", value=found.notices)
            yield GaugeMetricFamily("bot_reminders_due", "reminders raised and not told yet", value=found.reminders)
