"""
Every reminder reaches whom it concerns, on its day and once: as an oracle says that knows the history and nothing of
the program.

REMINDER_CASES and REMINDER_SEED make other and longer histories.
"""

import os
from collections import Counter
from datetime import date
from random import Random

from db.base.engine import Database
from tests.databases import on_postgres
from tests.db.follow_up.reminder_history import Author, History
from tests.db.follow_up.reminder_oracle import Told
from tests.db.follow_up.reminder_trial import Trial
from tests.thorough import thorough

CASES = int(os.environ.get("REMINDER_CASES", "200"))
SEED = int(os.environ.get("REMINDER_SEED", "1"))

pytestmark = thorough("years of a trial, day by day")


def invented(begins: date, ends: date, cases: int) -> History:
    """
    A history between these days.
    """
    print(f"REMINDER_SEED={SEED}")  # noqa: T201  to repeat a run that failed
    return Author(Random(SEED), begins, ends).write(cases=cases)  # noqa: S311  a sample, no secret


def assert_told(told: list[Told], expected: list[Told]) -> None:
    """
    The same, and each as often.
    """
    missed, beyond = Counter(expected) - Counter(told), Counter(told) - Counter(expected)
    assert not missed, f"not told: {sorted(map(str, missed))}, but: {sorted(map(str, beyond))}"
    assert not beyond, f"told beyond: {sorted(map(str, beyond))}"
    assert len({one.about.kind for one in told}) == 8, "a kind that this history does without"


async def test_over_two_years_everyone_is_told_what_they_are_to_be_told(database: Database) -> None:
    """
    Each once, none early, none missed, and nobody else: with four changes of the clock, and 29 February 2028.
    """
    history = invented(date(2026, 3, 2), date(2028, 3, 20), CASES // 2)
    expected, told = await Trial([database], history.looks[0], SEED).live(history)
    assert_told(told, expected)


async def test_a_process_that_is_killed_again_and_again_misses_nothing(database: Database) -> None:
    """
    Between any two statements, before and after any commit or message: for each kill one message comes twice at most.
    """
    history = invented(date(2027, 9, 20), date(2028, 5, 20), CASES // 4)
    trial = Trial([database], history.looks[0], SEED, killer=Random(SEED))  # noqa: S311  a schedule, no secret
    expected, told = await trial.live(history)
    assert_told(told, expected)
    assert max(trial.repeated) == 1
    assert 0 < sum(trial.repeated) < trial.kills


@on_postgres("replicas share a server")
async def test_of_two_replicas_one_tells(database: Database, url: str) -> None:
    """
    Both look and send at the same moments, on PostgreSQL.
    """
    history = invented(date(2027, 9, 20), date(2028, 3, 31), CASES // 4)
    other = Database(url)
    expected, told = await Trial([database, other], history.looks[0], SEED).live(history)
    await other.close()
    assert_told(told, expected)
