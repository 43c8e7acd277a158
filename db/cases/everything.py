"""
Everything there is of many cases, each table read in one go: what documents are made of.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from db.base.tables import Answer, AuditEntry, Case, Decision, Link, LogLine, Membership, Person, Stage

Ids: TypeAlias = SelectOfScalar[int] | Collection[int]
"""Cases by their ids, known or still to be looked up."""


def ids_of(sites: Collection[int] | None, codes: Collection[str] | None) -> SelectOfScalar[int]:
    """
    The ids of the cases at these sites (None: any), of these codes only if there are any.
    """
    query = select(Case.id).where(Case.stage != Stage.DISCARDED)
    if sites is not None:
        query = query.where(col(Case.site_id).in_(sites))
    if codes is not None:
        query = query.where(col(Case.code).in_(codes))
    return query


async def cases(session: AsyncSession, *, ids: Ids) -> Sequence[Case]:
    """
    The cases, by code.
    """
    return await _read(session, select(Case).where(col(Case.id).in_(ids)).order_by(col(Case.code)))


async def answers(session: AsyncSession, *, ids: Ids) -> Sequence[Answer]:
    """
    Every answer ever given, case by case in the order given.
    """
    query = select(Answer).where(col(Answer.case_id).in_(ids))
    return await _read(session, query.order_by(col(Answer.case_id), col(Answer.revision)))


async def decisions(session: AsyncSession, *, ids: Ids) -> Sequence[Decision]:
    """
    Every decision about any of them, the oldest first.
    """
    about = or_(col(Decision.case_id).in_(ids), col(Decision.partner_id).in_(ids))
    return await _read(session, select(Decision).where(about).order_by(col(Decision.id)))


async def links(session: AsyncSession, *, ids: Ids) -> Sequence[Link]:
    """
    Every link of any of them, those that no longer hold included, the oldest first.
    """
    about = or_(col(Link.recipient_id).in_(ids), col(Link.donor_id).in_(ids))
    return await _read(session, select(Link).where(about).order_by(col(Link.id)))


async def codes(session: AsyncSession, *, ids: Collection[int]) -> dict[int, str]:
    """
    The codes of cases by id.
    """
    return dict((await session.exec(select(Case.id, Case.code).where(col(Case.id).in_(ids)))).all())


async def taken_out(session: AsyncSession, *, sites: Collection[int] | None) -> Sequence[LogLine]:
    """
    What the screening log keeps of cases whose data were taken out, by code.
    """
    query = select(LogLine).order_by(col(LogLine.code))
    return await _read(session, query if sites is None else query.where(col(LogLine.site_id).in_(sites)))


async def inclusions(session: AsyncSession) -> Sequence[tuple[str, datetime]]:
    """
    When each case of the study was included, with its kind, the first first. No more of a case than that.
    """
    query = select(Case.kind, col(Case.included_at)).where(col(Case.included_at).is_not(None))
    return [(kind, at) for kind, at in await session.exec(query.order_by(col(Case.included_at))) if at is not None]


async def people(session: AsyncSession) -> Sequence[Person]:
    """
    Everybody who ever was a member, active or not.
    """
    return await _read(session, select(Person).order_by(col(Person.id)))


async def memberships(session: AsyncSession) -> Sequence[Membership]:
    """
    Every role that is held.
    """
    return await _read(session, select(Membership).order_by(col(Membership.id)))


async def entries_of_access(session: AsyncSession) -> Sequence[AuditEntry]:
    """
    What the trail tells of people and their roles, the oldest first.
    """
    about = or_(*(col(AuditEntry.entity).startswith(kind) for kind in ("person ", "invitation ")))
    return await _read(session, select(AuditEntry).where(about).order_by(col(AuditEntry.sequence)))


async def _read(session: AsyncSession, query: SelectOfScalar[Any]) -> Sequence[Any]:
    return (await session.exec(query)).all()
