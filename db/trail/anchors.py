"""
Anchors: what the audit trail's head was at a time, signed and kept outside the database.

The trail alone cannot tell that its newest entries were cut off with its head put back, nor that all of it was
replaced by another one; an anchor that was written before can.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.frozen import Frozen
from db.base.tables import AuditHead


class AnchorsBrokenError(Exception):
    """
    A line that is no anchor, or not as it was written. `line` counts from 1.
    """

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line} of the anchors is not as it was written with this key")
        self.line = line


class Anchor(Frozen):
    """
    The head of the trail at a time.
    """

    at: datetime
    sequence: int
    seal: str


async def head(session: AsyncSession, *, now: datetime) -> Anchor:
    """
    The head of the trail now.
    """
    found = await session.get_one(AuditHead, 1)
    return Anchor(now.astimezone(UTC), found.sequence, found.seal)


def write(anchor: Anchor, *, key: bytes) -> str:
    """
    An anchor as a line: time, number of entries, seal of the last, and a keyed hash over these.
    """
    fields = (anchor.at.isoformat(), str(anchor.sequence), anchor.seal or "-")
    return " ".join((*fields, _signature(key, fields)))


def read(lines: Iterable[str], *, key: bytes) -> list[Anchor]:
    """
    The anchors of a file's lines. Raises AnchorsBrokenError.
    """
    return [_read(line, number, key) for number, line in enumerate(lines, start=1)]


def _read(line: str, number: int, key: bytes) -> Anchor:
    *fields, signature = line.rstrip("\n").split(" ")
    if not hmac.compare_digest(signature.encode(), _signature(key, fields).encode()):
        raise AnchorsBrokenError(number)
    at, sequence, seal = fields
    return Anchor(datetime.fromisoformat(at), int(sequence), "" if seal == "-" else seal)


def _signature(key: bytes, fields: Iterable[str]) -> str:
    # The word keeps this apart from what else the key seals.
    return hmac.digest(key, json.dumps(["anchor", *fields]).encode(), hashlib.sha256).hex()
