"""
What a signature says: who signed, as what and where, when, what was meant, of which cases, by which rules, the hash of
it all, and which queries were dismissed by then, by whom and why.
"""

from datetime import datetime

from msgspec.structs import replace
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.frozen import Frozen
from db.base.tables import Case, Decision, Person, Site
from db.cases import decisions, partners, queries
from db.cases.records import Record


class Dismissed(Frozen):
    """
    A query that was dismissed: of which case, by whom (None: by nobody known any more), when and why.
    """

    code: str
    query: str
    name: str | None
    at: datetime
    reason: str


class Signed(Frozen):
    """
    A sign-off: its meaning, who signed and when; in which role at the site of this number, of which cases, under which
    version of the rules, the hash over what was signed, and the queries dismissed by then.
    """

    kind: str
    about: str | None
    name: str
    at: datetime
    role: str | None = None
    site: int = 0
    codes: tuple[str, ...] = ()
    protocol: str = ""
    digest: str = ""
    dismissed: tuple[Dismissed, ...] = ()


async def of_case(session: AsyncSession, *, case: Case, now: datetime) -> Signed | None:
    """
    The sign-off of a case that holds.
    """
    if case.sign_off is None:
        return None
    return await of_decision(session, decision=await session.get_one(Decision, case.sign_off), now=now)


async def of_decision(session: AsyncSession, *, decision: Decision, now: datetime) -> Signed:
    """
    A sign-off that holds, or did.
    """
    subjects = await decisions.subjects_of(session, decision=decision, now=now)
    signer = None if decision.person_id is None else await session.get(Person, decision.person_id)
    site = await session.get_one(Site, subjects[0].case.site_id)
    return Signed(
        decision.kind,
        decision.about,
        signer.name if signer else "",
        decision.at,
        decision.role,
        site.number,
        tuple(record.case.code for record in subjects),
        decision.protocol,
        decision.digest,
        tuple([one for record in subjects for one in await _dismissed_then(session, record, decision.at)]),
    )


async def _dismissed_then(session: AsyncSession, record: Record, time: datetime) -> tuple[Dismissed, ...]:
    return await dismissed(session, record=await _as_of(session, record, time), by=time)


async def _as_of(session: AsyncSession, record: Record, time: datetime) -> Record:
    """
    The record as it was at a time, with what the cases linked by then had lent to it.
    """
    case, day = record.case, record.local_day(time)
    given = tuple(one for one in record.answers if one.at <= time)
    linked = await partners.linked_then(session, case=case, time=time)
    there = [one for one in linked if not await decisions.had_ended(session, case=one, time=time)]
    lent = await partners.lent_then(
        session, partners=there, case=case, population=record.population, as_of=day, time=time
    )
    return replace(record, answers=given, as_of=day, borrowed=lent)


async def dismissed(session: AsyncSession, *, record: Record, by: datetime | None = None) -> tuple[Dismissed, ...]:
    """
    The queries raised that somebody has dismissed, or had by a time, and who, when and why.
    """
    found = []
    for query, decision in (await queries.dismissed(session, record=record, by=by)).items():
        person = None if decision.person_id is None else await session.get(Person, decision.person_id)
        name = person.name if person else None
        found.append(Dismissed(record.case.code, query, name, decision.at, decision.reason or ""))
    return tuple(found)
