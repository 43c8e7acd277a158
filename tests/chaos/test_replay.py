"""
Updates that come twice, three times, late and all at once.
"""

from pathlib import Path

from tests.chaos.replay import replay

UPDATES = 800


async def test_what_is_stored_does_not_depend_on_how_updates_are_delivered(tmp_path: Path) -> None:
    """
    Each up to three times and from many chats at once, in each chat in order: as if each had come once.
    """
    found = await replay(tmp_path, updates=UPDATES, seed=1)
    assert found.pushes > 1.5 * UPDATES
    assert found.unanswered == 0
    assert sum(found.clean["answers"].values()) > UPDATES / 10
    assert not found.clean["set aside"]
    assert found.bad == found.clean
