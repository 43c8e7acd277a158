"""
What documents are made of: all that is stored of the cases that a person may see, read once and as of one moment.
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from bot.rules.frozen import Frozen
from bot.rules.protocol import Kind, Population
from bot.rules.versions import LATEST
from db.base.tables import (
    Answer,
    AuditEntry,
    Case,
    Decision,
    DecisionKind,
    Link,
    LogLine,
    Membership,
    Person,
    Site,
    VisitRecord,
)
from db.cases.records import Record
from db.follow_up.visits import Followed
from db.trail.anchors import Anchor


class QueryFate(Frozen):
    """
    A query that was raised, and what became of it: "open", "dismissed" as the decision says, or "answered" by giving
    one of its answers anew.
    """

    id: str
    fate: str
    dismissal: Decision | None = None


class CaseFile(Frozen):
    """
    A case with all that is stored of it. `given` are the answers ever given, in that order, `decided` the decisions,
    the oldest first, `links` those that hold and those that did, `partners` the codes of the cases linked now,
    `visits` the follow-up as it stands and `visited` all that was recorded of it.
    """

    record: Record
    site: Site
    given: tuple[Answer, ...]
    queries: tuple[QueryFate, ...]
    decided: tuple[Decision, ...]
    links: tuple[Link, ...]
    partners: tuple[str, ...]
    visits: tuple[Followed, ...]
    visited: tuple[VisitRecord, ...]

    @property
    def case(self) -> Case:
        """
        The case itself.
        """
        return self.record.case

    @property
    def population(self) -> Population:
        """
        The rules for its kind, of the version that it began with.
        """
        return self.record.population

    @property
    def signed(self) -> Decision | None:
        """
        The decision that signs the case as it stands.
        """
        return next((one for one in self.decided if one.id == self.case.sign_off), None)

    @property
    def infusion(self) -> Decision | None:
        """
        The decision that records the infusion as it stands.
        """
        kinds = {DecisionKind.INFUSED, DecisionKind.INFUSION_TAKEN_BACK}
        last = next((one for one in reversed(self.decided) if one.kind in kinds and one.case_id == self.case.id), None)
        return last if last is not None and last.about else None

    @property
    def infused_on(self) -> date | None:
        """
        The day of the infusion.
        """
        infusion = self.infusion
        return None if infusion is None else date.fromisoformat(infusion.about or "")


class Snapshot(Frozen):
    """
    What a person may see, as it was at `at`. `head` is the newest audit entry then, `codes` those of cases by id,
    partners included, `taken_out` the lines that the screening log keeps of cases whose data were taken out, `access`
    what the trail tells of people and their roles, `inclusions` the kind and time of each inclusion in the whole study.
    """

    at: datetime
    head: Anchor
    sites: tuple[Site, ...]
    files: tuple[CaseFile, ...]
    codes: Mapping[int, str]
    people: Mapping[int, Person]
    memberships: tuple[Membership, ...]
    taken_out: tuple[LogLine, ...]
    access: tuple[AuditEntry, ...]
    inclusions: tuple[tuple[str, datetime], ...]

    @cached_property
    def zone(self) -> ZoneInfo:
        """
        The clock by which the document tells the time: that of the first site.
        """
        return ZoneInfo(self.sites[0].time_zone) if self.sites else ZoneInfo("UTC")

    @property
    def versions(self) -> tuple[str, ...]:
        """
        The versions of the rules by which these cases are judged.
        """
        return tuple(sorted({file.case.protocol for file in self.files})) or (LATEST.version,)

    @cached_property
    def by_code(self) -> dict[str, CaseFile]:
        """
        The cases by code.
        """
        return {file.case.code: file for file in self.files}

    def of_kind(self, kind: Kind) -> tuple[CaseFile, ...]:
        """
        The recipients, or the donors.
        """
        return tuple(file for file in self.files if file.case.kind == kind)

    @cached_property
    def staff(self) -> set[int]:
        """
        The people who acted on these cases, or have a role at these sites.
        """
        places = {None, *(site.id for site in self.sites)}
        found = {one.person_id for one in self.memberships if one.site_id in places}
        for file in self.files:
            found |= {file.case.opened_by, *(one.person_id for one in file.given)}
            found |= {one.person_id or 0 for rows in (file.decided, file.visited) for one in rows}
            found |= {person_id or 0 for one in file.links for person_id in (one.linked_by, one.unlinked_by)}
        return found & self.people.keys()

    def name(self, person_id: int | None) -> str | None:
        """
        The name of a person; None for the program itself.
        """
        person = None if person_id is None else self.people.get(person_id)
        return None if person is None else person.name

    def local(self, time: datetime, site: Site | None = None) -> datetime:
        """
        A time on the clock of a site, or of the document.
        """
        return time.astimezone(ZoneInfo(site.time_zone) if site else self.zone)
