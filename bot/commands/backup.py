"""
`python -m bot backup`: all that is stored in one file, whatever the database.

A line says what it is; then come pieces of compressed lines of JSON, encrypted if the database is, the last of which
holds a checksum, sealed with the key of the audit trail.
"""

import argparse
import hashlib
import hmac
import json
import os
import secrets
import zlib
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import keys
from bot.commands import CommandError
from bot.settings import Settings
from db.base.migrate import check_is_there
from db.base.migrations import HEAD
from db.base.vault import Vault
from db.trail import keyring
from db.upkeep import dump

HELP = "everything into a new file, while the bot goes on"

FORMAT = "NCT02213705 screening backup 1"
_PIECE = 1 << 16
LENGTH = 4
"""So many bytes say how long a piece is."""


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")


async def run(options: argparse.Namespace, settings: Settings) -> None:
    """
    Write everything into a new file, as it is at one moment, while the bot goes on. Raises CommandError, and
    db.base.migrate.NoDatabaseError.
    """
    database, file = keys.database_of(settings), options.file
    draft = _draft_of(file)
    try:
        await check_is_there(database)
        key = keys.audit_key(settings.audit_key_file, may_create=False)
        async with database.snapshot() as session:
            if await dump.revision(session) == HEAD:
                await keyring.check(session)
                await keys.check_audit_key(session, settings.audit_key_file, key)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
                number = await _write(session, opened, database.vault, key)
                opened.flush()
                os.fsync(opened.fileno())
        draft.replace(file)
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror}") from None
    finally:
        draft.unlink(missing_ok=True)
        await database.close()
    print(f"{number} rows in {file}{', encrypted with ' + database.vault.current if database.vault else ''}")


def _draft_of(file: Path) -> Path:
    if file.exists():
        raise CommandError(f"{file} is there already: name a new file")
    return file.with_name(f"{file.name}.{secrets.token_hex(4)}")


async def _write(session: AsyncSession, file: BinaryIO, vault: Vault | None, key: bytes) -> int:
    head = {
        "format": FORMAT,
        "at": datetime.now(UTC).isoformat(),
        "revision": await dump.revision(session),
        "key": vault.current if vault else None,
    }
    writer = _Writer(file, head, vault)
    number = 0
    for shape in await dump.shapes(session):
        writer.line({"table": shape.name, "columns": shape.columns})
        async for row in dump.rows(session, shape):
            writer.line(row)
            number += 1
    writer.end(number, key)
    return number


class _Writer:
    """
    Writes lines of JSON in compressed pieces. Each piece is bound to its file and its place, so that none can be left
    out, repeated or taken from another backup.
    """

    def __init__(self, file: BinaryIO, head: dict[str, Any], vault: Vault | None) -> None:
        self._file, self._vault = file, vault
        self._packer = zlib.compressobj()
        self._waiting = bytearray()
        self._numbers = count()
        first = json.dumps(head).encode() + b"\n"
        file.write(first)
        self._place = digest_of(first)
        self._digest = hashlib.sha256(first)

    def line(self, content: object) -> None:
        """
        Add a line.
        """
        line = json.dumps(content, ensure_ascii=False).encode() + b"\n"
        self._digest.update(line)
        self._waiting += self._packer.compress(line)
        while len(self._waiting) > _PIECE:
            self._piece(bytes(self._waiting[:_PIECE]))
            del self._waiting[:_PIECE]

    def end(self, number: int, key: bytes) -> None:
        """
        Add the last line, with the checksum of all before.
        """
        self.line({"rows": number, **sums(self._digest.hexdigest(), key)})
        self._piece(bytes(self._waiting) + self._packer.flush())

    def _piece(self, content: bytes) -> None:
        place = f"{self._place} {next(self._numbers)}"
        sealed = content if self._vault is None else self._vault.seal_bytes(content, place)
        self._file.write(len(sealed).to_bytes(LENGTH) + sealed)


def digest_of(first: bytes) -> str:
    """
    What names a file, by its first line.
    """
    return f"backup {hashlib.sha256(first).hexdigest()}"


def sums(digest: str, key: bytes) -> dict[str, str]:
    """
    What the last line says of all before it.
    """
    return {"sha256": digest, "seal": hmac.digest(key, f"backup {digest}".encode(), hashlib.sha256).hex()}
