"""
The file of anchors: a line for each time that the audit trail's head was written down outside the database.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from bot import logs
from db.base.engine import Database, is_passing
from db.trail import anchors
from db.trail.anchors import Anchor

log = logs.named(__name__)


class AnchorFileError(Exception):
    """
    A file of anchors that cannot be used. `str()` names it.
    """


def append(path: Path, anchor: Anchor, *, key: bytes) -> None:
    """
    Add a line, on the disk when this returns. A line that a crash cut short keeps its own. Raises AnchorFileError.
    """
    try:
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            size = os.fstat(file).st_size
            is_whole = not size or os.pread(file, 1, size - 1) == b"\n"
            os.write(file, f"{'' if is_whole else chr(10)}{anchors.write(anchor, key=key)}\n".encode())
            os.fsync(file)
        finally:
            os.close(file)
    except OSError as error:
        raise AnchorFileError(f"{path}: the anchor cannot be written: {error.strerror}") from None


async def try_now(database: Database, path: Path | None, key: bytes, clock: Callable[[], datetime]) -> None:
    """
    Write the head of the trail down, if anywhere. Where that fails the bot goes on, and the log says so.
    """
    if path is None:
        return
    try:
        async with database.transaction() as session:
            anchor = await anchors.head(session, now=clock())
        await asyncio.to_thread(append, path, anchor, key=key)
    except AnchorFileError as error:
        log.warning("nothing anchored", setting="AUDIT_ANCHOR_FILE", reason=str(error))
    except Exception as error:
        if not is_passing(error):
            raise
        log.warning("nothing anchored", setting="AUDIT_ANCHOR_FILE", error=error)


def load(path: Path, *, key: bytes) -> Sequence[Anchor]:
    """
    Every anchor in the file. Raises AnchorFileError, or db.anchors.AnchorsBrokenError.
    """
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise AnchorFileError(f"{path}: the anchors cannot be read: {error.strerror}") from None
    if not lines:
        raise AnchorFileError(f"{path}: there is no anchor")
    return anchors.read(lines, key=key)
