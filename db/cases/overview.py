"""
All cases at a glance: counts, and the few cases that lists show, at the same cost however many there are.
"""

from collections.abc import Sequence
from datetime import date
from itertools import product
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnClause, ColumnElement, Date, String, TextClause, literal_column, text, union_all
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.frozen import Frozen
from db.base.tables import AWAITED, DEVIATION, OLD, ONE_FAILING, ONE_MISSING, OPEN_QUERY, PROPOSED, Case, Stage, Tally
from db.people.sites import sites_within

NEAR, SINGLE, OLDEST = "near", "single", "oldest"
"""One item away from a verdict; kept out by a single criterion; in screening, the longest untouched first."""

QUERY, WAITING, DEVIATING, FAILING, AGED = "query", "awaited", "deviation", "proposal", "old"
"""With an open query; with a result that is awaited; with a deviation; with a proposed screen failure; with a result
that is old on the day named."""

_UNDECIDED = "stage IN ('screening', 'finished', 'signed')"
_UNDER_WAY = "stage IN ('screening', 'finished', 'signed', 'included')"

GROUPS: dict[str, tuple[TextClause, str]] = {
    NEAR: (ONE_MISSING, "ix_cases_one_missing"),
    SINGLE: (ONE_FAILING, "ix_cases_one_failing"),
    QUERY: (OPEN_QUERY, "ix_cases_open_query"),
    WAITING: (AWAITED, "ix_cases_awaited"),
    DEVIATING: (DEVIATION, "ix_cases_deviation"),
    FAILING: (text(f"{PROPOSED.text} AND {_UNDECIDED}"), "ix_cases_proposal"),
    AGED: (text(f"{OLD.text} AND {_UNDER_WAY}"), "ix_cases_old"),
}
"""What is true of the cases of each group, and the index over them."""

STAGES = tuple(stage for stage in Stage if stage is not Stage.DISCARDED)
"""The stages of cases that are there for people."""

_MOST_BRANCHES = 200
"""Of a query: SQLite takes 500, and beyond some number asking each site by itself gains nothing."""


class Filter(Frozen):
    """
    What cases somebody looks for. `site` is a site's number, `missing` an item's key, `code` a part of a code, `group`
    one of GROUPS or OLDEST.
    """

    verdict: str | None = None
    stage: str | None = None
    kind: str | None = None
    site: int | None = None
    missing: str | None = None
    code: str | None = None
    group: str | None = None


class Count(Frozen):
    """
    How many cases there are of a kind, at a stage, with a verdict.
    """

    kind: str
    stage: str
    verdict: str
    number: int


async def counts(session: AsyncSession, *, sites: frozenset[int] | None) -> list[Count]:
    """
    How many cases there are of each sort at these sites, discarded ones left out.
    """
    await session.flush()
    query = select(Tally.kind, Tally.stage, Tally.verdict, func.sum(Tally.number)).where(
        Tally.stage != Stage.DISCARDED, Tally.number > 0
    )
    if sites is not None:
        query = query.where(col(Tally.site_id).in_(sites))
    query = query.group_by(col(Tally.kind), col(Tally.stage), col(Tally.verdict))
    return [Count(kind, stage, verdict, int(number)) for kind, stage, verdict, number in await session.exec(query)]


async def number_of(session: AsyncSession, *, group: str, sites: frozenset[int] | None) -> int:
    """
    How many cases are in one of GROUPS at these sites. AGED is not counted: that takes a day.
    """
    await session.flush()
    wanted = Filter(group=group)
    query = select(func.count()).select_from(_source(session, wanted)).where(*_conditions(wanted, None))
    if sites is not None:
        query = query.where(_column("site_id").in_(sites))
    return (await session.exec(query)).one()


async def find(
    session: AsyncSession,
    *,
    sites: frozenset[int] | None,
    wanted: Filter,
    limit: int,
    offset: int = 0,
    today: date | None = None,
) -> list[Case]:
    """
    Cases at these sites as they are looked for, the last touched first unless the oldest are wanted. AGED needs to know
    what day it is.
    """
    await session.flush()
    known = await sites_within(session, sites=sites)
    places = [site.id for site in known if wanted.site is None or wanted.site == site.number]
    ids = await _ids(session, places, wanted, (limit, offset), today)
    if not ids:
        return []
    found = {case.id: case for case in await session.exec(select(Case).where(col(Case.id).in_(ids)))}
    return [found[case_id] for case_id in ids]


async def _ids(
    session: AsyncSession, places: list[int], wanted: Filter, page: tuple[int, int], today: date | None
) -> list[int]:
    """
    So many from each site and stage, in the order of an index, then merged: what is not shown is not sorted either.
    """
    if not places:
        return []
    limit, offset = page
    touched, key = _column("touched_at"), _column("id")
    order = (touched.asc(), key.asc()) if wanted.group == OLDEST else (touched.desc(), key.desc())
    where, stages = _conditions(wanted, today), _stages(wanted)
    together = [[stage for of in stages for stage in of]]
    split = len(places) * len(stages) <= _MOST_BRANCHES
    branches = [
        sqlalchemy.select(key, touched)
        .select_from(_source(session, wanted))
        .where(_among(_column("site_id"), at), *((_among(_column("stage"), of),) if of else ()), *where)
        .order_by(*order)
        .limit(offset + limit)
        .subquery()
        for at, of in (product([[one] for one in places], stages) if split else product([places], together))
    ]
    merged = union_all(*(sqlalchemy.select(branch.c.id, branch.c.touched_at) for branch in branches)).subquery()
    by = (merged.c.touched_at, merged.c.id)
    ordered = by if wanted.group == OLDEST else tuple(column.desc() for column in by)
    query = select(merged.c.id).order_by(*ordered).limit(limit).offset(offset)
    return list((await session.exec(query)).all())


def _source(session: AsyncSession, wanted: Filter) -> TextClause:
    """
    The table; on SQLite with the index of a group, which would not be chosen for having one column to match only.
    """
    if wanted.group in GROUPS and session.get_bind().dialect.name == "sqlite":
        _, index = GROUPS[wanted.group]
        return text(f"cases INDEXED BY {index}")
    return text("cases")


def _column(name: str) -> ColumnClause[Any]:
    return literal_column(name, String)


def _among(column: ColumnClause[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    return column == values[0] if len(values) == 1 else column.in_(values)


def _stages(wanted: Filter) -> list[list[str]]:
    """
    The stages to look in, each by itself. A group's own condition names the stage, as its index does.
    """
    if wanted.group in GROUPS:
        return [[]]
    if wanted.group == OLDEST:
        return [[Stage.SCREENING]]
    return [[wanted.stage]] if wanted.stage else [[stage] for stage in STAGES]


def _conditions(wanted: Filter, today: date | None) -> list[ColumnElement[bool] | TextClause]:
    found: list[Any] = [GROUPS[wanted.group][0]] if wanted.group in GROUPS else []
    if wanted.group == AGED:
        found.append(literal_column("old_on", Date) <= today)
    if wanted.group and wanted.stage:
        found.append(_column("stage") == wanted.stage)
    if wanted.verdict:
        found.append(_column("verdict") == wanted.verdict)
    if wanted.kind:
        found.append(_column("kind") == wanted.kind)
    if wanted.missing:
        found.append(_column("missing").contains(f" {wanted.missing} ", autoescape=True))
    if wanted.code:
        found.append(_column("code").contains(wanted.code, autoescape=True))
    return found
