"""
Who had which role where, from when to when, and by whom: put together from what the audit trail tells of people.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from msgspec.structs import replace

from bot.documents.snapshot import Snapshot
from bot.rules.frozen import Frozen
from db.base.tables import AuditEntry, PersonRole

_EVERYWHERE = "all"


class Delegation(Frozen):
    """
    A role of a person at a site, "01", or at "all". `by` gave it, `ended_by` took it away; None is the program, or
    that it still holds. `is_told` says whether the trail tells who gave it.
    """

    person: int
    role: str
    place: str
    since: datetime
    by: int | None
    until: datetime | None = None
    ended_by: int | None = None
    is_told: bool = True


def delegations(snapshot: Snapshot) -> list[Delegation]:
    """
    Every role ever held at the sites of the snapshot, by person and time.
    """
    places = {site.id: f"{site.number:02d}" for site in snapshot.sites}
    inviters = {entry.entity: entry.actor for entry in snapshot.access if entry.action == "invitation.create"}
    people: dict[int, _Delegation] = {}
    for entry in snapshot.access:
        kind, _, number = entry.entity.partition(" ")
        if kind == "person" and number.isdecimal():
            held = people.setdefault(int(number), _Delegation(int(number)))
            held.tell(entry, places, by=inviters.get(entry.reason or "", entry.actor))
    for one in snapshot.memberships:
        place = places.get(one.site_id or 0) if one.site_id else _EVERYWHERE
        if place is not None:
            # Whoever was put into the database beside the program is listed since they joined.
            joined = snapshot.people[one.person_id].joined_at
            people.setdefault(one.person_id, _Delegation(one.person_id)).know((one.role, place), joined)
    found = [one for held in people.values() for one in held.all if one.place in {_EVERYWHERE, *places.values()}]
    return sorted(found, key=lambda one: (one.person, one.since, one.role, one.place))


@dataclass
class _Delegation:
    """
    The roles of one person as the trail tells of them, entry by entry.
    """

    person: int
    now: dict[tuple[str, str], Delegation] = field(default_factory=dict)
    ended: list[Delegation] = field(default_factory=list)
    suspended: set[tuple[str, str]] = field(default_factory=set)

    @property
    def all(self) -> Iterable[Delegation]:
        return (*self.ended, *self.now.values())

    def tell(self, entry: AuditEntry, places: dict[int, str], *, by: int | None) -> None:
        """
        The next entry; `by` is who let them in, where somebody did.
        """
        match entry.action:
            case "person.join" | "person.return":
                self._end(set(self.now), entry)
                is_first = entry.reason is None
                for role in (entry.new or "").split():
                    everywhere = entry.site is None or (is_first and role == PersonRole.ADMINISTRATOR)
                    place = _EVERYWHERE if everywhere else places.get(entry.site or 0, "")
                    self._begin((role, place), entry, by)
            case "membership.add" | "membership.remove":
                before, after = _parsed(entry.old), _parsed(entry.new)
                self._end(before - after, entry)
                for one in after - before:
                    self._begin(one, entry, by)
            case "person.deactivate" | "person.decline":
                self.suspended = set(self.now)
                self._end(self.suspended, entry)
            case "person.reactivate":
                for one in self.suspended:
                    self._begin(one, entry, entry.actor)

    def know(self, one: tuple[str, str], since: datetime) -> None:
        """
        A role that is held, if nothing was told of it.
        """
        if not any((told.role, told.place) == one for told in self.all):
            self.now[one] = Delegation(self.person, *one, since, None, is_told=False)

    def _begin(self, one: tuple[str, str], entry: AuditEntry, by: int | None) -> None:
        self.now[one] = Delegation(self.person, *one, entry.at, by)

    def _end(self, gone: set[tuple[str, str]], entry: AuditEntry) -> None:
        for one in gone & self.now.keys():
            self.ended.append(replace(self.now.pop(one), until=entry.at, ended_by=entry.actor))


def _parsed(text: str | None) -> set[tuple[str, str]]:
    """
    Roles as the trail writes them: "coordinator 01, monitor all".
    """
    found = (one.strip().rpartition(" ") for one in (text or "").split(",") if one.strip())
    return {(role, place) for role, _, place in found}
