"""
Over two simulated years every reminder reaches whom it concerns, on its day and once: as an oracle says that knows the
history and nothing of the program.

REMINDER_CASES and REMINDER_SEED make other and longer histories.
"""

import os
from collections import Counter
from datetime import date
from random import Random

from db.engine import Database
from tests.db.reminder_history import Author
from tests.db.reminder_oracle import Told
from tests.db.reminder_trial import Trial
from tests.db.rows import on_sqlite

CASES = int(os.environ.get("REMINDER_CASES", "200"))
SEED = int(os.environ.get("REMINDER_SEED", "1"))
BEGINS, ENDS = date(2026, 3, 2), date(2028, 3, 20)
"""Two years with their four changes of the clock, and 29 February 2028."""


@on_sqlite
async def test_over_two_years_everyone_is_told_what_they_are_to_be_told(database: Database) -> None:
    """
    Each once, none early, none missed, and nobody else.
    """
    history = Author(Random(SEED), BEGINS, ENDS).write(cases=CASES)  # noqa: S311
    trial = Trial([database], history.looks[0], SEED)
    expected, told = await trial.live(history)
    print(len(expected), trial.now, len(history.looks), len(history.events))
    assert_told(told, expected)


def assert_told(told: list[Told], expected: list[Told]) -> None:
    """
    The same, and each as often.
    """
    missed, beyond = Counter(expected) - Counter(told), Counter(told) - Counter(expected)
    assert not missed, f"not told: {sorted(map(str, missed))}, but: {sorted(map(str, beyond))}"
    assert not beyond, f"told beyond: {sorted(map(str, beyond))}"
