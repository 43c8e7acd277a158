"""
What people are told without having asked. A notice is written with what it tells about, and sent afterwards.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.tables import UNSENT, Notice, Person

_WRITTEN = "notices_written"


def add(session: AsyncSession, *, person_id: int, key: str, now: datetime, **about: Any) -> None:  # noqa: ANN401  JSON
    """
    Tell a person something: a catalogue key, and what it speaks of.
    """
    session.add(Notice(person_id=person_id, key=key, about=json.dumps(about), created_at=now))
    session.info[_WRITTEN] = True


def were_written(session: AsyncSession) -> bool:
    """
    Whether this transaction has written any.
    """
    return _WRITTEN in session.info


async def unsent(session: AsyncSession, *, limit: int) -> Sequence[tuple[Notice, Person]]:
    """
    The oldest notices that nobody has been sent yet, with their people.
    """
    query = select(Notice, Person).join(Person, col(Person.id) == col(Notice.person_id))
    return (await session.exec(query.where(UNSENT).order_by(col(Notice.id)).limit(limit))).all()


async def mark_sent(session: AsyncSession, *, ids: Sequence[int], now: datetime) -> None:
    """
    These have been sent, or never can be.
    """
    await session.exec(update(Notice).where(col(Notice.id).in_(ids)).values(sent_at=now))
