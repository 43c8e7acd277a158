"""
What `make test` leaves to `make test-all`: tests that carry the marker, each with its reason, and what is run on the
second database although only the first differs from it in nothing that is tested there.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

QUICK = "not thorough"
"""The marker expression of `make test`."""

SECOND_DATABASE = "on PostgreSQL, where SQLite has shown the same through the whole application"

ON_BOTH = (
    "tests/db",  # queries, locks and guards are written for each database
    "tests/chat/test_find.py",  # searches compare, order and page as each database does
)
"""Folders and files of which `make test` runs everything on both databases,"""

ON_ONE = (
    "tests/db/follow_up/test_deviations.py",  # the whole application; what it asks for is tested beside it
    "tests/db/follow_up/test_reminder_kinds.py",  # as above
    "tests/db/trail/test_canary.py",  # as above
    "tests/db/upkeep/test_backup.py",  # as above
    "tests/db/upkeep/test_purge.py",  # as above
    "tests/db/upkeep/test_upkeep.py",  # as above
    "tests/db/upkeep/test_whole_application.py",  # as above
)
"""and those within them of which it does not."""

ROOT = Path(__file__).parents[1]


def thorough(reason: str) -> pytest.MarkDecorator:
    """
    For a test that `make test` leaves out, and why.
    """
    return pytest.mark.thorough(reason)


def mark_second_database(items: Iterable[pytest.Item]) -> None:
    """
    Mark what runs on PostgreSQL too, but for where that may differ, and for what is of PostgreSQL alone.
    """
    for item in items:
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        if parameters.get("backend") != "postgresql" or item.get_closest_marker("one_database"):
            continue
        if _is_in(item, ON_ONE) or not _is_in(item, ON_BOTH):
            item.add_marker(thorough(SECOND_DATABASE))


def _is_in(item: pytest.Item, names: Iterable[str]) -> bool:
    return any(item.path.is_relative_to(ROOT / name) for name in names)


def left_out(items: Iterable[pytest.Item]) -> Counter[str]:
    """
    How many tests carry the marker, by reason.
    """
    markers = (item.get_closest_marker("thorough") for item in items)
    return Counter(str(marker.args[0]) for marker in markers if marker is not None)
