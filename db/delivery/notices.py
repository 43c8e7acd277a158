"""
What people are told without having asked. A notice is written with what it tells about, and sent afterwards.
"""

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import false, update
from sqlmodel import and_, col, func, not_, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.tables import UNSENT, Chat, Notice, Person
from db.delivery.pace import LEFT_ALONE

_WRITTEN = "notices_written"
_PATIENCE = timedelta(minutes=10)
_PAUSES = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
"""How long to wait before a notice that could not be sent is tried again; after the last it is set aside."""

REMINDERS = "notice.reminders"
"""The key of the one kind of notice that is looked at again when it is sent."""


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


async def unsent(
    session: AsyncSession, *, limit: int, now: datetime, but: Collection[int] = ()
) -> Sequence[tuple[Notice, Person]]:
    """
    The oldest notices that can be sent to others than these people, with whom they are for. Those of people who cannot
    be reached wait until they write again, those of people whom Telegram wants left alone until that is over, and
    reminders until a question that has just been shown is answered.
    """
    is_asked = and_(col(Chat.card_for).is_not(None), col(Chat.card_shown_at) > now - _PATIENCE)
    query = (
        select(Notice, Person)
        .join(Person, col(Person.id) == col(Notice.person_id))
        .outerjoin(Chat, col(Chat.chat_id) == col(Person.telegram_id))
        .where(UNSENT, col(Person.unreachable_at).is_(None), col(Person.telegram_id).not_in(LEFT_ALONE))
        .where(col(Notice.person_id).not_in(but))
        .where(or_(Notice.key != REMINDERS, not_(func.coalesce(is_asked, false()))))
        .where(or_(col(Notice.not_before).is_(None), col(Notice.not_before) <= now))
    )
    return (await session.exec(query.order_by(col(Notice.id)).limit(limit))).all()


async def mark_sent(session: AsyncSession, *, ids: Sequence[int], now: datetime) -> None:
    """
    These have been sent, or never can be.
    """
    await session.exec(update(Notice).where(col(Notice.id).in_(ids)).values(sent_at=now))


async def failed(session: AsyncSession, *, notice_id: int, now: datetime) -> bool:
    """
    A notice could not be sent: it is tried again later, or set aside after too many attempts. Whether it is set aside.
    """
    notice = await session.get_one(Notice, notice_id)
    notice.attempts += 1
    is_hopeless = notice.attempts > len(_PAUSES)
    if is_hopeless:
        notice.set_aside_at = now
    else:
        notice.not_before = now + _PAUSES[notice.attempts - 1]
    return is_hopeless


async def try_again(session: AsyncSession) -> None:
    """
    Take up what was set aside: a program that starts may be one that can send it.
    """
    await session.exec(
        update(Notice)
        .where(col(Notice.sent_at).is_(None), col(Notice.set_aside_at).is_not(None))
        .values(attempts=0, not_before=None, set_aside_at=None)
    )


async def take_back_reminders(session: AsyncSession, *, person_id: int, now: datetime) -> list[int]:
    """
    Do without the reminders that a person has not been sent yet, and tell which these are.
    """
    await session.flush()
    query = select(Notice).where(UNSENT, Notice.person_id == person_id, Notice.key == REMINDERS)
    found = (await session.exec(query)).all()
    for notice in found:
        notice.sent_at = now
    return [one for notice in found for one in json.loads(notice.about)["ids"]]
