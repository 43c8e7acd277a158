"""
Whose business a reminder is, and what the clock says where they work.
"""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.frozen import Frozen
from db.base.tables import Case, Membership, MutedKind, Person, PersonRole, Site
from db.follow_up.due import role_for


class Hours(Frozen):
    """
    A moment at a site: the day, whether it is quiet now, and whether the day is one on which people work.
    """

    today: date
    is_quiet: bool
    is_working_day: bool

    def allow(self, *, is_urgent: bool) -> bool:
        """
        Whether somebody may be reminded now.
        """
        return not self.is_quiet and (is_urgent or self.is_working_day)


def hours(site: Site, now: datetime) -> Hours:
    """
    What the clock on the site's wall says.
    """
    local = now.astimezone(ZoneInfo(site.time_zone))
    clock = f"{local:%H:%M}"
    begins, ends = site.quiet_from, site.quiet_until
    is_quiet = begins <= clock < ends if begins <= ends else clock >= begins or clock < ends
    return Hours(local.date(), is_quiet, str(local.isoweekday()) in site.weekdays)


class Staff:
    """
    The people of a site who can be reached, by role, and what each does not want to hear of.
    """

    def __init__(self, held: Iterable[tuple[Person, str]], muted: Iterable[MutedKind]) -> None:
        self._by_role: dict[str, list[int]] = {}
        for person, role in held:
            if person.is_active and person.accepted_at is not None and person.unreachable_at is None:
                by_role = self._by_role.setdefault(role, [])
                if person.id not in by_role:
                    by_role.append(person.id)
        self._muted = {(one.person_id, one.kind, one.case_id) for one in muted}

    def concerned(self, case: Case, kind: str) -> list[int]:
        """
        Whose business it is: the case's own coordinator, else the site's others; or every investigator of the site;
        where there is none of these, its administrators.
        """
        role = role_for(kind)
        held = self.with_role(role)
        if role is PersonRole.COORDINATOR and case.opened_by in held:
            return [case.opened_by]
        return held or self.with_role(PersonRole.ADMINISTRATOR)

    def may_hear(self, person_id: int, kind: str) -> bool:
        """
        Whether somebody for whom this was raised may still be told.
        """
        return person_id in {*self.with_role(role_for(kind)), *self.with_role(PersonRole.ADMINISTRATOR)}

    def with_role(self, role: PersonRole) -> list[int]:
        """
        Who holds a role here.
        """
        return self._by_role.get(role, [])

    def wants(self, person_id: int, kind: str, case_id: int) -> bool:
        """
        Whether the person has not muted this kind, neither about this case nor altogether.
        """
        return not {(person_id, kind, 0), (person_id, kind, case_id)} & self._muted


async def staff_of(session: AsyncSession, *, site_id: int) -> Staff:
    """
    The people of a site.
    """
    await session.flush()
    query = (
        select(Person, Membership.role)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(or_(Membership.site_id == site_id, col(Membership.site_id).is_(None)))
        .order_by(col(Person.id))
    )
    return Staff((await session.exec(query)).all(), (await session.exec(select(MutedKind))).all())
