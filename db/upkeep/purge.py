"""
Taking out what was said of cases: of those that never consented, and of all once a study is over.

What is left of a case is a line of the screening log, and, in the audit trail, who did something about it and when.
Append-only tables let it happen while a permit stands that names the case: a row that lives within one transaction and
follows the audit entry that tells of the purge.
"""

import json
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules import file_form
from bot.rules.frozen import Frozen
from bot.rules.months import add_months
from db.base.tables import (
    LINKED,
    Answer,
    AuditEntry,
    Case,
    Chat,
    Decision,
    InboxUpdate,
    Link,
    LogLine,
    MutedKind,
    Notice,
    PermitKind,
    PlannedVisit,
    Reminder,
    Site,
    Stage,
    UpdateState,
    VisitRecord,
)
from db.cases import decisions
from db.cases.cases import today
from db.trail import audit, entries
from db.trail.audit import PROGRAM
from db.trail.rotation import permitted

CONSENT = "consent_signed"
CLOSED = (Stage.DISCARDED, Stage.SCREEN_FAILURE, Stage.CONSENT_REFUSED, Stage.WITHDRAWN, Stage.LOST)
"""The stages in which a case goes no further unless somebody reopens it."""


class Purgeable(Frozen):
    """
    A case that might go, and the code of the case that keeps it: one that stays, and to which it is tied.
    """

    case: Case
    kept_by: str | None = None


async def never_consented(session: AsyncSession, *, now: datetime, days: int) -> list[Purgeable]:
    """
    The closed cases in which consent was never recorded as signed, untouched for so many days.
    """
    await audit.lock(session)  # nobody reopens one meanwhile
    query = select(Case).where(col(Case.stage).in_(CLOSED), col(Case.touched_at) < now - timedelta(days=days))
    closed = (await session.exec(query.order_by(col(Case.code)))).all()
    given = select(Answer).where(Answer.item == CONSENT, col(Answer.case_id).in_([case.id for case in closed]))
    consented = {row.case_id for row in await session.exec(given) if row.value and file_form.loads(row.value) is True}
    going = {case.id: case for case in closed if case.id not in consented}
    ties = await _ties(session, going)
    while staying := {case_id for case_id, others in ties.items() if case_id in going and others - set(going)}:
        # What keeps one may keep the next.
        for case_id in staying:
            del going[case_id]
    codes = dict((await session.exec(select(Case.id, Case.code))).all())
    return [
        Purgeable(case, None if case.id in going else codes[min(ties[case.id] - set(going))])
        for case in closed
        if case.id not in consented
    ]


async def _ties(session: AsyncSession, going: Collection[int]) -> dict[int, set[int]]:
    """
    The cases to which each of these is tied, by a link that holds or by a decision about both.
    """
    ties: dict[int, set[int]] = {case_id: set() for case_id in going}
    linked = (await session.exec(select(Link.recipient_id, Link.donor_id).where(LINKED))).all()
    decided = select(Decision.case_id, Decision.partner_id).where(col(Decision.partner_id).is_not(None))
    for one, other in (*linked, *(await session.exec(decided)).all()):
        if other is not None:
            ties.get(one, set()).add(other)
            ties.get(other, set()).add(one)
    return ties


async def everyone(session: AsyncSession) -> list[Purgeable]:
    """
    Every case.
    """
    await audit.lock(session)
    return [Purgeable(case) for case in (await session.exec(select(Case).order_by(col(Case.code)))).all()]


async def purge(session: AsyncSession, *, cases: Sequence[Case], why: str, now: datetime) -> None:
    """
    Take out these cases, all to which any of them is tied among them; the screening log keeps a line of each.
    """
    for case in cases:
        line = await _log_line(session, case, now)
        session.add(line)
        await _take_out(session, case, line, why, now)
    ids = [case.id for case in cases]
    await _forget(session, ids)
    await _forget_notices(session, cases)
    await session.exec(delete(Case).where(col(Case.id).in_(ids)))
    for case in cases:
        session.expunge(case)


async def _log_line(session: AsyncSession, case: Case, now: datetime) -> LogLine:
    site = await session.get_one(Site, case.site_id)
    # What closes a case bears the name of the stage to which it leads.
    closes = (decisions.concerning(case.id), Decision.kind == case.stage)
    decision = await decisions.last(session, *closes) if case.stage in CLOSED else None
    return LogLine(
        code=case.code,
        kind=case.kind,
        site_id=case.site_id,
        number=case.number,
        opened_on=today(site, case.opened_at),
        closed_on=today(site, case.touched_at),
        stage=case.stage,
        reason=(decision.about or decision.reason) if decision else None,
        purged_at=now,
    )


def content(line: LogLine) -> str:
    """
    A line of the screening log, as the audit trail tells it.
    """
    days = (line.opened_on.isoformat(), line.closed_on.isoformat())
    return json.dumps([line.kind, line.number, *days, line.stage, line.reason])


async def _take_out(session: AsyncSession, case: Case, line: LogLine, why: str, now: datetime) -> None:
    """
    Delete what is only ever added of a case, and empty its audit entries.
    """
    await entries.about_case(session, case, audit.PURGED, at=now, by=PROGRAM, new=content(line), reason=why)
    async with permitted(session, kind=PermitKind.PURGE, case_id=case.id, code=case.code) as sequence:
        for table in (Answer, VisitRecord, Decision):
            await session.exec(delete(table).where(col(table.case_id) == case.id))
        told = select(AuditEntry).where(
            AuditEntry.entity == case.code, AuditEntry.sequence < sequence, col(AuditEntry.redaction).is_(None)
        )
        for entry in await session.exec(told):
            audit.redact(session, entry, by=sequence)
        await session.flush()


async def _forget(session: AsyncSession, ids: Sequence[int]) -> None:
    """
    Delete what else refers to cases.
    """
    for table in (PlannedVisit, Reminder, MutedKind):
        await session.exec(delete(table).where(col(table.case_id).in_(ids)))
    await session.exec(delete(Link).where(or_(col(Link.recipient_id).in_(ids), col(Link.donor_id).in_(ids))))
    for chat in await session.exec(select(Chat).where(col(Chat.case_id).in_(ids))):
        chat.screen, chat.case_id, chat.card_for = "home", None, None
    for chat in await session.exec(select(Chat)):
        chat.draft = _without(chat.draft, ids)
    await session.flush()


def _without(draft: str | None, ids: Sequence[int]) -> str | None:
    """
    What is typed or ticked, but no answer yet, of other cases than these.
    """
    stored: Any = file_form.loads(draft) if draft else []
    drafts = stored if isinstance(stored, list) else [stored]
    kept = [one for one in drafts if int(one["for"].partition(":")[0]) not in ids]
    return file_form.dumps(kept) if kept else None


async def _forget_notices(session: AsyncSession, cases: Sequence[Case]) -> None:
    ids, codes = {case.id for case in cases}, {case.code for case in cases}
    for notice in await session.exec(select(Notice)):
        about = json.loads(notice.about)
        if about.get("case") in ids or codes & set(str(about.get("codes", "")).split(" + ")):
            await session.delete(notice)
    await session.flush()


async def forget_set_aside(session: AsyncSession, *, before: datetime) -> None:
    """
    Empty the updates that could not be worked: they hold what was typed.
    """
    await session.exec(
        update(InboxUpdate)
        .where(col(InboxUpdate.state) == UpdateState.SET_ASIDE, col(InboxUpdate.received_at) < before)
        .values(payload="")
    )


async def log(session: AsyncSession) -> Sequence[LogLine]:
    """
    What the screening log keeps of cases that were taken out.
    """
    return (await session.exec(select(LogLine).order_by(col(LogLine.code)))).all()


def may_go(ended: date, *, years: int, today: date) -> date | None:
    """
    The day on which the data of a study that ended then may go; None where it has come.
    """
    day = add_months(ended, 12 * years)
    return day if today < day else None
