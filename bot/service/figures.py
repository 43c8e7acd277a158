"""
Figures in Prometheus's form.
"""

from collections.abc import Iterator
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector, CollectorRegistry

from bot.engine.metrics import CLASSES, Metrics
from db.delivery.backlog import Backlog


def told(metrics: Metrics, found: Backlog | None) -> bytes:
    """
    The counts of this process, and what waits in the database; where that does not answer, that alone.
    """
    registry = CollectorRegistry()
    registry.register(_Figures(metrics, found))
    return generate_latest(registry)


class _Figures(Collector):
    def __init__(self, metrics: Metrics, found: Backlog | None) -> None:
        self._metrics = metrics
        self._found = found

    def collect(self) -> Iterator[Metric]:
        yield from self._counted()
        yield GaugeMetricFamily("bot_database_up", "whether the database answers", self._found is not None)
        if self._found is not None:
            yield from _waiting(self._found)

    def _counted(self) -> Iterator[Metric]:
        counted = self._metrics
        yield CounterMetricFamily("bot_updates", "updates worked", counted.worked)
        yield CounterMetricFamily("bot_errors", "updates set aside because they failed", counted.set_aside)
        yield CounterMetricFamily("bot_refused_cards", "cards that Telegram refused", counted.refused)
        ends = [*map(str, CLASSES), "+Inf"]
        yield HistogramMetricFamily(
            "bot_update_seconds",
            "from receiving an update to having shown its reply",
            buckets=list(zip(ends, accumulate(counted.waits), strict=True)),
            sum_value=counted.waited,
        )


def _waiting(found: Backlog) -> Iterator[Metric]:
    yield GaugeMetricFamily("bot_inbox_updates", "updates received and not worked yet", found.waiting)
    yield GaugeMetricFamily("bot_inbox_oldest_seconds", "age of the oldest of them", found.oldest)
    yield GaugeMetricFamily("bot_notices_unsent", "notices not sent yet", found.notices)
    yield GaugeMetricFamily(
        "bot_notices_set_aside", "notices set aside because they could not be sent", found.set_aside
    )
    yield GaugeMetricFamily("bot_reminders_due", "reminders raised and not told yet", found.reminders)
