"""
What is kept beside a case for lists: written with every answer, and brought up to date.
"""

from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.assessment import Verdict
from bot.rules.criteria import Status
from db.base.slices import Slice
from db.base.tables import AT_ONCE, Case
from db.cases import cases, queries, records
from db.cases.records import Record
from db.trail import audit


async def write(session: AsyncSession, *, record: Record) -> None:
    """
    Write beside the case what lists need to know of it.
    """
    project(record)
    record.case.open_queries = len(await queries.still_open(session, record=record))


def project(record: Record) -> None:
    """
    Write beside the case what lists need to know of its assessment.
    """
    case, assessment = record.case, record.assessment
    if case.recheck_on is not None and case.recheck_on <= record.as_of:
        case.rechecked_on = case.recheck_on
    case.verdict = assessment.verdict
    case.in_full = case.in_full and assessment.verdict is Verdict.NOT_ELIGIBLE
    case.assessed_on = assessment.as_of
    case.answered = len(record.facts) - len(assessment.set_aside)
    case.to_ask = len(assessment.to_ask)
    case.awaited = len(assessment.awaited)
    failing = assessment.ids(record.population, Status.FAIL)
    case.failures, case.failing = len(failing), " ".join(failing)
    case.open = " ".join(assessment.ids(record.population, Status.UNKNOWN))
    case.remind_on = AT_ONCE
    case.missing = f" {' '.join(assessment.missing)} "
    case.queries = " ".join(assessment.queries)
    case.recheck_on = assessment.recheck_on
    case.old_on = min(record.old_on.values(), default=None)


async def refresh_due(session: AsyncSession, *, now: datetime, within: Slice | None = None) -> int:
    """
    Assess again the cases that time alone has changed, all of them or as many as a slice holds, and return how many.
    """
    await audit.alone(session)
    count = 0
    # The day begins at some sites before it does in UTC.
    for case in await cases.due_for_recheck(session, on=(now + timedelta(days=1)).date()):
        if within is not None and within.is_over and count:
            break
        record = await records.load(session, case=case, now=now)
        if case.recheck_on is not None and case.recheck_on <= record.as_of:
            await write(session, record=record)
            count += 1
    return count


async def rebuild(session: AsyncSession, *, now: datetime) -> int:
    """
    Assess every case again, and return how many there are.
    """
    await audit.alone(session)
    found = (await session.exec(select(Case).order_by(col(Case.id)))).all()
    for case in found:
        await write(session, record=await records.load(session, case=case, now=now))
    return len(found)
