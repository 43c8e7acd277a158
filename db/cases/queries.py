"""
Queries: answers that contradict each other, until one of them is given anew or a person says why they stand.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.tables import Decision, DecisionKind
from db.cases import decisions
from db.cases.given import GivenAnswer
from db.cases.partners import keys_of
from db.cases.records import Record
from db.trail.audit import Actor

_BY_ROWS = "rows:"


def digest(record: Record, query_id: str) -> str:
    """
    A hash over the answers that a query speaks of, as rows: a dismissal holds while none of them is given anew, with
    another value or the same.
    """
    rows = [[key, code, one.revision if one else None] for key, code, one in _given(record, query_id)]
    return _BY_ROWS + hashlib.sha256(json.dumps([query_id, rows]).encode()).hexdigest()


def _given(record: Record, query_id: str) -> Iterable[tuple[str, str, GivenAnswer | None]]:
    """
    Of each item of a query the answer that counts, and the code of the case that gave it.
    """
    query = next(one for one in record.population.queries if one.id == query_id)
    for key in sorted(keys_of(query.expression)):
        lent = record.borrowed.get(key)
        yield (key, lent.code, lent.given) if lent else (key, record.case.code, record.current.get(key))


def since(record: Record, query_id: str) -> datetime:
    """
    Since when the answers of a query stand as they are: the last of them was given then.
    """
    return max((one.at for _, _, one in _given(record, query_id) if one is not None), default=record.case.touched_at)


async def dismiss(
    session: AsyncSession, *, record: Record, query_id: str, reason: str, by: Actor, now: datetime
) -> Decision:
    """
    Say why the answers of a query stand as they are.
    """
    decision = await decisions.decide(
        session,
        kind=DecisionKind.QUERY_DISMISSED,
        subjects=[record],
        by=by,
        now=now,
        about=query_id,
        reason=reason,
        digest=digest(record, query_id),
    )
    record.case.open_queries = len(await still_open(session, record=record))
    return decision


async def still_open(session: AsyncSession, *, record: Record) -> tuple[str, ...]:
    """
    The queries raised that nobody has dismissed.
    """
    by_query = await dismissed(session, record=record)
    return tuple(one for one in record.assessment.queries if one not in by_query)


async def dismissed(session: AsyncSession, *, record: Record, by: datetime | None = None) -> dict[str, Decision]:
    """
    The queries raised that somebody has dismissed, or had by a time, each with the decision that holds.
    """
    raised = record.assessment.queries
    if not raised:
        return {}
    await session.flush()
    query = select(Decision).where(Decision.case_id == record.case.id, Decision.kind == DecisionKind.QUERY_DISMISSED)
    query = query if by is None else query.where(col(Decision.at) <= by)
    rows = (await session.exec(query.order_by(col(Decision.id)))).all()
    return {one: row for one in raised for row in rows if row.about == one and _holds(record, one, row)}


def _holds(record: Record, query_id: str, dismissal: Decision) -> bool:
    if dismissal.digest.startswith(_BY_ROWS):
        return dismissal.digest == digest(record, query_id)
    # Earlier versions took the hash of the values: it says nothing of one that was given again since.
    is_since = any(one is not None and one.at > dismissal.at for _, _, one in _given(record, query_id))
    return not is_since and dismissal.digest == _digest_of_values(record, query_id)


def _digest_of_values(record: Record, query_id: str) -> str:
    known = {**{key: lent.value for key, lent in record.borrowed.items()}, **record.facts}
    content = [[key, _plain(known.get(key))] for key, _, _ in _given(record, query_id)]
    return hashlib.sha256(json.dumps([query_id, content]).encode()).hexdigest()


def _plain(value: object) -> str:
    return " ".join(sorted(value)) if isinstance(value, frozenset) else str(value)
