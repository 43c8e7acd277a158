"""
The visits of many recipients: what is ahead, and what belongs into a calendar.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.frozen import Frozen
from db.base.tables import ENDED, PENDING, Case, Decision, PlannedVisit, Site, Stage
from db.cases import cases
from db.people.sites import sites_within

_NOT_FOLLOWED = frozenset({*ENDED, Stage.DISCARDED})


class Dated(Frozen):
    """
    A visit for a calendar. `sequence` grows and `changed_at` is later with every change of the visit, or of what was
    decided about its case.
    """

    visit: PlannedVisit
    case: Case
    sequence: int
    changed_at: datetime


def _at(sites: frozenset[int] | None) -> ColumnElement[bool]:
    """
    At these sites. All of them are named too: the indexes begin with the site.
    """
    return col(PlannedVisit.site_id).in_(select(Site.id) if sites is None else sites)


async def today(session: AsyncSession, *, sites: frozenset[int] | None, now: datetime) -> date:
    """
    What day it is at these sites: where they differ, the latest.
    """
    return max([cases.today(site, now) for site in await sites_within(session, sites=sites)], default=now.date())


async def ahead(
    session: AsyncSession, *, sites: frozenset[int] | None, until: date, limit: int, offset: int = 0
) -> Sequence[tuple[PlannedVisit, Case, Site]]:
    """
    The visits still to take place whose window opens by a day: by site, then by the day planned.
    """
    await session.flush()
    query = (
        select(PlannedVisit, Case, Site)
        .join(Case, col(Case.id) == col(PlannedVisit.case_id))
        .join(Site, col(Site.id) == col(PlannedVisit.site_id))
        .where(PENDING, col(PlannedVisit.opens) <= until, col(Case.stage).not_in(_NOT_FOLLOWED), _at(sites))
    )
    query = query.order_by(
        col(PlannedVisit.site_id), col(PlannedVisit.day), col(PlannedVisit.case_id), col(PlannedVisit.month)
    )
    return (await session.exec(query.limit(limit).offset(offset))).all()


async def count_ahead(session: AsyncSession, *, sites: frozenset[int] | None, until: date) -> int:
    """
    How many visits `ahead` finds without a limit.
    """
    await session.flush()
    query = (
        select(func.count())
        .select_from(PlannedVisit)
        .join(Case, col(Case.id) == col(PlannedVisit.case_id))
        .where(PENDING, col(PlannedVisit.opens) <= until, col(Case.stage).not_in(_NOT_FOLLOWED), _at(sites))
    )
    return (await session.exec(query)).one()


async def dated(
    session: AsyncSession, *, sites: frozenset[int] | None, today: date, back: timedelta, limit: int
) -> list[Dated]:
    """
    The visits ahead and those of the time just past, whatever became of them: what was in somebody's calendar has to be
    taken out there. With a limit, the nearest of those ahead, then of those past.
    """
    await session.flush()
    day = col(PlannedVisit.day)
    rows = await _calendar(session, sites, limit, day >= today, order=day.asc())
    if len(rows) < limit:
        past = await _calendar(session, sites, limit - len(rows), day < today, day >= today - back, order=day.desc())
        rows = [*reversed(past), *rows]
    decided = select(Decision.case_id, func.count(), func.max(Decision.at)).group_by(col(Decision.case_id))
    ids = {case.id for _, case in rows}
    found = (await session.exec(decided.where(col(Decision.case_id).in_(ids)))).all()
    about = {case_id: (number, at) for case_id, number, at in found}
    return [
        Dated(
            visit,
            case,
            visit.sequence + about.get(case.id, (0, visit.changed_at))[0],
            max(visit.changed_at, about.get(case.id, (0, visit.changed_at))[1]),
        )
        for visit, case in rows
    ]


async def _calendar(
    session: AsyncSession,
    sites: frozenset[int] | None,
    limit: int,
    *days: ColumnElement[bool],
    order: ColumnElement[date],
) -> list[tuple[PlannedVisit, Case]]:
    query = select(PlannedVisit, Case).join(Case, col(Case.id) == col(PlannedVisit.case_id))
    query = query.where(Case.stage != Stage.DISCARDED, *days)
    if sites is not None:
        query = query.where(_at(sites))
    return list((await session.exec(query.order_by(order, col(PlannedVisit.case_id)).limit(limit))).all())
