"""
The keys: the one that seals the audit trail, made at the first start, and those that encrypt what is stored, if any.
Each file is readable by its owner only.
"""

import os
import re
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.settings import Settings
from db.base.engine import Database
from db.base.migrate import check_is_there, upgrade
from db.base.vault import KEY_BYTES, Vault
from db.trail import audit, keyring

_BYTES = 32
_LINE = re.compile(r"([A-Za-z0-9_-]{1,32})[ \t:=]+([0-9A-Fa-f]{64})")
_FORM = "expected a key a line, its id and 64 hexadecimal digits"


class KeyFileError(Exception):
    """
    The key file cannot be used.
    """


def audit_key(path: Path, *, may_create: bool) -> bytes:
    """
    The key in the file. A missing one is made only where there is no trail yet: a new key would break the old trail.

    Raises KeyFileError.
    """
    try:
        if not path.exists():
            if not may_create:
                raise KeyFileError(f"AUDIT_KEY_FILE: {path} is missing, and the audit trail needs it; restore it")
            _create(path)
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise KeyFileError(f"AUDIT_KEY_FILE: {path} cannot be read: {type(error).__name__}") from None
    if len(key) < _BYTES:
        raise KeyFileError(f"AUDIT_KEY_FILE: {path} holds no key of {_BYTES} bytes in hexadecimal")
    return key


async def use_audit_key(session: AsyncSession, path: Path, *, may_create: bool = True) -> bytes:
    """
    Give a session the key in the file, which it `may_create` where there is no trail yet, and return it.

    Raises KeyFileError, also where the trail was sealed with another one, and db.vault.VaultError.
    """
    head = await audit.lock(session)  # of several programs that start on an empty database, one makes the key
    await keyring.check(session)  # what cannot be read would look as if it was sealed with another key
    key = audit_key(path, may_create=may_create and not head.sequence)
    await check_audit_key(session, path, key)
    audit.use_key(session, key)
    return key


async def check_audit_key(session: AsyncSession, path: Path, key: bytes) -> None:
    """
    See that the key of a file is the trail's. Raises KeyFileError.
    """
    if not await audit.is_sealed_with(session, key=key):
        raise KeyFileError(f"AUDIT_KEY_FILE: {path} holds another key than the trail's")


def _create(path: Path) -> None:
    """
    Put a whole file in its place, or none: where another program was faster, its key is the key.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        _write(draft, secrets.token_hex(_BYTES))
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _write(path: Path, text: str) -> None:
    """
    A new file with this text, on the disk when this returns.
    """
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def database_of(settings: Settings, *, patience: float | None = None) -> Database:
    """
    The database that the settings name, with what encrypts it if they say so; `patience` as there. Raises KeyFileError.
    """
    return Database(settings.database_url.get_secret_value(), vault_of(settings), patience=patience)


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[Database]:
    """
    The same, as it is, and closed in the end.
    """
    database = database_of(settings)
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def opened(settings: Settings, *, may_be_first: bool = False) -> AsyncIterator[Database]:
    """
    The database that there is, migrated, and readable with the keys at hand; made here where this may be done before
    the bot was ever started.
    """
    async with connected(settings) as database:
        if not may_be_first:
            await check_is_there(database)
        await upgrade(database)
        async with database.transaction() as session:
            await keyring.check(session)
        yield database


def vault_of(settings: Settings) -> Vault | None:
    """
    The encryption keys in a vault; None where no setting names any. Raises KeyFileError.
    """
    path, given = settings.encryption_key_file, settings.encryption_keys
    if path is not None and given is not None:
        raise KeyFileError("ENCRYPTION_KEY_FILE and ENCRYPTION_KEYS are both set: keep one")
    if path is not None:
        return Vault(partial(_from_file, path))
    if given is not None:
        return Vault(partial(_parsed, given.get_secret_value().replace(",", "\n"), "ENCRYPTION_KEYS"))
    return None


def _from_file(path: Path) -> Mapping[str, bytes]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise KeyFileError(f"ENCRYPTION_KEY_FILE: {path} is missing; restore it, or make one: keys new") from None
    except (OSError, ValueError) as error:
        raise KeyFileError(f"ENCRYPTION_KEY_FILE: {path} cannot be read: {type(error).__name__}") from None
    return _parsed(text, f"ENCRYPTION_KEY_FILE: {path}")


def _parsed(text: str, name: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for line in map(str.strip, text.splitlines()):
        if not line or line.startswith("#"):
            continue
        parts = _LINE.fullmatch(line)
        if parts is None:
            raise KeyFileError(f"{name}: {_FORM}")
        if parts[1] in found:
            raise KeyFileError(f"{name}: the key id {parts[1]} stands there twice")
        found[parts[1]] = bytes.fromhex(parts[2])
    if not found:
        raise KeyFileError(f"{name}: {_FORM}")
    return found


def add_encryption_key(path: Path) -> str:
    """
    Put a new key before those in the file, which is made if need be, and return its id. Raises KeyFileError.
    """
    try:
        held = path.read_text(encoding="utf-8") if path.exists() else ""
        numbers = [0]
        if held:
            numbers += [int(key_id[1:]) for key_id in _parsed(held, str(path)) if re.fullmatch(r"k\d{1,9}", key_id)]
        key_id = f"k{max(numbers) + 1}"
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        try:
            _write(draft, f"{key_id} {secrets.token_hex(KEY_BYTES)}\n{held}")
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        raise KeyFileError(f"ENCRYPTION_KEY_FILE: {path} cannot be written: {type(error).__name__}") from None
    return key_id
