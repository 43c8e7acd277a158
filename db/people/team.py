"""
Who is on the team: people with the roles they hold, and where.
"""

from collections.abc import Sequence

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from bot.rules.frozen import Frozen
from db.base.tables import Authenticator, Membership, Person, PersonRole, Site

AT_ALL_SITES = frozenset({PersonRole.ADMINISTRATOR, PersonRole.INVESTIGATOR, PersonRole.MONITOR})
"""The roles that one may hold at all sites at once. A coordinator screens where they work."""


class Held(Frozen):
    """
    A role that somebody holds, and its site; None for all sites.
    """

    membership: Membership
    site: Site | None

    @property
    def role(self) -> str:
        """
        The role.
        """
        return self.membership.role


class Colleague(Frozen):
    """
    A person, active or not, with all the roles they hold.
    """

    person: Person
    held: tuple[Held, ...]
    has_authenticator: bool = False

    def is_within(self, sites: frozenset[int] | None) -> bool:
        """
        Whether all that this person may do lies within these sites (None: all).
        """
        if sites is None:
            return True
        return bool(self.held) and all(covers(sites, one.membership.site_id) for one in self.held)


def covers(sites: frozenset[int] | None, site_id: int | None) -> bool:
    """
    Whether these sites (None: all) hold this one (None: all of them).
    """
    return sites is None or (site_id is not None and site_id in sites)


def described(held: Sequence[Held]) -> str:
    """
    Roles as the audit trail writes them.
    """
    return ", ".join(f"{one.role} {'all' if one.site is None else f'{one.site.number:02d}'}" for one in held)


async def page(session: AsyncSession, *, sites: frozenset[int] | None, limit: int, offset: int = 0) -> list[Colleague]:
    """
    People who hold a role at one of these sites (None: everyone), the active ones first.
    """
    await session.flush()
    query = select(Person).order_by(col(Person.is_active).desc(), col(Person.name), col(Person.id))
    query = query.limit(limit).offset(offset)
    if sites is not None:
        query = query.where(col(Person.id).in_(_at(sites)))
    people = (await session.exec(query.execution_options(populate_existing=True))).all()
    return await _with_roles(session, people)


async def find(session: AsyncSession, *, person_id: int, sites: frozenset[int] | None) -> Colleague | None:
    """
    One of them, as they are now.
    """
    await session.flush()
    query = select(Person).where(Person.id == person_id)
    if sites is not None:
        query = query.where(col(Person.id).in_(_at(sites)))
    people = (await session.exec(query.execution_options(populate_existing=True))).all()
    found = await _with_roles(session, people)
    return found[0] if found else None


def _at(sites: frozenset[int]) -> SelectOfScalar[int]:
    at = or_(col(Membership.site_id).in_(sites), col(Membership.site_id).is_(None))
    return select(Membership.person_id).where(at)


async def _with_roles(session: AsyncSession, people: Sequence[Person]) -> list[Colleague]:
    ids = [person.id for person in people]
    query = (
        select(Membership, Site)
        .outerjoin(Site, col(Site.id) == col(Membership.site_id))
        .where(col(Membership.person_id).in_(ids))
        .order_by(col(Membership.role), col(Membership.site_id), col(Membership.id))
    )
    held: dict[int, list[Held]] = {}
    for membership, site in await session.exec(query):
        held.setdefault(membership.person_id, []).append(Held(membership, site))
    enrolled = select(Authenticator.person_id).where(col(Authenticator.person_id).in_(ids))
    with_authenticator = set((await session.exec(enrolled)).all())
    return [Colleague(person, tuple(held.get(person.id, ())), person.id in with_authenticator) for person in people]


async def holders(session: AsyncSession, *, roles: frozenset[PersonRole], site_id: int | None = None) -> list[Person]:
    """
    Everyone who may act now in one of these roles: at this site, or anywhere.
    """
    await session.flush()
    query = select(Person).join(Membership).where(col(Membership.role).in_(roles))
    query = query.where(col(Person.is_active), col(Person.accepted_at).is_not(None))
    if site_id is not None:
        query = query.where(or_(Membership.site_id == site_id, col(Membership.site_id).is_(None)))
    return list((await session.exec(query.distinct().order_by(col(Person.id)))).all())
