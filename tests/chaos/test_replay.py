"""
Updates that come twice, three times, late and all at once.
"""

from pathlib import Path

import pytest

from tests.chaos.replay import replay
from tests.thorough import thorough


@pytest.mark.parametrize("updates", [60, pytest.param(800, marks=thorough("many updates, delivered badly"))])
async def test_what_is_stored_does_not_depend_on_how_updates_are_delivered(tmp_path: Path, updates: int) -> None:
    """
    Each up to three times and from many chats at once, in each chat in order: as if each had come once.
    """
    found = await replay(tmp_path, updates=updates, seed=1)
    assert found.pushes > 1.5 * updates
    assert found.unanswered == 0
    assert sum(found.clean["answers"].values()) > updates / 10
    assert not found.clean["set aside"]
    assert found.bad == found.clean
