"""
Answers as they were given, read from the database on the shortest way: every update asks for them.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Table, bindparam, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base import core, vault
from db.base.tables import Answer
from db.base.vault import Vault


class Examined(NamedTuple):
    """
    The examination that a result comes from: its day, its kind, and words for a kind of which there is none.
    """

    on: date | None = None
    by: str | None = None
    words: str | None = None


UNSAID = Examined()


class GivenAnswer(NamedTuple):
    """
    An answer, or a row that lets an earlier one stand. `text` is its file form as JSON; None for "not available yet".
    """

    item: str
    text: str | None
    revision: int
    person_id: int
    at: datetime
    source: str
    batch: int | None = None
    repeats: int | None = None
    examined: Examined = UNSAID


def standing(answers: Iterable[GivenAnswer]) -> dict[str, GivenAnswer]:
    """
    The answer that counts for each item: the newest, the last given last. What a row lets stand again is that answer
    itself, with the examination that the row names.
    """
    found: dict[str, GivenAnswer] = {}
    by_revision: dict[int, GivenAnswer] = {}
    for given in answers:
        by_revision[given.revision] = given
        found.pop(given.item, None)
        if given.repeats is None:
            found[given.item] = given
        elif given.repeats:
            found[given.item] = by_revision[given.repeats]._replace(examined=given.examined)
    return found


_TABLE: Table = Answer.__table__  # type: ignore[attr-defined]  # every mapped class has one

_COLUMNS = (
    *("case_id", "item", "value", "revision", "person_id", "at", "source", "batch", "repeats"),
    *("examined_on", "examined_by", "examined_words"),
)
_ANSWERS = (
    # Built once, and on the table itself.
    select(*(_TABLE.c[name] for name in _COLUMNS))
    .where(_TABLE.c.case_id.in_(bindparam("ids", expanding=True)))
    .order_by(_TABLE.c.case_id, _TABLE.c.revision)
)


async def of_cases(session: AsyncSession, case_ids: Sequence[int]) -> dict[int, list[GivenAnswer]]:
    """
    The answers of each of these cases, in the order given.
    """
    held = vault.of(session)
    found: dict[int, list[GivenAnswer]] = {case_id: [] for case_id in case_ids}
    for case_id, *row, on, by, words in await core.run(session, _ANSWERS, {"ids": list(found)}):
        given = GivenAnswer._make((*row, Examined(on, by, words) if on or by else UNSAID))
        found[case_id].append(given if held is None else _opened(held, case_id, given))
    return found


def _opened(held: Vault, case_id: int, given: GivenAnswer) -> GivenAnswer:
    def opened(column: str, text: str | None) -> str | None:
        return text and held.open(text, vault.place("answers", column, (case_id, given.revision)))

    words: Any = given.examined.words
    examined = given.examined._replace(words=opened("examined_words", words)) if words else given.examined
    return given._replace(text=opened("value", given.text), examined=examined)
