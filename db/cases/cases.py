"""
Cases: opening, finding and listing them.
"""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.assessment import assess
from bot.rules.protocol import Kind, Protocol
from db.base.tables import INCLUDED, Case, LogLine, Site, Stage
from db.cases import overview
from db.trail import audit, entries
from db.trail.audit import Actor

_LETTERS = {Kind.RECIPIENT: "R", Kind.DONOR: "D"}


def code_of(*, site: int, kind: Kind, number: int) -> str:
    """
    The code of a case: 01-R-003 is the third recipient of site 1.
    """
    return f"{site:02d}-{_LETTERS[kind]}-{number:03d}"


def today(site: Site, now: datetime) -> date:
    """
    What day it is at the site.
    """
    return now.astimezone(ZoneInfo(site.time_zone)).date()


async def open_new(
    session: AsyncSession, *, kind: Kind, site: Site, protocol: Protocol, by: Actor, now: datetime
) -> Case:
    """
    Open a case with the next free number of its kind at the site. Numbers are never used twice.
    """
    await audit.lock(session)  # two replicas would otherwise take the same number
    number = 1 + max([await _highest(session, table, site, kind) for table in (Case, LogLine)])
    blank = assess(protocol.population(kind), {}, today(site, now))
    case = Case(
        code=code_of(site=site.number, kind=kind, number=number),
        kind=kind,
        site_id=site.id,
        number=number,
        protocol=protocol.version,
        opened_by=by.person,
        opened_at=now,
        touched_at=now,
        verdict=blank.verdict,
        assessed_on=blank.as_of,
        to_ask=len(blank.to_ask),
        missing=f" {' '.join(blank.missing)} ",
        open=" ".join(criterion.id for criterion in protocol.population(kind).criteria),
    )
    session.add(case)
    await session.flush()
    await entries.about_case(session, case, "case.open", at=now, by=by, new=kind)
    return case


async def _highest(session: AsyncSession, table: type[Case | LogLine], site: Site, kind: Kind) -> int:
    query = select(func.max(table.number)).where(table.site_id == site.id, table.kind == kind)
    return (await session.exec(query)).one() or 0


async def by_code(session: AsyncSession, *, code: str, sites: frozenset[int] | None) -> Case | None:
    """
    The case with this code at one of these sites (None: any). One elsewhere is not found, like one that never was.
    """
    await session.flush()
    query = select(Case).where(Case.code == code, Case.stage != Stage.DISCARDED)
    if sites is not None:
        query = query.where(col(Case.site_id).in_(sites))
    return (await session.exec(query)).first()


async def by_id(session: AsyncSession, *, case_id: int, sites: frozenset[int] | None) -> Case | None:
    """
    The case with this id at one of these sites (None: any).
    """
    case = await session.get(Case, case_id)
    if case is None or case.stage == Stage.DISCARDED or not (sites is None or case.site_id in sites):
        return None
    return case


async def under(session: AsyncSession, *, protocol: str) -> Sequence[Case]:
    """
    The cases that began under a version of the protocol, by code.
    """
    return (await session.exec(select(Case).where(Case.protocol == protocol).order_by(col(Case.code)))).all()


async def in_screening(
    session: AsyncSession, *, sites: frozenset[int] | None, limit: int, offset: int
) -> Sequence[Case]:
    """
    Cases being screened, the last touched first.
    """
    return await overview.find(
        session, sites=sites, wanted=overview.Filter(stage=Stage.SCREENING), limit=limit, offset=offset
    )


async def count_in_screening(session: AsyncSession, *, sites: frozenset[int] | None) -> int:
    """
    How many cases are being screened.
    """
    found = await overview.counts(session, sites=sites)
    return sum(count.number for count in found if count.stage == Stage.SCREENING)


async def included(session: AsyncSession) -> dict[Kind, int]:
    """
    How many recipients and donors have been included, at all sites, whatever has become of them since.
    """
    await session.flush()
    query = select(Case.kind, func.count()).where(INCLUDED).group_by(col(Case.kind))
    found = dict((await session.exec(query)).all())
    return {kind: int(found.get(kind) or 0) for kind in Kind}


async def due_for_recheck(session: AsyncSession, *, on: date) -> Sequence[Case]:
    """
    Cases whose assessment has changed with time alone by this day.
    """
    query = select(Case).where(col(Case.recheck_on) <= on).order_by(col(Case.id))
    return (await session.exec(query)).all()


async def move(
    session: AsyncSession, *, case: Case, to: Stage, by: Actor, now: datetime, reason: str | None = None
) -> None:
    """
    Take a case to another stage.
    """
    said = {"field": "stage", "old": case.stage, "new": to, "reason": reason}
    await entries.about_case(session, case, "case.stage", at=now, by=by, **said)
    case.stage, case.touched_at = to, now
