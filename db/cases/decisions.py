"""
What people decide about cases. Decisions are only ever added; a sign-off holds until something it rests on changes.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.tables import (
    AT_ONCE,
    ENDED,
    LINKED,
    Case,
    Decision,
    DecisionKind,
    Link,
    Membership,
    MutedKind,
    Person,
    Stage,
)
from db.cases import records
from db.cases.records import Record
from db.delivery import notices
from db.trail import audit, told
from db.trail.audit import PROGRAM, Actor

STAGES = {
    DecisionKind.SIGNED: Stage.SIGNED,
    DecisionKind.SCREEN_FAILURE: Stage.SCREEN_FAILURE,
    DecisionKind.INCLUDED: Stage.INCLUDED,
    DecisionKind.WITHDRAWN: Stage.WITHDRAWN,
    DecisionKind.CONSENT_REFUSED: Stage.CONSENT_REFUSED,
    DecisionKind.LOST: Stage.LOST,
    DecisionKind.REOPENED: Stage.SCREENING,
    DecisionKind.UNINCLUDED: Stage.SCREENING,
}
"""The stage to which a decision takes a case."""

SIGN_OFFS = frozenset({DecisionKind.SIGNED, DecisionKind.SCREEN_FAILURE})
ENDINGS = frozenset({DecisionKind.WITHDRAWN, DecisionKind.CONSENT_REFUSED, DecisionKind.LOST})


class FutureDayError(ValueError):
    """
    The day of an event that is yet to come.
    """


def digest_of(subjects: Sequence[Record]) -> str:
    """
    A hash over what a decision about these cases rests on.
    """
    return hashlib.sha256(" ".join(record.digest for record in subjects).encode()).hexdigest()


async def decide(
    session: AsyncSession,
    *,
    kind: DecisionKind,
    subjects: Sequence[Record],
    by: Actor,
    now: datetime,
    about: str | None = None,
    day: date | None = None,
    reason: str | None = None,
    digest: str | None = None,
) -> Decision:
    """
    Store what somebody decides about a case, or about a recipient and a donor, and take them to the stage that follows.
    `day` is when it happened. Raises FutureDayError.
    """
    first, *others = subjects
    if day is not None and day > first.as_of:
        raise FutureDayError
    decision = Decision(
        case_id=first.case.id,
        partner_id=others[0].case.id if others else None,
        kind=kind,
        about=about,
        day=day,
        reason=reason,
        protocol=first.case.protocol,
        digest=digest or digest_of(subjects),
        person_id=by.person_id,
        role=by.role,
        at=now,
    )
    session.add(decision)
    await session.flush()
    for record in subjects:
        case, old = record.case, record.case.stage
        case.stage, case.touched_at = await _stage_after(session, case, kind), now
        case.sign_off = decision.id if kind in SIGN_OFFS else case.sign_off
        if kind is DecisionKind.FAILURE_PROPOSED:
            case.proposal = decision.id
        elif kind is DecisionKind.FAILURE_DECLINED or case.stage != old:
            case.proposal = None
        if kind is DecisionKind.INCLUDED:
            case.included_at = now
        elif kind is DecisionKind.UNINCLUDED:
            case.included_at = None
        case.remind_on = AT_ONCE
        await audit.record(
            session,
            at=now,
            by=by,
            action=f"decision.{kind}",
            entity=case.code,
            site=case.site_id,
            field=about,
            old=old if old != case.stage else None,
            new=case.stage if old != case.stage else None,
            reason=reason,
            more=told.of_decision(decision),
        )
    return decision


async def _stage_after(session: AsyncSession, case: Case, kind: DecisionKind) -> Stage:
    if kind is DecisionKind.SIGNED and case.stage == Stage.INCLUDED:
        # Signed again after a correction: that takes nobody out of the trial.
        return Stage.INCLUDED
    if kind is DecisionKind.UNINCLUDED and case.stage in ENDED:
        # Whoever has left meanwhile stays away, with no inclusion to come back to.
        return Stage(case.stage)
    if kind is DecisionKind.REOPENED and case.included_at is not None:
        return Stage.INCLUDED
    if kind in {DecisionKind.REOPENED, DecisionKind.UNINCLUDED} and case.sign_off is not None:
        return STAGES[DecisionKind((await session.get_one(Decision, case.sign_off)).kind)]
    return STAGES.get(kind, Stage(case.stage))


async def review(session: AsyncSession, *, case: Case, now: datetime) -> None:
    """
    Void the sign-off on a case if what it rests on has changed, and tell whoever signed; and let a proposal lapse.
    """
    if case.proposal is not None:
        proposed = await session.get_one(Decision, case.proposal)
        if digest_of(await subjects_of(session, decision=proposed, now=now)) != proposed.digest:
            case.proposal = None
    if case.sign_off is None:
        return
    decision = await session.get_one(Decision, case.sign_off)
    subjects = await subjects_of(session, decision=decision, now=now)
    if digest_of(subjects) == decision.digest:
        return
    await void(session, decision=decision, subjects=subjects, by=PROGRAM, now=now)
    if decision.person_id is not None and await _hears(session, person_id=decision.person_id, case=case):
        codes = " + ".join(record.case.code for record in subjects)
        notices.add(session, person_id=decision.person_id, key="notice.voided", now=now, codes=codes, case=case.id)


async def _hears(session: AsyncSession, *, person_id: int, case: Case) -> bool:
    """
    Whether somebody who signed a case may still see it, and wants to hear of it.
    """
    if await session.get(MutedKind, (person_id, "voided", 0)):
        return False
    query = select(Membership.id).where(Membership.person_id == person_id)
    query = query.where(or_(Membership.site_id == case.site_id, col(Membership.site_id).is_(None)))
    return (await session.exec(query.limit(1))).first() is not None


async def void(
    session: AsyncSession,
    *,
    decision: Decision,
    subjects: Sequence[Record],
    by: Actor,
    now: datetime,
    reason: str | None = None,
) -> None:
    """
    End a sign-off: the program does where something has changed, a person where it was a mistake.
    """
    session.add(
        Decision(
            case_id=decision.case_id,
            partner_id=decision.partner_id,
            kind=DecisionKind.VOIDED,
            reason=reason,
            protocol=decision.protocol,
            digest=digest_of(subjects),
            voids=decision.id,
            person_id=by.person_id,
            role=by.role,
            at=now,
        )
    )
    for record in subjects:
        case, old = record.case, record.case.stage
        case.sign_off = None
        case.remind_on = AT_ONCE
        if case.stage in {Stage.SIGNED, Stage.SCREEN_FAILURE}:
            case.stage = Stage.SCREENING
        await audit.record(
            session,
            at=now,
            by=by,
            action="decision.voided",
            entity=case.code,
            site=case.site_id,
            old=old if old != case.stage else None,
            new=case.stage if old != case.stage else None,
            reason=reason,
        )


async def subjects_of(session: AsyncSession, *, decision: Decision, now: datetime) -> list[Record]:
    """
    The records that a decision is about, as they are now.
    """
    ids = [decision.case_id] if decision.partner_id is None else [decision.case_id, decision.partner_id]
    return [await records.load(session, case=await session.get_one(Case, one), now=now) for one in ids]


async def of_case(session: AsyncSession, *, case: Case) -> Sequence[tuple[Decision, Person | None]]:
    """
    All that was decided about a case, the newest first, and by whom.
    """
    await session.flush()
    query = (
        select(Decision, Person)
        .outerjoin(Person, col(Person.id) == col(Decision.person_id))
        .where(or_(Decision.case_id == case.id, Decision.partner_id == case.id))
        .order_by(col(Decision.id).desc())
    )
    return (await session.exec(query)).all()


async def chosen_donor(session: AsyncSession, *, recipient: Case, donors: Sequence[Case]) -> Case | None:
    """
    The one of these donors whom somebody has chosen for the recipient: the last choice counts, unless the donor was
    unlinked since.
    """
    await session.flush()
    query = select(Decision).where(Decision.case_id == recipient.id, Decision.kind == DecisionKind.DONOR_CHOSEN)
    last = (await session.exec(query.order_by(col(Decision.id).desc()).limit(1))).first()
    if last is None:
        return None
    link = select(Link.linked_at).where(Link.donor_id == last.partner_id, Link.recipient_id == recipient.id, LINKED)
    since = (await session.exec(link)).first()
    if since is None or since > last.at:
        return None
    return next((donor for donor in donors if donor.id == last.partner_id), None)


async def included_with(session: AsyncSession, *, case: Case) -> Case | None:
    """
    The other one of the pair as which a case is included: also one who has left the trial since.
    """
    if case.included_at is None:
        return None
    await session.flush()
    query = select(Decision).where(Decision.kind == DecisionKind.INCLUDED)
    query = query.where(or_(Decision.case_id == case.id, Decision.partner_id == case.id))
    last = (await session.exec(query.order_by(col(Decision.id).desc()).limit(1))).first()
    if last is None or last.partner_id is None:
        return None
    other = await session.get_one(Case, last.partner_id if last.case_id == case.id else last.case_id)
    return other if other.included_at == case.included_at else None


async def proposal(session: AsyncSession, *, case: Case) -> tuple[Decision, Person | None] | None:
    """
    The screen failure that somebody proposes for a case and an investigator has yet to confirm, and who that is.
    """
    if case.proposal is None:
        return None
    query = select(Decision, Person).outerjoin(Person, col(Person.id) == col(Decision.person_id))
    return (await session.exec(query.where(Decision.id == case.proposal))).one()


async def is_signed_eligible(session: AsyncSession, *, case: Case) -> bool:
    """
    Whether an investigator's word that the case is eligible holds.
    """
    if case.sign_off is None:
        return False
    return (await session.get_one(Decision, case.sign_off)).kind == DecisionKind.SIGNED
