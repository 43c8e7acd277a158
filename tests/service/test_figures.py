"""
Figures in Prometheus's form.
"""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.engine.metrics import CLASSES, Metrics
from bot.service.figures import told
from db.delivery.backlog import Backlog


def read(text: bytes) -> dict[tuple[str, str], float]:
    """
    As Prometheus reads them: each by its name and the end of its class.
    """
    return {
        (sample.name, sample.labels.get("le", "")): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


@pytest.mark.parametrize(
    ("seconds", "ends"),
    [(0.0, CLASSES), (0.01, CLASSES), (0.011, CLASSES[1:]), (29.9, CLASSES[-1:]), (30.0, CLASSES[-1:]), (30.1, ())],
)
def test_a_wait_counts_in_each_class_that_it_is_not_longer_than(seconds: float, ends: tuple[float, ...]) -> None:
    """
    On a limit, on both sides of it, and beyond the last.
    """
    metrics = Metrics()
    metrics.shown_after(seconds)
    figures = read(told(metrics, None))
    counted = {end for (name, end), value in figures.items() if name == "bot_update_seconds_bucket" and value == 1}
    assert counted == {*map(str, ends), "+Inf"}
    assert figures["bot_update_seconds_count", ""] == 1
    assert figures["bot_update_seconds_sum", ""] == seconds


def test_what_was_counted_and_what_waits_is_told() -> None:
    """
    Each under its name; of a database that does not answer no more than that.
    """
    metrics = Metrics(worked=5, set_aside=2, refused=1)
    counts = {"bot_updates_total": 5, "bot_errors_total": 2, "bot_refused_cards_total": 1}
    figures = {name: value for (name, _), value in read(told(metrics, None)).items()}
    assert figures.items() >= {**counts, "bot_database_up": 0}.items()
    assert "bot_inbox_updates" not in figures
    found = Backlog(waiting=3, oldest=1.5, notices=4, set_aside=6, reminders=7)
    figures = {name: value for (name, _), value in read(told(metrics, found)).items()}
    waiting = {
        "bot_database_up": 1,
        "bot_inbox_updates": 3,
        "bot_inbox_oldest_seconds": 1.5,
        "bot_notices_unsent": 4,
        "bot_notices_set_aside": 6,
        "bot_reminders_due": 7,
    }
    assert figures.items() >= {**counts, **waiting}.items()
