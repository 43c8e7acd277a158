"""
`python -m bot backup` and `restore`: all that is stored in one file, whatever the database.

A line says what it is; then come pieces of compressed lines of JSON, encrypted if the database is, the last of which
holds a checksum, sealed with the key of the audit trail.
"""

import hashlib
import hmac
import json
import os
import secrets
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

from alembic import command
from alembic.script import ScriptDirectory
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import keys
from bot.settings import Settings
from db.base.migrate import check_is_there, config
from db.base.migrations import HEAD
from db.base.vault import Vault
from db.trail import keyring
from db.upkeep import dump, facts

_FORMAT = "NCT02213705 screening backup 1"
_PIECE = 1 << 16
_LONGEST_HEAD = 1000
_TOGETHER = 500
_LENGTH = 4


class BackupError(Exception):
    """
    A backup that cannot be made, or not be restored. `str()` says why.
    """


async def backup(settings: Settings, file: Path) -> None:
    """
    Write everything into a new file, as it is at one moment, while the bot goes on. Raises BackupError, and
    db.base.migrate.NoDatabaseError.
    """
    database = keys.database_of(settings)
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
        raise BackupError(f"{file} cannot be written: {error.strerror}") from None
    finally:
        draft.unlink(missing_ok=True)
        await database.close()
    print(f"{number} rows in {file}{', encrypted with ' + database.vault.current if database.vault else ''}")


def _draft_of(file: Path) -> Path:
    if file.exists():
        raise BackupError(f"{file} is there already: name a new file")
    return file.with_name(f"{file.name}.{secrets.token_hex(4)}")


async def _write(session: AsyncSession, file: BinaryIO, vault: Vault | None, key: bytes) -> int:
    head = {
        "format": _FORMAT,
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
        self._place = _digest(first)
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
        self.line({"rows": number, **_sums(self._digest.hexdigest(), key)})
        self._piece(bytes(self._waiting) + self._packer.flush())

    def _piece(self, content: bytes) -> None:
        place = f"{self._place} {next(self._numbers)}"
        sealed = content if self._vault is None else self._vault.seal_bytes(content, place)
        self._file.write(len(sealed).to_bytes(_LENGTH) + sealed)


def _digest(first: bytes) -> str:
    return f"backup {hashlib.sha256(first).hexdigest()}"


def _sums(digest: str, key: bytes) -> dict[str, str]:
    return {"sha256": digest, "seal": hmac.digest(key, f"backup {digest}".encode(), hashlib.sha256).hex()}


def _head(file: BinaryIO) -> tuple[bytes, dict[str, Any]]:
    first = file.readline(_LONGEST_HEAD)
    try:
        head = json.loads(first)
    except ValueError:
        head = None
    if not isinstance(head, dict) or head.get("format") != _FORMAT or "key" not in head:
        raise BackupError("this is no backup of this program")
    return first, head


def _lines(file: BinaryIO, vault: Vault | None, key: bytes) -> Iterator[Any]:
    """
    What the lines say, but for the last, which is checked. Raises BackupError, or db.vault.VaultError.
    """
    first, head = _head(file)
    if head["key"] is not None and vault is None:
        raise BackupError(f"it is encrypted with the key {head['key']}: set ENCRYPTION_KEY_FILE")
    open_piece: Callable[[bytes, str], bytes] | None = None
    if head["key"] is not None and vault is not None:
        held = vault
        open_piece = lambda content, place: held.open_bytes(content, place, head["key"])  # noqa: E731
    digest, number = hashlib.sha256(first), -1
    lines = _unpacked(file, _digest(first), open_piece)
    for line in lines:
        try:
            content = json.loads(line)
        except ValueError:
            raise BackupError("it is damaged") from None
        if isinstance(content, dict) and "rows" in content:
            break
        digest.update(line)
        number += isinstance(content, list)
        yield content
    else:
        raise BackupError("it is cut short")
    if next(lines, None) or content["sha256"] != digest.hexdigest() or content["rows"] != number + 1:
        raise BackupError("it does not match its checksum: it is damaged")
    if not hmac.compare_digest(content["seal"], _sums(digest.hexdigest(), key)["seal"]):
        raise BackupError("it was not made with this AUDIT_KEY_FILE, or was changed since")


def _unpacked(file: BinaryIO, place: str, open_piece: Callable[[bytes, str], bytes] | None) -> Iterator[bytes]:
    unpacker, waiting = zlib.decompressobj(), b""
    for number in count():
        length = file.read(_LENGTH)
        sealed = file.read(int.from_bytes(length))
        if not length:
            break
        if len(length) < _LENGTH or len(sealed) < int.from_bytes(length):
            raise BackupError("it is cut short")
        try:
            piece = sealed if open_piece is None else open_piece(sealed, f"{place} {number}")
            *whole, waiting = (waiting + unpacker.decompress(piece)).split(b"\n")
        except zlib.error:
            raise BackupError("it is damaged") from None
        yield from (line + b"\n" for line in whole)
    if waiting or not unpacker.eof or unpacker.unused_data:
        raise BackupError("it is damaged at its end")


async def restore(settings: Settings, file: Path) -> None:
    """
    Fill an empty database from a backup: all of it, with a trail that verifies, or nothing. Raises BackupError.
    """
    database = keys.database_of(settings)
    key = keys.audit_key(settings.audit_key_file, may_create=False)
    try:
        with file.open("rb") as opened:
            _, head = _head(opened)
            opened.seek(0)
            for _ in _lines(opened, database.vault, key):
                pass  # all of it is sound before any of it is used
            opened.seek(0)
            async with database.transaction() as session:
                if not await dump.is_empty(session):
                    raise BackupError("the database is not empty: restore into a new one")
                await _migrate(session, head["revision"])
                await _load(session, _lines(opened, database.vault, key))
                await _migrate(session, HEAD)
                await keyring.check(session)
                entries = await facts.verify(session, key=key)
    except OSError as error:
        raise BackupError(f"{file} cannot be read: {error.strerror}") from None
    finally:
        await database.close()
    print(f"restored as of {head['at'][:16]} UTC; {entries} entries of the audit trail, each as it was written")


async def _migrate(session: AsyncSession, revision: str) -> None:
    connection = await session.connection()
    known = await connection.run_sync(
        lambda found: [one.revision for one in ScriptDirectory.from_config(config(found)).walk_revisions()]
    )
    if revision not in known:
        raise BackupError("it was made by a later version of this program")
    await connection.run_sync(lambda found: command.upgrade(config(found), revision))


async def _load(session: AsyncSession, lines: Iterator[Any]) -> None:
    await dump.make_room(session)
    shapes = {shape.name: shape for shape in await dump.shapes(session)}
    name, columns = "", list[str]()
    rows: list[list[Any]] = []
    try:
        for content in lines:
            if isinstance(content, dict) or len(rows) >= _TOGETHER:
                if rows:
                    await dump.load(session, shapes[name], columns, rows)
                rows = []
            if isinstance(content, dict):
                name, columns = content["table"], content["columns"]
            else:
                rows.append(content)
        if rows:
            await dump.load(session, shapes[name], columns, rows)
    except (KeyError, ValueError) as error:
        raise BackupError(f"it does not fit the tables of its revision: {error}") from None
    await dump.go_on_counting(session)
