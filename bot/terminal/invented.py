"""
Some thirty invented cases at all stages, for a demonstration. None of them is, or resembles, anybody.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from msgspec import field
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.frozen import Frozen
from bot.rules.items import Date, Item
from bot.rules.months import add_months
from bot.rules.protocol import Kind
from bot.rules.schedule import WINDOW_DAYS, Recorded
from bot.rules.versions import LATEST
from bot.terminal.well import WELL
from db.base.tables import Case, DecisionKind, Membership, Person, PersonRole, Site
from db.cases import answers, cases, decisions, pairs, records
from db.cases.records import Record
from db.follow_up import infusions, planned, visits
from db.trail.audit import Actor

AWAITED = "awaited"


class Invented(Frozen):
    """
    A case: how many days ago it was opened, where its answers differ from somebody for whom all is well, after how many
    answers it stopped, and what somebody decided.
    """

    kind: Kind
    days_ago: int
    other: Mapping[str, Any] = field(default_factory=dict)
    answers: int = 100
    decision: DecisionKind | None = None
    about: str | None = None


_R, _D = Kind.RECIPIENT, Kind.DONOR

_ALONE = (
    Invented(_R, 0, answers=3),
    Invented(_R, 1, answers=14),
    Invented(_R, 3, answers=27),
    Invented(_R, 5, {"mrss": 15}, answers=22),
    Invented(_R, 6, {"cd4": AWAITED}),
    Invented(_R, 9, {"spap": AWAITED, "lvef": AWAITED}),
    Invented(_R, 16, answers=9),
    Invented(_R, 21, {"spap": 46}),
    Invented(_R, 30, {"malignancy": ["cancer_history"]}, decision=DecisionKind.SCREEN_FAILURE, about="R-E4"),
    Invented(_R, 40, {"age": 70}, decision=DecisionKind.SCREEN_FAILURE, about="R-I1"),
    Invented(_R, 25, decision=DecisionKind.WITHDRAWN, about="physician"),
    Invented(_R, 12, answers=5, decision=DecisionKind.CONSENT_REFUSED, about="burden"),
    Invented(_R, 2, {"cyclophosphamide_high_dose": True, "cyclophosphamide_last_dose": 170}),
    Invented(_D, 0, answers=2),
    Invented(_D, 2, {"positive_pcr": AWAITED}),
    Invented(_D, 9, {"positive_serology": AWAITED, "positive_pcr": AWAITED}),
    Invented(_D, 14, {"relationship": "unrelated"}),
    Invented(_D, 20, {"lidocaine_allergy": True}, decision=DecisionKind.SCREEN_FAILURE, about="D-E1"),
)

_PAIRS = (
    # (days since opening, relationship of the donor, what came of it, months since the infusion)
    (4, "parent", None, None),
    (7, "spouse", DecisionKind.SIGNED, None),
    (60, "sibling", DecisionKind.INCLUDED, None),
    (120, "sibling", DecisionKind.INCLUDED, 3),
    (230, "other_family", DecisionKind.INCLUDED, 6),
    (420, "sibling", DecisionKind.INCLUDED, 12),
)


async def load(session: AsyncSession, *, now: datetime) -> int:
    """
    Add the invented cases, and who entered them, to the first site; the number of cases. Everything is dated as if it
    had been entered on its day.
    """
    site = (await session.exec(select(Site).where(Site.number == 1))).one()
    filler = _Filler(session, site, await _you(session, site, now), now)
    for one in _ALONE:
        await filler.fill(one)
    for days, relationship, decision, months in _PAIRS:
        await filler.pair(days, relationship, decision, months)
    return len(_ALONE) + 2 * len(_PAIRS)


async def _you(session: AsyncSession, site: Site, now: datetime) -> Person:
    """
    The one person of the demonstration, who may do everything.
    """
    person = Person(telegram_id=1, name="You", language="en", joined_at=now, accepted_at=now)
    session.add(person)
    await session.flush()
    session.add(Membership(person_id=person.id, role=PersonRole.ADMINISTRATOR))
    for role in (PersonRole.COORDINATOR, PersonRole.INVESTIGATOR):
        session.add(Membership(person_id=person.id, role=role, site_id=site.id))
    await session.flush()
    return person


class _Filler(Frozen):
    """
    Fills cases in, each on its day.
    """

    session: AsyncSession
    site: Site
    you: Person
    now: datetime

    async def fill(self, one: Invented) -> Record:
        at = self.now - timedelta(days=one.days_ago)
        case = await cases.open_new(
            self.session,
            kind=one.kind,
            site=self.site,
            protocol=LATEST,
            by=self._as(PersonRole.COORDINATOR),
            now=at,
        )
        record = await records.load(self.session, case=case, now=at)
        given = WELL[one.kind] | dict(one.other)
        while record.assessment.to_ask and len(record.answers) < one.answers:
            item = record.assessment.to_ask[0]
            record = await answers.add(
                self.session,
                record=record,
                item=item,
                raw=_raw(record.population.item[item], given[item], at.date()),
                by=self._as(PersonRole.COORDINATOR),
                now=at,
            )
        if one.decision in decisions.SIGN_OFFS:
            await self._decide(one.decision, [record], at, about=one.about)
        elif one.decision is not None:
            await self._decide(one.decision, [record], at, reason=one.about)
        return record

    async def pair(self, days: int, relationship: str, decision: DecisionKind | None, months: int | None) -> None:
        at = self.now - timedelta(days=days)
        recipient = await self.fill(Invented(_R, days, {"family_donor_consents": AWAITED}))
        donor = await self.fill(Invented(_D, days, {"relationship": relationship, "age": 62}))
        by = self._as(PersonRole.COORDINATOR)
        await pairs.link(self.session, recipient=recipient.case, donor=donor.case, by=by, now=at)
        pair = [await self._now(case, at) for case in (recipient.case, donor.case)]
        if decision is None:
            return
        await self._decide(DecisionKind.DONOR_CHOSEN, pair, at, about=donor.case.code)
        await self._decide(DecisionKind.SIGNED, pair, at)
        if decision is DecisionKind.INCLUDED:
            await self._decide(DecisionKind.INCLUDED, pair, at)
        if months is not None:
            await self._follow(recipient.case, add_months(self.now.date(), -months) - timedelta(days=5), months)

    async def _follow(self, case: Case, infused_on: date, months: int) -> None:
        """
        The infusion, and each visit done that was due well before the last.
        """
        by = self._as(PersonRole.COORDINATOR)
        record = await self._now(case, self.now)
        await infusions.infuse(
            self.session, record=record, day=infused_on, expected=0, margin=WINDOW_DAYS, by=by, now=self.now
        )
        for month, visit in (await planned.rows(self.session, case=case)).items():
            if month < months:
                await visits.note(
                    self.session,
                    record=record,
                    month=month,
                    expected=visit.sequence,
                    kind=Recorded.DONE,
                    margin=WINDOW_DAYS,
                    by=by,
                    now=self.now,
                    day=visit.due,
                    detail="none",
                )

    async def _decide(
        self,
        kind: DecisionKind,
        subjects: list[Record],
        at: datetime,
        *,
        about: str | None = None,
        reason: str | None = None,
    ) -> None:
        role = PersonRole.INVESTIGATOR
        await decisions.decide(
            self.session, kind=kind, subjects=subjects, by=self._as(role), now=at, about=about, reason=reason
        )

    async def _now(self, case: Case, at: datetime) -> Record:
        return await records.load(self.session, case=case, now=at)

    def _as(self, role: PersonRole) -> Actor:
        return Actor(self.you.id, role)


def _raw(item: Item, value: Any, today: date) -> Any:  # noqa: ANN401  an answer in file form
    """
    An answer in file form; a day stands in the table as so many days before.
    """
    if isinstance(item, Date):
        return (today - timedelta(days=value)).isoformat()
    return None if value == AWAITED else Decimal(value) if type(value) is int else value
