"""
Two sites at work, with a case for everything that can happen to one: what every event is about.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyotp
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.application import remind
from bot.rules.protocol import Kind
from bot.rules.versions import LATEST
from db.base.tables import (
    Authenticator,
    Case,
    DecisionKind,
    Invitation,
    Membership,
    Person,
    PersonRole,
    PlannedVisit,
    Reminder,
    Site,
    Stage,
)
from db.cases import cases, decisions, pairs, records
from db.cases.answers import Entered, add_many
from db.cases.records import Record
from db.follow_up import infusions, planned
from db.people import invitations
from db.trail import audit
from db.trail.audit import Actor
from tests.chat.conversation import WELL, fill
from tests.chat.staff import add_member, add_site
from tests.conftest import Clinic
from tests.db.rows import ANY_DEVIATION

ADMINISTRATOR, COORDINATOR, INVESTIGATOR, MONITOR = PersonRole
NOW = datetime(2026, 5, 4, 9, 0, 7, tzinfo=UTC)
EARLIER = datetime(2026, 1, 20, 9, 0, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXP" * 2
WORKER, NEWCOMER, GONE = 800, 810, 820


@dataclass(frozen=True)
class Ward:
    """
    What stands at a site, by name: cases with their codes and revisions, and the ids of what belongs to people.

    `asked` has an age and no sex, `awaiting` lacks one answer, `settled` fails with questions left, `failing` fails
    with a query; `whole` and `chosen` are a pair to be signed, `spare` is a donor whom nobody has, `signed` is one
    alone; `mother` and `child` are signed and to be included, `included` is, `infused` is followed;
    `listed` has just been given a list by whoever works here.
    """

    cases: Mapping[str, Case]
    ids: dict[str, int]

    @property
    def codes(self) -> list[str]:
        """
        The code of each case.
        """
        return [case.code for case in self.cases.values()]

    def of(self, name: str, field: str = "id") -> Any:  # noqa: ANN401  a column's value
        """
        Something of a case.
        """
        return getattr(self.cases[name], field)


def ghost(ward: Ward) -> Ward:
    """
    The same with ids and codes that nobody has.
    """
    found = {
        name: case.model_copy(update={"id": 900_000 + case.id, "code": f"{case.code[:5]}9{case.code[6:]}"})
        for name, case in ward.cases.items()
    }
    return Ward(found, {name: 900_000 + number for name, number in ward.ids.items()})


def code_now(clinic: Clinic) -> str:
    """
    What everybody's authenticator app shows.
    """
    return pyotp.TOTP(SECRET).at(clinic.application.worker.clock())


async def give_app(clinic: Clinic, user_id: int, secret: str = SECRET) -> None:
    """
    Set up somebody's authenticator app.
    """
    async with clinic.application.database.transaction() as session:
        person = (await session.exec(select(Person).where(Person.telegram_id == user_id))).one()
        session.add(Authenticator(person_id=person.id, secret=secret, created_at=EARLIER, confirmed_at=EARLIER))


async def two_wards(clinic: Clinic) -> list[Ward]:
    """
    Set up both sites, with nothing left to remind anybody of.
    """
    clinic.now = NOW
    await clinic.coordinator()
    assert await add_site(clinic) == 2
    wards = [await _ward(clinic, site_id) for site_id in (1, 2)]
    await remind(clinic.application.worker)
    await clinic.application.quiet()
    async with clinic.application.database.transaction() as session:
        for site_id, ward in enumerate(wards, start=1):
            query = select(Reminder.id).where(Reminder.site_id == site_id, Reminder.case_id == ward.of("infused"))
            found = (await session.exec(query.order_by(col(Reminder.id)))).first()
            assert found is not None
            ward.ids["reminder"] = found
    return wards


async def _ward(clinic: Clinic, site_id: int) -> Ward:
    await add_member(clinic, WORKER + site_id, (COORDINATOR, site_id), (INVESTIGATOR, site_id))
    await add_member(clinic, NEWCOMER + site_id, (COORDINATOR, site_id), has_accepted=False)
    await add_member(clinic, GONE + site_id, (COORDINATOR, site_id), is_active=False)
    await give_app(clinic, WORKER + site_id)
    async with clinic.application.database.transaction() as session:
        audit.use_key(session, clinic.application.worker.audit_key)
        who = (await session.exec(select(Person).where(Person.telegram_id == WORKER + site_id))).one()
        return await _Builder(session, await session.get_one(Site, site_id), who).build()


@dataclass
class _Builder:
    session: AsyncSession
    site: Site
    who: Person

    @property
    def actor(self) -> Actor:
        return Actor(self.who.id, COORDINATOR)

    async def build(self) -> Ward:
        recipient, donor = Kind.RECIPIENT, Kind.DONOR
        for kind in (recipient, donor):
            case = await self.open(kind, until="age")
            # The help gives codes with low numbers as examples.
            case.number, case.code, case.stage = 40, f"{case.code[:5]}040", Stage.DISCARDED
        found = {
            "asked": await self.open(recipient, until="sex"),
            "awaiting": await self.open(donor, positive_pcr="awaited"),
            "settled": await self.open(recipient, until="ssc_acr_eular_2013", age="17"),
            "failing": await self.open(donor, positive_pcr=["hiv"]),
            "whole": await self.open(recipient),
            "chosen": await self.open(donor),
            "other": await self.open(donor),
            "spare": await self.open(donor),
            "unrelated": await self.open(donor, relationship="unrelated"),
            "signed": await self.open(donor),
            "mother": await self.open(recipient),
            "child": await self.open(donor),
            "included": await self.open(recipient),
            "infused": await self.open(recipient),
            "lost": await self.open(donor, until="sex"),
            "fresh": await self.open(recipient, until="age"),
            "listed": await self.list(await self.open(recipient, until="sex")),
        }
        await self.pair(found["whole"], found["chosen"])
        await self.link(found["whole"], found["other"])
        await self.pair(found["mother"], found["child"])
        await self.decide(DecisionKind.SIGNED, found["signed"])
        for name in ("included", "infused"):
            await self.decide(DecisionKind.SIGNED, found[name])
            await self.decide(DecisionKind.INCLUDED, found[name])
        await self.decide(DecisionKind.SIGNED, found["mother"], found["child"])
        await self.decide(DecisionKind.LOST, found["lost"])
        await self.infuse(found["infused"])
        return Ward(found, {**await self.ids(found["infused"]), "unrelated": found["unrelated"].id})

    async def open(self, kind: Kind, *, until: str | None = None, **other: object) -> Case:
        case = await cases.open_new(
            self.session,
            kind=kind,
            site=self.site,
            protocol=LATEST,
            by=self.actor,
            now=EARLIER,
        )
        answers = {**WELL[kind], **other}
        await fill(self.session, case, answers, person_id=self.who.id, now=EARLIER, until=until)
        return case

    async def list(self, case: Case) -> Case:
        entered = [Entered("dlco", Decimal(58)), Entered("fvc", Decimal(66))]
        record = await self.record(case)
        await add_many(self.session, record=record, entered=entered, by=self.actor, now=NOW)
        return case

    async def record(self, case: Case) -> Record:
        return await records.load(self.session, case=case, now=NOW)

    async def link(self, recipient: Case, donor: Case) -> None:
        await pairs.link(self.session, recipient=recipient, donor=donor, by=self.actor, now=EARLIER)

    async def pair(self, recipient: Case, donor: Case) -> None:
        await self.link(recipient, donor)
        await self.decide(DecisionKind.DONOR_CHOSEN, recipient, donor)

    async def decide(self, kind: DecisionKind, *subjects: Case) -> None:
        by = Actor(self.who.id, INVESTIGATOR)
        pair = [await self.record(case) for case in subjects]
        day = date(2026, 1, 17) if kind is DecisionKind.LOST else None
        await decisions.decide(self.session, kind=kind, subjects=pair, by=by, now=EARLIER, day=day)

    async def infuse(self, case: Case) -> None:
        record = await self.record(case)
        await infusions.infuse(
            self.session,
            record=record,
            day=date(2026, 1, 30),
            expected=0,
            margin=14,
            by=self.actor,
            now=EARLIER,
            reason="recorded_late",
            accepted=ANY_DEVIATION,
        )

    async def ids(self, infused: Case) -> dict[str, int]:
        """
        Of people and what belongs to them; "sequence" is that of the visit at month 3.
        """
        administrator = Actor(1, ADMINISTRATOR)
        await invitations.create(self.session, role=MONITOR, site_id=self.site.id, by=administrator, now=NOW)
        await self.session.flush()
        found = await self.session.exec(select(Invitation.id).order_by(col(Invitation.id).desc()))
        held = await self.session.exec(select(Membership.id).where(Membership.person_id == self.who.id))
        people = dict((await self.session.exec(select(Person.telegram_id, Person.id))).all())
        visit = await self.session.get_one(PlannedVisit, (infused.id, 3))
        begun = await planned.infusion(self.session, case=infused)
        assert begun is not None
        return {
            "site": self.site.id,
            "worker": self.who.id,
            "newcomer": people[NEWCOMER + self.site.id],
            "gone": people[GONE + self.site.id],
            "membership": held.all()[0],
            "invitation": found.all()[0],
            "sequence": visit.sequence,
            "infusion": begun.number,
        }
