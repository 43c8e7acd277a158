"""
What people decide about cases. Decisions are only ever added; a sign-off holds until something it rests on changes.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.tables import AT_ONCE, ENDED, LINKED, Case, Decision, DecisionKind, Link, Person, Stage
from db.cases import records
from db.cases.records import Record
from db.trail import entries, told
from db.trail.audit import Actor

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

DEATH = "death"
"""What a withdrawal is about that is a death, and its reason where nothing more was said of it."""


def is_death(kind: str, about: str | None, reason: str | None) -> bool:
    """
    Whether a decision records a death. In earlier versions only its reason said so.
    """
    return kind == DecisionKind.WITHDRAWN and DEATH in {about, reason}


class FutureDayError(ValueError):
    """
    The day of an event that is yet to come.
    """


def digest_of(subjects: Sequence[Record]) -> str:
    """
    A hash over what a decision about these cases rests on.
    """
    return hashlib.sha256(" ".join(record.digest for record in subjects).encode()).hexdigest()


def made(
    kind: DecisionKind,
    subjects: Sequence[Record],
    *,
    by: Actor,
    now: datetime,
    about: str | None = None,
    reason: str | None = None,
) -> Decision:
    """
    A decision about a case, or about a recipient and a donor, that rests on what is known of them now.
    """
    first, *others = subjects
    return Decision(
        case_id=first.case.id,
        partner_id=others[0].case.id if others else None,
        kind=kind,
        about=about,
        reason=reason,
        protocol=first.case.protocol,
        digest=digest_of(subjects),
        person_id=by.person_id,
        role=by.role,
        at=now,
    )


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
    if day is not None and day > subjects[0].as_of:
        raise FutureDayError
    decision = made(kind, subjects, by=by, now=now, about=about, reason=reason)
    decision.day, decision.digest = day, digest or decision.digest
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
        await tell(session, decision, case, old=old, new=case.stage)
    return decision


async def tell(session: AsyncSession, decision: Decision, case: Case, *, old: str, new: str) -> None:
    """
    Enter into the audit trail what was decided of a case, and to what stage it came by that.
    """
    was, now = (None, None) if old == new else (old, new)
    said = {"field": decision.about, "old": was, "new": now, "reason": decision.reason}
    by, more = Actor(decision.person_id, decision.role), told.of_decision(decision)
    await entries.about_case(session, case, f"decision.{decision.kind}", at=decision.at, by=by, **said, more=more)


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


async def subjects_of(session: AsyncSession, *, decision: Decision, now: datetime) -> list[Record]:
    """
    The records that a decision is about, as they are now.
    """
    ids = [decision.case_id] if decision.partner_id is None else [decision.case_id, decision.partner_id]
    return [await records.load(session, case=await session.get_one(Case, one), now=now) for one in ids]


def concerning(case_id: int) -> ColumnElement[bool]:
    """
    The decisions about a case, also those about it and another one.
    """
    return or_(Decision.case_id == case_id, Decision.partner_id == case_id)


async def last(session: AsyncSession, *which: ColumnElement[bool] | bool) -> Decision | None:
    """
    The newest of these decisions.
    """
    await session.flush()
    return (await session.exec(select(Decision).where(*which).order_by(col(Decision.id).desc()).limit(1))).first()


async def since(session: AsyncSession, decision: Decision, *, kinds: Collection[DecisionKind]) -> Sequence[Decision]:
    """
    What was decided after this about the same case, of these kinds, the oldest first.
    """
    await session.flush()
    query = select(Decision).where(Decision.case_id == decision.case_id, col(Decision.kind).in_(kinds))
    return (await session.exec(query.where(col(Decision.id) > decision.id).order_by(col(Decision.id)))).all()


async def of_case(session: AsyncSession, *, case: Case) -> Sequence[tuple[Decision, Person | None]]:
    """
    All that was decided about a case, the newest first, and by whom.
    """
    await session.flush()
    query = (
        select(Decision, Person)
        .outerjoin(Person, col(Person.id) == col(Decision.person_id))
        .where(concerning(case.id))
        .order_by(col(Decision.id).desc())
    )
    return (await session.exec(query)).all()


async def chosen_donor(session: AsyncSession, *, recipient: Case, donors: Sequence[Case]) -> Case | None:
    """
    The one of these donors whom somebody has chosen for the recipient: the last choice counts, unless the donor was
    unlinked since.
    """
    choice = await last(session, Decision.case_id == recipient.id, Decision.kind == DecisionKind.DONOR_CHOSEN)
    if choice is None:
        return None
    link = select(Link.linked_at).where(Link.donor_id == choice.partner_id, Link.recipient_id == recipient.id, LINKED)
    since = (await session.exec(link)).first()
    if since is None or since > choice.at:
        return None
    return next((donor for donor in donors if donor.id == choice.partner_id), None)


async def end_of(session: AsyncSession, *, case: Case) -> Decision | None:
    """
    The decision by which a case has left the trial.
    """
    if case.stage not in ENDED:
        return None
    return await last(session, Decision.case_id == case.id, col(Decision.kind).in_(ENDINGS))


async def had_ended(session: AsyncSession, *, case: Case, time: datetime) -> bool:
    """
    Whether a case had left the trial by a time.
    """
    kinds = {*ENDINGS, DecisionKind.REOPENED}
    newest = await last(session, Decision.case_id == case.id, col(Decision.kind).in_(kinds), col(Decision.at) <= time)
    return newest is not None and newest.kind in ENDINGS


async def proposals(session: AsyncSession, *, cases: Sequence[Case]) -> dict[int, Decision]:
    """
    The decision that proposes a screen failure for each of these cases, by the case's id.
    """
    ids = [case.proposal for case in cases if case.proposal is not None]
    found = (await session.exec(select(Decision).where(col(Decision.id).in_(ids)))).all() if ids else ()
    return {one.case_id: one for one in found}


async def included_with(session: AsyncSession, *, case: Case) -> Case | None:
    """
    The other one of the pair as which a case is included: also one who has left the trial since.
    """
    if case.included_at is None:
        return None
    inclusion = await last(session, concerning(case.id), Decision.kind == DecisionKind.INCLUDED)
    if inclusion is None or inclusion.partner_id is None:
        return None
    ids = {inclusion.case_id, inclusion.partner_id}
    other = await session.get_one(Case, (ids - {case.id}).pop())
    return other if other.included_at == case.included_at else None


async def proposal(session: AsyncSession, *, case: Case) -> tuple[Decision, Person | None] | None:
    """
    The screen failure that somebody proposes for a case and an investigator has yet to confirm, and who that is.
    """
    if case.proposal is None:
        return None
    query = select(Decision, Person).outerjoin(Person, col(Person.id) == col(Decision.person_id))
    return (await session.exec(query.where(Decision.id == case.proposal))).one()


async def is_parted(session: AsyncSession, *, case: Case) -> bool:
    """
    Whether the other one of the pair as which a case is included has left the trial.
    """
    other = await included_with(session, case=case)
    return other is not None and other.stage in ENDED


async def is_signed_eligible(session: AsyncSession, *, case: Case) -> bool:
    """
    Whether an investigator's word that the case is eligible holds.
    """
    if case.sign_off is None:
        return False
    return (await session.get_one(Decision, case.sign_off)).kind == DecisionKind.SIGNED
