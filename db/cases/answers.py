"""
The one way to add answers: with all that follows from them, for the case, for its partners and for what was decided.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules import file_form
from db.base import core
from db.base.tables import Answer, AuditEntry, Case, Examination, Source
from db.cases import partners, projections, records, sign_offs
from db.cases.given import UNSAID, Examined, GivenAnswer
from db.cases.records import Record
from db.cases.sign_offs import Cause
from db.trail import entries, told
from db.trail.audit import Actor

AT_ONCE = timedelta(minutes=10)
"""For so long a slip is corrected without a word, and a quick entry can be taken back."""


class Entered(NamedTuple):
    """
    A value in file form for an item, None for "not available yet"; the examination, and why it changes an earlier one.
    """

    item: str
    raw: object
    examined: Examined = UNSAID
    reason: str | None = None


class NotTakenBackError(ValueError):
    """
    A quick entry that stays: it is "gone", too "late", or something of it was "answered" since. `str()` says which.
    """


async def add(
    session: AsyncSession,
    *,
    record: Record,
    item: str,
    raw: object,
    by: Actor,
    now: datetime,
    source: Source = Source.ASKED,
    reason: str | None = None,
    examined: Examined = UNSAID,
) -> Record:
    """
    Add an answer in file form, None for "not available yet", and return the record with it. Linked cases are assessed
    again, and sign-offs that rested on other answers are voided.

    Raises KeyError for an unknown item, BadValueError for a value that it does not take, and ValueError for an
    examination that cannot have been.
    """
    rows = [_row(record, Entered(item, raw, examined, reason), source)]
    return await _store(session, record=record, rows=rows, by=by, now=now)


async def add_many(
    session: AsyncSession,
    *,
    record: Record,
    entered: Sequence[Entered],
    by: Actor,
    now: datetime,
    source: Source = Source.QUICK_ENTRY,
) -> Record:
    """
    Add several answers at once, all or none, as a batch that can be taken back; the record with them. Raises as `add`,
    and ValueError where an item stands twice.
    """
    if len({one.item for one in entered}) != len(entered):
        raise ValueError("an item stands twice")
    rows, batch = [_row(record, one, source) for one in entered], record.case.revision + 1
    return await _store(session, record=record, rows=rows, by=by, now=now, batch=batch)


async def take_back(session: AsyncSession, *, record: Record, batch: int, by: Actor, now: datetime) -> Record:
    """
    Let stand again what stood before a batch; what was unanswered is unanswered. Raises NotTakenBackError.
    """
    taken = [given for given in record.answers if given.batch == batch and given.repeats is None]
    if not taken:
        raise NotTakenBackError("gone")
    if now - taken[0].at > AT_ONCE:
        raise NotTakenBackError("late")
    if any(given.revision != record.revision_of(given.item) for given in taken):
        raise NotTakenBackError("answered")
    before = record.before(batch).current
    rows = [_again(given.item, before.get(given.item), Source.TAKEN_BACK) for given in taken]
    return await _store(session, record=record, rows=rows, by=by, now=now, batch=batch)


async def examine(
    session: AsyncSession,
    *,
    record: Record,
    item: str,
    examined: Examined,
    by: Actor,
    now: datetime,
    reason: str | None = None,
) -> Record:
    """
    Say of a result that stands from which examination it is, for a reason where another one was said before. It is not
    given anew by that. Raises KeyError where nothing stands, and ValueError for an examination that cannot have been.
    """
    given = record.current[item]
    _check(record, examined)
    row = _again(item, given._replace(examined=examined), Source.DATED)._replace(reason=reason)
    return await _store(session, record=record, rows=[row], by=by, now=now)


async def is_at_once(session: AsyncSession, *, record: Record, item: str, person_id: int, now: datetime) -> bool:
    """
    Whether this person corrects a slip: what they answered last, within ten minutes, and neither they have done
    anything else since nor anybody anything about the case.
    """
    last = record.answers[-1] if record.answers else None
    if last is None or (last.item, last.person_id, last.batch, last.repeats) != (item, person_id, None, None):
        return False
    if now - last.at > AT_ONCE:
        return False
    await session.flush()
    newest = col(AuditEntry.sequence).desc()
    about_case = select(AuditEntry).where(AuditEntry.entity == record.case.code).order_by(newest).limit(1)
    of_person = select(AuditEntry).where(AuditEntry.actor == person_id).order_by(newest).limit(1)
    found = [(await session.exec(query)).first() for query in (about_case, of_person)]
    return all(
        entry is not None and (entry.action, entry.entity, entry.at) == ("answer", record.case.code, last.at)
        for entry in found
    )


async def asks_why(session: AsyncSession, *, record: Record, item: str, person_id: int, now: datetime) -> bool:
    """
    Whether another answer to an item needs a reason: where a value stands, and was not given just now.
    """
    if record.raw(item) is None or item in record.borrowed:
        return False
    return not await is_at_once(session, record=record, item=item, person_id=person_id, now=now)


class _NewAnswer(NamedTuple):
    """
    An answer but for whose it is, and when.
    """

    item: str
    text: str | None
    source: Source
    examined: Examined = UNSAID
    reason: str | None = None
    repeats: int | None = None


def _row(record: Record, entered: Entered, source: Source) -> _NewAnswer:
    item = record.population.item[entered.item]
    if entered.raw is not None:
        item.read(entered.raw)
    _check(record, entered.examined)
    text = None if entered.raw is None else file_form.dumps(entered.raw)
    return _NewAnswer(entered.item, text, source, entered.examined, entered.reason)


def _again(item: str, given: GivenAnswer | None, source: Source) -> _NewAnswer:
    if given is None:
        return _NewAnswer(item, None, source, repeats=0)
    return _NewAnswer(item, given.text, source, given.examined, repeats=given.revision)


def _check(record: Record, examined: Examined) -> None:
    if examined.on is not None and examined.on > record.as_of:
        raise ValueError("an examination that is yet to come")
    if examined.by is not None and Examination(examined.by) is Examination.OTHER and not examined.words:
        raise ValueError("another examination, and no word of which")


async def _store(
    session: AsyncSession,
    *,
    record: Record,
    rows: Sequence[_NewAnswer],
    by: Actor,
    now: datetime,
    batch: int | None = None,
) -> Record:
    """
    Store rows in their order, each with its audit entry, and see to all that follows from them.
    """
    case = record.case
    added = []
    for row in rows:
        case.revision += 1
        given = GivenAnswer(
            *(row.item, row.text, case.revision, by.person, now, row.source),
            batch=batch,
            repeats=row.repeats,
            examined=row.examined,
        )
        old = record.current.get(row.item)
        await _write(session, case, given, old.text if old else None, row.reason, by)
        added.append(given)
    case.touched_at = now
    after = replace(record, answers=(*record.answers, *added))
    await projections.write(session, record=after)
    cause = Cause(case.id, first=added[0].revision, last=case.revision)
    await follow(session, case=case, now=now, cause=cause)
    return after


async def _write(  # noqa: PLR0917  all that is written of an answer
    session: AsyncSession, case: Case, given: GivenAnswer, old: str | None, reason: str | None, by: Actor
) -> None:
    row = Answer(
        case_id=case.id,
        revision=given.revision,
        item=given.item,
        value=given.text,
        source=given.source,
        reason=reason,
        examined_on=given.examined.on,
        examined_by=given.examined.by,
        examined_words=given.examined.words,
        batch=given.batch,
        repeats=given.repeats,
        person_id=given.person_id,
        at=given.at,
    )
    core.add(session, row)
    said = {"field": given.item, "old": old, "new": given.text, "reason": reason, "more": told.of_answer(row)}
    await entries.about_case(session, case, "answer", at=given.at, by=by, **said)


async def follow(session: AsyncSession, *, case: Case, now: datetime, cause: Cause | None = None) -> None:
    """
    See to what follows from a change of a case: its own sign-off, and its partners.
    """
    await sign_offs.review(session, case=case, now=now, cause=cause)
    for partner in await partners.linked_cases(session, case=case):
        await projections.write(session, record=await records.load(session, case=partner, now=now))
        await sign_offs.review(session, case=partner, now=now, cause=cause)
