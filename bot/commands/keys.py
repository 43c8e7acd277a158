"""
`python -m bot keys`: the keys that encrypt what is stored, a new one and its taking over.
"""

import argparse
from datetime import UTC, datetime

from bot import keys
from bot.settings import Settings
from db.base.engine import Database
from db.base.vault import PROTECTED, VaultError
from db.trail import audit, keyring, rotation

HELP = "the keys that encrypt what is stored"
_TOGETHER = 500
_PASSES = 5


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("new", "rotate"), help="add a key; rewrite what older ones wrote")


async def run(options: argparse.Namespace, settings: Settings) -> None:
    """
    Add a key, or let the newest take over.
    """
    if options.action == "rotate":
        await _rotate(settings)
    else:
        _add(settings)


def _add(settings: Settings) -> None:
    """
    Add an encryption key. Raises KeyFileError.
    """
    path = settings.encryption_key_file
    if path is None:
        raise keys.KeyFileError("ENCRYPTION_KEY_FILE is not set: say in which file the keys are to be")
    key_id = keys.add_encryption_key(path)
    print(
        f"{key_id} stands first in {path}: keep a copy of it, away from the database and its backups.\n"
        "Start the bot again, so that it writes with this key; then: keys rotate"
    )


async def _rotate(settings: Settings) -> None:
    """
    Rewrite with the first key what others wrote, or none did; a run that was cut short goes on at the next one. Raises
    db.vault.VaultError.
    """
    async with keys.opened(settings) as database:
        if database.vault is None:
            raise VaultError("no key to write with: set ENCRYPTION_KEY_FILE, then: keys new")
        async with database.transaction() as session:
            key = await keys.use_audit_key(session, settings.audit_key_file, may_create=False)
        await rotate_all(database, key=key)
        async with database.transaction() as session:
            left = await rotation.left(session)
        await database.compact(PROTECTED)
        if left:
            raise VaultError(f"{left} rows are being changed by others: run it again")
        print(f"everything is encrypted with {database.vault.current}; what older backups hold is not")


async def rotate_all(database: Database, *, key: bytes, together: int = _TOGETHER) -> int:
    """
    Rewrite all that needs it, so many rows a transaction, and return how many there were.
    """
    now = datetime.now(UTC)
    async with database.transaction() as session:
        audit.use_key(session, key)
        await keyring.use(session, now=now)
    count = 0
    for _ in range(_PASSES):
        for name in PROTECTED:
            count += await _rotate_table(database, name, key, now, together)
        async with database.transaction() as session:
            if not await rotation.left(session):
                break
    return count


async def _rotate_table(database: Database, name: str, key: bytes, now: datetime, together: int) -> int:
    count, after, has_more = 0, None, True
    while has_more:
        async with database.transaction() as session:
            audit.use_key(session, key)
            done, after = await rotation.rotate(session, name=name, after=after, now=now, limit=together)
        count, has_more = count + done, after is not None
    return count
