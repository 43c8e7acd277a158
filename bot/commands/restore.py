"""
`python -m bot restore`: what `python -m bot backup` wrote, into an empty database.
"""

import argparse
import hashlib
import hmac
import json
import zlib
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any, BinaryIO

from alembic import command
from alembic.script import ScriptDirectory
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import keys
from bot.commands import CommandError
from bot.commands.backup import FORMAT, LENGTH, declare, digest_of, sums
from bot.settings import Settings
from db.base.migrate import config
from db.base.migrations import HEAD
from db.base.vault import Vault
from db.trail import keyring
from db.upkeep import dump, facts

__all__ = ["HELP", "declare", "run"]

HELP = "a backup into an empty database"
_LONGEST_HEAD = 1000
_TOGETHER = 500


async def run(options: argparse.Namespace, settings: Settings) -> None:
    """
    Fill an empty database from a backup: all of it, with a trail that verifies, or nothing. Raises CommandError.
    """
    database, file = keys.database_of(settings), options.file
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
                    raise CommandError("the database is not empty: restore into a new one")
                await _migrate(session, head["revision"])
                await _load(session, _lines(opened, database.vault, key))
                await _migrate(session, HEAD)
                await keyring.check(session)
                entries = await facts.verify(session, key=key)
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}") from None
    finally:
        await database.close()
    print(f"restored as of {head['at'][:16]} UTC; {entries} entries of the audit trail, each as it was written")


async def _migrate(session: AsyncSession, revision: str) -> None:
    connection = await session.connection()
    known = await connection.run_sync(
        lambda found: [one.revision for one in ScriptDirectory.from_config(config(found)).walk_revisions()]
    )
    if revision not in known:
        raise CommandError("it was made by a later version of this program")
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
        raise CommandError(f"it does not fit the tables of its revision: {error}") from None
    await dump.go_on_counting(session)


def _head(file: BinaryIO) -> tuple[bytes, dict[str, Any]]:
    first = file.readline(_LONGEST_HEAD)
    try:
        head = json.loads(first)
    except ValueError:
        head = None
    if not isinstance(head, dict) or head.get("format") != FORMAT or "key" not in head:
        raise CommandError("this is no backup of this program")
    return first, head


def _lines(file: BinaryIO, vault: Vault | None, key: bytes) -> Iterator[Any]:
    """
    What the lines say, but for the last, which is checked. Raises CommandError, or db.vault.VaultError.
    """
    first, head = _head(file)
    if head["key"] is not None and vault is None:
        raise CommandError(f"it is encrypted with the key {head['key']}: set ENCRYPTION_KEY_FILE")
    open_piece: Callable[[bytes, str], bytes] | None = None
    if head["key"] is not None and vault is not None:
        held = vault
        open_piece = lambda content, place: held.open_bytes(content, place, head["key"])  # noqa: E731
    digest, number = hashlib.sha256(first), -1
    lines = _unpacked(file, digest_of(first), open_piece)
    for line in lines:
        try:
            content = json.loads(line)
        except ValueError:
            raise CommandError("it is damaged") from None
        if isinstance(content, dict) and "rows" in content:
            break
        digest.update(line)
        number += isinstance(content, list)
        yield content
    else:
        raise CommandError("it is cut short")
    if next(lines, None) or content["sha256"] != digest.hexdigest() or content["rows"] != number + 1:
        raise CommandError("it does not match its checksum: it is damaged")
    if not hmac.compare_digest(content["seal"], sums(digest.hexdigest(), key)["seal"]):
        raise CommandError("it was not made with this AUDIT_KEY_FILE, or was changed since")


def _unpacked(file: BinaryIO, place: str, open_piece: Callable[[bytes, str], bytes] | None) -> Iterator[bytes]:
    unpacker, waiting = zlib.decompressobj(), b""
    for number in count():
        length = file.read(LENGTH)
        sealed = file.read(int.from_bytes(length))
        if not length:
            break
        if len(length) < LENGTH or len(sealed) < int.from_bytes(length):
            raise CommandError("it is cut short")
        try:
            piece = sealed if open_piece is None else open_piece(sealed, f"{place} {number}")
            *whole, waiting = (waiting + unpacker.decompress(piece)).split(b"\n")
        except zlib.error:
            raise CommandError("it is damaged") from None
        yield from (line + b"\n" for line in whole)
    if waiting or not unpacker.eof or unpacker.unused_data:
        raise CommandError("it is damaged at its end")
