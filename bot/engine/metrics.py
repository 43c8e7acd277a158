"""
What is counted, for whoever watches the bot.
"""

from prometheus_client import CollectorRegistry, Counter, Histogram

_CLASSES = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """
    The counters of one bot, in a registry of its own: a process may run several.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.worked = Counter("bot_updates", "updates worked", registry=self.registry)
        self.set_aside = Counter("bot_errors", "updates set aside because they failed", registry=self.registry)
        self.refused = Counter("bot_refused_cards", "cards that Telegram refused", registry=self.registry)
        self.seconds = Histogram(
            "bot_update_seconds",
            "from receiving an update to having shown its reply",
            buckets=_CLASSES,
            registry=self.registry,
        )
