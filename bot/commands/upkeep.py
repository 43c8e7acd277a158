"""
Commands for whoever runs the server.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot import keys
from bot.engine import anchoring
from bot.settings import Settings
from db.base.engine import Database
from db.base.migrate import check_is_there, upgrade
from db.base.migrations import HEAD
from db.base.vault import PROTECTED, VaultError
from db.cases import projections
from db.follow_up import planned
from db.trail import anchors, audit, keyring, rotation
from db.upkeep import facts, rights

_TOGETHER = 500
_PASSES = 5


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """
    The database that there is, migrated, and readable with the keys at hand.
    """
    database = keys.database_of(settings)
    try:
        await check_is_there(database)
        await upgrade(database)
        async with database.transaction() as session:
            await keyring.check(session)
        yield database
    finally:
        await database.close()


async def migrate(settings: Settings, role: str | None = None) -> None:
    """
    Bring the database to the revision of this program, and give the program's own role its rights in it, if one is
    named. Raises db.rights.RoleRefusedError.
    """
    database = keys.database_of(settings)
    try:
        await upgrade(database)
        if role is not None:
            async with database.engine.begin() as connection:
                await rights.grant(connection, role=role)
    finally:
        await database.close()
    print(f"the database is at revision {HEAD}{f', and {role} has its rights in it' if role else ''}")


async def verify(settings: Settings, anchor_file: Path | None = None) -> None:
    """
    Check the audit trail, what is stored against it, and it against a file of anchors. Raises AuditBrokenError at the
    first bad entry, FactsBrokenError at the first bad row, and AnchorsBrokenError at the first bad anchor.
    """
    async with opened(settings) as database:
        key = keys.audit_key(settings.audit_key_file, may_create=False)
        # Read first: the trail goes on meanwhile.
        seen = () if anchor_file is None else anchoring.load(anchor_file, key=key)
        async with database.snapshot() as session:
            count = await facts.verify(session, key=key, anchors=seen)
        print(f"{count} entries, each as it was written, and what is stored is as they tell")
        if anchor_file is not None:
            print(f"{len(seen)} anchors, the last of {seen[-1].at:%Y-%m-%d %H:%M} UTC at entry {seen[-1].sequence}")


async def anchor(settings: Settings, file: Path) -> None:
    """
    Write the head of the audit trail into a file. Raises AnchorFileError.
    """
    async with opened(settings) as database:
        async with database.transaction() as session:
            key = await keys.use_audit_key(session, settings.audit_key_file, may_create=False)
            head = await anchors.head(session, now=datetime.now(UTC))
        anchoring.append(file, head, key=key)
        print(f"entry {head.sequence} is anchored in {file}")


async def rebuild(settings: Settings) -> None:
    """
    Assess every case again for the lists, and work out every follow-up visit.
    """
    async with opened(settings) as database:
        now = datetime.now(UTC)
        async with database.transaction() as session:
            count = await projections.rebuild(session, now=now)
            await planned.rebuild(session, margin=settings.follow_up_window_days, now=now)
        print(f"{count} cases assessed")


def new_key(settings: Settings) -> None:
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


async def rotate(settings: Settings) -> None:
    """
    Rewrite with the first key what others wrote, or none did; a run that was cut short goes on at the next one. Raises
    db.vault.VaultError.
    """
    async with opened(settings) as database:
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
