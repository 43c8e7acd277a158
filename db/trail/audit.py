"""
The audit trail: each entry sealed with a keyed hash over itself and the entry before, so that a change shows.
"""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.frozen import Frozen
from db.base import core
from db.base.tables import AuditEntry, AuditHead
from db.trail.anchors import Anchor

_LOCKED_HEAD = select(AuditHead).with_for_update()
_KEY = "audit_key"
_HEAD = "audit_head"

PURGED = "case.purge"
"""The action of the entry that tells what was taken out of the trail."""


class AuditBrokenError(Exception):
    """
    The trail does not verify. `sequence` is the first entry that is wrong, or missing.
    """

    def __init__(self, sequence: int, problem: str) -> None:
        super().__init__(f"entry {sequence}: {problem}")
        self.sequence = sequence


class Actor(Frozen):
    """
    Who acts, and as what. The program itself has no person.
    """

    person_id: int | None = None
    role: str | None = None

    @property
    def person(self) -> int:
        """
        Whose the act is. Raises ValueError where it is the program's: answers, cases and links are somebody's.
        """
        if self.person_id is None:
            raise ValueError("only a person does this")
        return self.person_id


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
    more: str | None = None,
) -> None:
    """
    Add an entry, in the transaction of what it tells about. `more` is what `db.trail.told` says of a row.
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
        more=more,
        seal="",
    )
    entry.seal = _seal(session.info[_KEY], head.seal, entry)
    core.add(session, entry)
    head.sequence, head.seal = entry.sequence, entry.seal


async def lock(session: AsyncSession) -> AuditHead:
    """
    The head of the chain, for this transaction alone. What locks more than the head locks the head first, so that two
    transactions do not wait for each other; the worker, which writes down first what was shown, begins anew if
    PostgreSQL stops it for that.
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
    if entry.more is not None:
        # Earlier entries were sealed without.
        content.append(entry.more)
    return hmac.digest(key, json.dumps(content, ensure_ascii=False).encode(), hashlib.sha256).hex()


def redact(session: AsyncSession, entry: AuditEntry, *, by: int) -> None:
    """
    Take out what an entry says, as the entry with the sequence `by` tells. What is left is sealed anew, together with
    its seal, on which the entries after it rest.
    """
    entry.field = entry.old = entry.new = entry.reason = entry.more = None
    entry.redaction = f"{by}:{_redaction(session.info[_KEY], by, entry)}"


def _redaction(key: bytes, by: int, entry: AuditEntry) -> str:
    content: list[Any] = [
        "redacted",
        by,
        entry.seal,
        entry.sequence,
        entry.at.isoformat(),
        entry.actor,
        entry.role,
        entry.site,
        entry.action,
        entry.entity,
    ]
    return hmac.digest(key, json.dumps(content, ensure_ascii=False).encode(), hashlib.sha256).hex()


async def is_sealed_with(session: AsyncSession, *, key: bytes) -> bool:
    """
    Whether this is the key of the newest entry; any is where there is none. Whether the trail is whole is not asked.
    """
    query = select(AuditEntry).order_by(col(AuditEntry.sequence).desc()).limit(2)
    match (await session.exec(query)).all():
        case [entry, *before]:
            return hmac.compare_digest(entry.seal, _seal(key, before[0].seal if before else "", entry))
    return True


async def verify(session: AsyncSession, *, key: bytes, anchors: Sequence[Anchor] = ()) -> int:
    """
    Check the whole trail, and that it has all that `anchors` have seen of it; return the number of entries. Raises
    AuditBrokenError at the first that is wrong.
    """
    head = await session.get(AuditHead, 1) or AuditHead()
    chain = _Chain(key, anchors)
    async for entry in _entries(session):
        chain.add(entry)
    chain.end(head)
    return chain.sequence


class _Chain:
    """
    The trail as it is checked, entry by entry. Each raises AuditBrokenError.
    """

    def __init__(self, key: bytes, anchors: Sequence[Anchor]) -> None:
        self._key = key
        self._seal = ""
        self.sequence = 0
        self._anchored: dict[int, set[str]] = {}
        for anchor in anchors:
            self._anchored.setdefault(anchor.sequence, set()).add(anchor.seal)
        self._purged: dict[int, str] = {}

    def add(self, entry: AuditEntry) -> None:
        """
        The next entry.
        """
        self.sequence += 1
        if entry.sequence != self.sequence:
            raise AuditBrokenError(self.sequence, "missing")
        if entry.redaction is not None:
            self._purged[_checked_redaction(self._key, entry)] = entry.entity
        elif not hmac.compare_digest(entry.seal, _seal(self._key, self._seal, entry)):
            raise AuditBrokenError(self.sequence, "does not match its seal")
        self._seal = entry.seal
        if self._anchored.pop(self.sequence, {self._seal}) != {self._seal}:
            raise AuditBrokenError(self.sequence, "is not the one that was anchored")
        if (entry.action, entry.entity) == (PURGED, self._purged.get(self.sequence)):
            del self._purged[self.sequence]

    def end(self, head: AuditHead) -> None:
        """
        After the last entry.
        """
        last = self.sequence
        if last != head.sequence:
            raise AuditBrokenError(min(last, head.sequence) + 1, "missing" if last < head.sequence else "added")
        if self._seal != head.seal:
            raise AuditBrokenError(last, "does not match the head")
        if any(self._anchored):
            raise AuditBrokenError(last + 1, f"missing: {max(self._anchored)} entries were anchored")
        if self._purged:
            raise AuditBrokenError(min(self._purged), "does not tell of what was taken out")


def _checked_redaction(key: bytes, entry: AuditEntry) -> int:
    """
    The sequence of the entry that tells why this one says nothing. Raises AuditBrokenError.
    """
    by, _, redaction = (entry.redaction or "").partition(":")
    says_something = any(value is not None for value in (entry.field, entry.old, entry.new, entry.reason, entry.more))
    if not by.isdecimal() or says_something or not hmac.compare_digest(redaction, _redaction(key, int(by), entry)):
        raise AuditBrokenError(entry.sequence, "does not match its seal")
    return int(by)


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
