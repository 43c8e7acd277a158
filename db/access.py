"""
Who is who, and what they may see: one look-up for every update.
"""

from dataclasses import dataclass
from functools import cached_property

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.tables import Membership, Person, PersonRole


@dataclass(frozen=True)
class Member:
    """
    An active person with the roles they hold, and where.
    """

    person: Person
    memberships: tuple[Membership, ...]

    @cached_property
    def roles(self) -> frozenset[str]:
        """
        Every role held anywhere.
        """
        return frozenset(membership.role for membership in self.memberships)

    def sites(self, roles: frozenset[PersonRole]) -> frozenset[int] | None:
        """
        The sites at which one of these roles is held; None for all sites.
        """
        held = [membership.site_id for membership in self.memberships if membership.role in roles]
        return None if None in held else frozenset(site for site in held if site is not None)


async def members(session: AsyncSession, *, telegram_ids: list[int]) -> dict[int, Member]:
    """
    The active people among these Telegram ids.
    """
    query = (
        select(Person, Membership)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(col(Person.telegram_id).in_(telegram_ids), col(Person.is_active))
    )
    held: dict[int, tuple[Person, list[Membership]]] = {}
    for person, membership in await session.exec(query):
        held.setdefault(person.telegram_id, (person, []))[1].append(membership)
    return {telegram_id: Member(person, tuple(found)) for telegram_id, (person, found) in held.items()}
