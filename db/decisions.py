"""
What people decide about cases. Decisions are only ever added; a sign-off holds until something it rests on changes.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.assessment import Verdict
from bot.rules.expressions import items_of, leaves
from db import audit, notices, records
from db.audit import PROGRAM, Actor
from db.records import Record
from db.tables import Case, Decision, DecisionKind, Person, Stage

STAGES = {
    DecisionKind.SIGNED: Stage.SIGNED,
    DecisionKind.SCREEN_FAILURE: Stage.SCREEN_FAILURE,
    DecisionKind.INCLUDED: Stage.INCLUDED,
    DecisionKind.WITHDRAWN: Stage.WITHDRAWN,
    DecisionKind.CONSENT_REFUSED: Stage.CONSENT_REFUSED,
    DecisionKind.LOST: Stage.LOST,
    DecisionKind.REOPENED: Stage.SCREENING,
}
"""The stage to which a decision takes a case."""

SIGN_OFFS = frozenset({DecisionKind.SIGNED, DecisionKind.SCREEN_FAILURE})
ENDINGS = frozenset({DecisionKind.WITHDRAWN, DecisionKind.CONSENT_REFUSED, DecisionKind.LOST})
ENDED = frozenset(STAGES[kind] for kind in ENDINGS)
"""The stages in which nothing more is done for a case."""


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
    reason: str | None = None,
    digest: str | None = None,
) -> Decision:
    """
    Store what somebody decides about a case, or about a recipient and a donor, and take them to the stage that follows.
    """
    first, *others = subjects
    decision = Decision(
        case_id=first.case.id,
        partner_id=others[0].case.id if others else None,
        kind=kind,
        about=about,
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
        case.stage, case.touched_at = STAGES.get(kind, Stage(old)), now
        case.sign_off = decision.id if kind in SIGN_OFFS else case.sign_off
        await audit.record(
            session,
            at=now,
            by=by,
            action=f"decision.{kind}",
            entity=case.code,
            site=case.site_id,
            field=about or "stage",
            old=old,
            new=" ".join(one.case.code for one in subjects if one is not record) or case.stage,
            reason=reason,
        )
    return decision


async def review(session: AsyncSession, *, case: Case, now: datetime) -> None:
    """
    Void the sign-off on a case if what it rests on has changed, and tell whoever signed.
    """
    if case.sign_off is None:
        return
    decision = await session.get_one(Decision, case.sign_off)
    subjects = await subjects_of(session, decision=decision, now=now)
    if digest_of(subjects) == decision.digest:
        return
    session.add(
        Decision(
            case_id=decision.case_id,
            partner_id=decision.partner_id,
            kind=DecisionKind.VOIDED,
            protocol=decision.protocol,
            digest=digest_of(subjects),
            voids=decision.id,
            at=now,
        )
    )
    for record in subjects:
        await _void(session, record.case, now)
    if decision.person_id is not None:
        codes = " + ".join(record.case.code for record in subjects)
        notices.add(session, person_id=decision.person_id, key="notice.voided", now=now, codes=codes, case=case.id)


async def _void(session: AsyncSession, case: Case, now: datetime) -> None:
    old, case.sign_off = case.stage, None
    if case.stage in {Stage.SIGNED, Stage.SCREEN_FAILURE}:
        case.stage = Stage.SCREENING
    await audit.record(
        session,
        at=now,
        by=PROGRAM,
        action="decision.voided",
        entity=case.code,
        site=case.site_id,
        field="sign_off",
        old=old,
        new=case.stage,
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


def query_digest(record: Record, query_id: str) -> str:
    """
    A hash over the answers that a query speaks of: a dismissal holds while they stay as they are.
    """
    query = next(one for one in record.population.queries if one.id == query_id)
    keys = sorted({item.key for leaf in leaves(query.expression) for item in items_of(leaf)})
    known = {**{key: lent.value for key, lent in record.borrowed.items()}, **record.facts}
    content = [[key, _plain(known.get(key))] for key in keys]
    return hashlib.sha256(json.dumps([query_id, content]).encode()).hexdigest()


def _plain(value: object) -> str:
    return " ".join(sorted(value)) if isinstance(value, frozenset) else str(value)


async def open_queries(session: AsyncSession, *, record: Record) -> tuple[str, ...]:
    """
    The queries raised that nobody has dismissed.
    """
    raised = record.assessment.queries
    if not raised:
        return ()
    await session.flush()
    query = select(Decision.digest).where(
        Decision.case_id == record.case.id, Decision.kind == DecisionKind.QUERY_DISMISSED
    )
    dismissed = set((await session.exec(query)).all())
    return tuple(one for one in raised if query_digest(record, one) not in dismissed)


def may_be_signed(subjects: Sequence[Record]) -> bool:
    """
    Whether nothing is unknown any more. Open queries are another matter.
    """
    return all(record.assessment.verdict is Verdict.ELIGIBLE for record in subjects)
