"""
Sign-offs, each of which holds until something that it rests on changes.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import asdict
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.frozen import Frozen
from db.base.tables import AT_ONCE, Case, Decision, DecisionKind, MutedKind, Stage
from db.cases import decisions
from db.cases.decisions import digest_of, subjects_of
from db.cases.records import Record
from db.delivery import notices
from db.people import access
from db.trail.audit import PROGRAM, Actor


class Cause(Frozen):
    """
    Why a sign-off holds no longer, by ids alone, for a notice is not encrypted: answers of a case from one revision to
    another, a decision about it, or its being linked ("link", "unlink") by somebody.
    """

    case_id: int
    first: int | None = None
    last: int | None = None
    decision: int | None = None
    action: str | None = None
    person: int | None = None

    @property
    def about(self) -> dict[str, Any]:
        """
        What a notice keeps of it.
        """
        return {name: value for name, value in asdict(self).items() if value is not None}


def about_decision(decision: Decision) -> Cause:
    """
    A decision as a cause.
    """
    return Cause(decision.case_id, decision=decision.id)


async def review(session: AsyncSession, *, case: Case, now: datetime, cause: Cause | None = None) -> None:
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
    await tell(session, decision=decision, subjects=subjects, cause=cause, now=now)


async def tell(
    session: AsyncSession, *, decision: Decision, subjects: Sequence[Record], cause: Cause | None, now: datetime
) -> None:
    """
    Tell whoever signed that their sign-off holds no longer, if they may still see the case and want to hear of it.
    """
    to, case = decision.person_id, subjects[0].case
    if to is None or await session.get(MutedKind, (to, "voided", 0)) is not None:
        return
    if not await access.sees(session, person_id=to, site_id=case.site_id):
        return
    about = cause.about if cause is not None else {}
    notices.add(
        session,
        person_id=to,
        key="notice.voided",
        now=now,
        codes=" + ".join(record.case.code for record in subjects),
        case=case.id,
        sign_off=decision.id,
        **({"cause": about} if about else {}),
    )


async def void(
    session: AsyncSession,
    *,
    decision: Decision,
    subjects: Sequence[Record],
    by: Actor,
    now: datetime,
    reason: str | None = None,
) -> Decision:
    """
    End a sign-off: the program does where something has changed, a person where it was a mistake.
    """
    voided = decisions.made(DecisionKind.VOIDED, subjects, by=by, now=now, reason=reason)
    voided.voids = decision.id
    session.add(voided)
    await session.flush()
    for record in subjects:
        case, old = record.case, record.case.stage
        case.sign_off = None
        case.remind_on = AT_ONCE
        if case.stage in {Stage.SIGNED, Stage.SCREEN_FAILURE}:
            case.stage = Stage.SCREENING
        await decisions.tell(session, voided, case, old=old, new=case.stage)
    return voided


async def pair_of(session: AsyncSession, *, case: Case) -> list[Case]:
    """
    The cases of the pair as which a case is signed; none where it is not, or by itself.
    """
    if case.sign_off is None:
        return []
    decision = await session.get_one(Decision, case.sign_off)
    if decision.partner_id is None:
        return []
    return [await session.get_one(Case, one) for one in (decision.case_id, decision.partner_id)]
