"""
Who is who, and what they may see: one look-up for every update.
"""

from functools import cached_property

from sqlalchemy import bindparam, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.frozen import Frozen
from db.base.tables import Case, Chat, Membership, Person, PersonRole, Site


class Member(Frozen):
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
    return {telegram_id: seat.member for telegram_id, seat in (await seats(session, telegram_ids=telegram_ids)).items()}


async def sees(session: AsyncSession, *, person_id: int, site_id: int) -> bool:
    """
    Whether a person holds any role at a site.
    """
    is_there = or_(col(Membership.site_id) == site_id, col(Membership.site_id).is_(None))
    query = select(col(Membership.id)).where(col(Membership.person_id) == person_id, is_there)
    return await session.scalar(query.limit(1)) is not None


_CHANGED = "access_changed"


def changed(session: AsyncSession) -> None:
    """
    Note that this transaction changes who may do what: whoever was looked up in it is looked up again.
    """
    session.info[_CHANGED] = True


def was_changed(session: AsyncSession) -> bool:
    """
    Whether it has, since this was asked last.
    """
    return bool(session.info.pop(_CHANGED, False))


class Seat(Frozen):
    """
    A member with their private chat, if it is known, and the case in focus there with its site. While somebody holds
    them, looking one up by its id asks no database.
    """

    member: Member
    chat: Chat | None
    case: Case | None
    site: Site | None


_SEATS = (
    # Built once: every update asks for it.
    select(Person, Membership, Chat, Case, Site)
    .join(Membership, col(Membership.person_id) == col(Person.id))
    .outerjoin(Chat, col(Chat.chat_id) == col(Person.telegram_id))
    .outerjoin(Case, col(Case.id) == col(Chat.case_id))
    .outerjoin(Site, col(Site.id) == col(Case.site_id))
    .where(col(Person.telegram_id).in_(bindparam("ids", expanding=True)), col(Person.is_active))
)


async def seats(session: AsyncSession, *, telegram_ids: list[int]) -> dict[int, Seat]:
    """
    The active people among these Telegram ids, in one look: a private chat has the id of the person in it.
    """
    rows = (await session.exec(_SEATS, params={"ids": telegram_ids})).all()  # type: ignore[call-overload]  # five tables
    held: dict[int, list[Membership]] = {}
    for person, membership, *_ in rows:
        held.setdefault(person.id, []).append(membership)
    return {
        person.telegram_id: Seat(Member(person, tuple(held[person.id])), chat, case, site)
        for person, _, chat, case, site in rows
    }
