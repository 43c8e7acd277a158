"""
Whom and what somebody who changes access may change.

An administrator's own rights are read anew once the change has the audit trail's lock: two changes at once are made one
after the other, and the second sees the first.
"""

from collections.abc import Iterable

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.tables import Membership, Person, PersonRole, Site
from db.people import team
from db.people.team import Colleague
from db.trail import audit
from db.trail.audit import Actor


class OutOfReachError(LookupError):
    """
    A person, a role or a place that is not there, or is not this administrator's.
    """


class AccessRefusedError(ValueError):
    """
    A change that is not made. `problem` says why.
    """

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


_ADMINISTERS = (
    (col(Membership.role) == PersonRole.ADMINISTRATOR) & col(Person.is_active) & col(Person.accepted_at).is_not(None)
)


async def begin(session: AsyncSession, *, by: Actor) -> frozenset[int] | None:
    """
    Begin a change of access: the sites that whoever makes it administers now; None for all. The program, in the hands
    of whoever runs the server, administers all.
    """
    await audit.lock(session)
    await session.flush()
    return None if by.person_id is None else await administered(session, person_id=by.person_id)


async def administered(session: AsyncSession, *, person_id: int) -> frozenset[int] | None:
    """
    The sites that a person administers now; None for all.
    """
    query = select(Membership.site_id).join(Person).where(_ADMINISTERS, Person.id == person_id)
    held = (await session.exec(query)).all()
    return None if None in held else frozenset(site for site in held if site is not None)


async def whole(session: AsyncSession, *, person_id: int, by: Actor) -> Colleague:
    """
    Begin a change of a person upon whom as a whole this administrator may act. Raises OutOfReachError.
    """
    sites = await begin(session, by=by)
    colleague = await team.find(session, person_id=person_id, sites=sites)
    if colleague is None or not colleague.is_within(sites):
        raise OutOfReachError
    return colleague


async def check_place(session: AsyncSession, *, role: str, site_id: int | None) -> Site | None:
    """
    The site at which a role would be held; None for all sites. Raises AccessRefusedError, OutOfReachError.
    """
    if role not in set(PersonRole):
        raise OutOfReachError
    if site_id is None:
        if role not in team.AT_ALL_SITES:
            raise AccessRefusedError("single_site")
        return None
    site = await session.get(Site, site_id)
    if site is None:
        raise OutOfReachError
    return site


async def keep_administrators(session: AsyncSession, *, losing: set[int]) -> None:
    """
    Raise AccessRefusedError where a site would lose its last active administrator with these memberships.
    """
    query = select(Membership.id, Membership.site_id).join(Person).where(_ADMINISTERS)
    held = (await session.exec(query)).all()
    sites = (await session.exec(select(Site.id))).all()
    before = _with_one((site for _, site in held), sites)
    if before - _with_one((site for membership, site in held if membership not in losing), sites):
        raise AccessRefusedError("last_administrator")


def _with_one(held: Iterable[int | None], sites: Iterable[int]) -> set[int]:
    found = set(held)
    return set(sites) if None in found else {site for site in found if site is not None}
