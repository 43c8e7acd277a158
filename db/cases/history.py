"""
What happened to a case: its entries in the audit trail, and its answers, each with whose they are.
"""

from collections.abc import Iterable, Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.tables import Answer, AuditEntry, Case, Person


async def entries_of(
    session: AsyncSession, *, case: Case, limit: int, offset: int
) -> Sequence[tuple[AuditEntry, Person | None]]:
    """
    The audit entries about a case, the newest first, and who acted; None for the program itself.
    """
    await session.flush()
    query = (
        select(AuditEntry, Person)
        .outerjoin(Person, col(Person.id) == col(AuditEntry.actor))
        .where(AuditEntry.entity == case.code)
        .order_by(col(AuditEntry.sequence).desc())
        .limit(limit)
        .offset(offset)
    )
    return (await session.exec(query)).all()


async def answers_of(session: AsyncSession, *, case: Case) -> Sequence[tuple[Answer, Person]]:
    """
    Every answer ever given for a case, in the order given, and by whom.
    """
    await session.flush()
    query = (
        select(Answer, Person)
        .join(Person, col(Person.id) == col(Answer.person_id))
        .where(Answer.case_id == case.id)
        .order_by(col(Answer.revision))
    )
    return (await session.exec(query)).all()


async def names(session: AsyncSession, *, person_ids: Iterable[int]) -> dict[int, str]:
    """
    The names of these people.
    """
    query = select(Person.id, Person.name).where(col(Person.id).in_(set(person_ids)))
    return dict((await session.exec(query)).all())
