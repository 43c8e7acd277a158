"""
The audit trail: each entry sealed with a keyed hash over itself and the entry before, so that a change shows.
"""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.tables import AuditEntry, AuditHead, Person

_LOCKED_HEAD = select(AuditHead).with_for_update()
_KEY = "audit_key"
_HEAD = "audit_head"


class AuditBrokenError(Exception):
    """
    The trail does not verify. `sequence` is the first entry that is wrong, or missing.
    """

    def __init__(self, sequence: int, problem: str) -> None:
        super().__init__(f"entry {sequence}: {problem}")
        self.sequence = sequence


@dataclass(frozen=True)
class Actor:
    """
    Who acts, and as what. The program itself has no person.
    """

    person_id: int | None = None
    role: str | None = None

    @classmethod
    def of(cls, person: Person, role: str) -> "Actor":
        """
        A person in a role.
        """
        return cls(person.id, role)


PROGRAM = Actor()


def use_key(session: AsyncSession, key: bytes) -> None:
    """
    Give the session the key with which it seals entries.
    """
    session.info[_KEY] = key


async def record(
    session: AsyncSession,
    *,
    at: datetime,
    by: Actor,
    action: str,
    entity: str,
    site: int | None = None,
    field: str | None = None,
    old: str | None = None,
    new: str | None = None,
    reason: str | None = None,
) -> None:
    """
    Add an entry, in the transaction of what it tells about.
    """
    head = await lock(session)
    at = at.astimezone(UTC)
    entry = AuditEntry(
        sequence=head.sequence + 1,
        at=at,
        actor=by.person_id,
        role=by.role,
        site=site,
        action=action,
        entity=entity,
        field=field,
        old=old,
        new=new,
        reason=reason,
        seal="",
    )
    entry.seal = _seal(session.info[_KEY], head.seal, entry)
    session.add(entry)
    head.sequence, head.seal = entry.sequence, entry.seal


async def lock(session: AsyncSession) -> AuditHead:
    """
    The head of the chain, for this transaction alone. What locks more than the head locks the head first, so that two
    transactions never wait for each other.
    """
    head: AuditHead | None = session.info.get(_HEAD)
    if head is None:
        head = (await session.exec(_LOCKED_HEAD)).one()
        session.info[_HEAD] = head
    return head


async def alone(session: AsyncSession) -> None:
    """
    Keep every other transaction from changing anything until this one ends, so that what it decides rests on what is
    still so. To be called before anything is read. In SQLite a transaction is alone from its beginning.
    """
    if (await session.connection()).dialect.name != "sqlite":
        await lock(session)


def _seal(key: bytes, before: str, entry: AuditEntry) -> str:
    content: list[Any] = [
        before,
        entry.sequence,
        entry.at.isoformat(),
        entry.actor,
        entry.role,
        entry.site,
        entry.action,
        entry.entity,
        entry.field,
        entry.old,
        entry.new,
        entry.reason,
    ]
    return hmac.digest(key, json.dumps(content, ensure_ascii=False).encode(), hashlib.sha256).hex()


async def verify(session: AsyncSession, *, key: bytes) -> int:
    """
    Check the whole trail and return the number of entries. Raises AuditBrokenError at the first that is wrong.
    """
    head = await session.get(AuditHead, 1) or AuditHead()
    seal, sequence = "", 0
    async for entry in _entries(session):
        sequence += 1
        if entry.sequence != sequence:
            raise AuditBrokenError(sequence, "missing")
        if not hmac.compare_digest(entry.seal, _seal(key, seal, entry)):
            raise AuditBrokenError(sequence, "does not match its seal")
        seal = entry.seal
    if sequence != head.sequence:
        raise AuditBrokenError(min(sequence, head.sequence) + 1, "missing" if sequence < head.sequence else "added")
    if seal != head.seal:
        raise AuditBrokenError(sequence, "does not match the head")
    return sequence


async def _entries(session: AsyncSession, batch: int = 1000) -> AsyncIterator[AuditEntry]:
    last = None
    while True:
        query = select(AuditEntry).order_by(col(AuditEntry.sequence)).limit(batch)
        if last is not None:
            query = query.where(col(AuditEntry.sequence) > last)
        entries = (await session.exec(query)).all()
        for entry in entries:
            yield entry
            last = entry.sequence
            session.expunge(entry)
        if len(entries) < batch:
            return
