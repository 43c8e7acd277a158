"""
The key that seals the audit trail: a file of its own, made at the first start, readable by its owner only.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path

_BYTES = 32


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


def _create(path: Path) -> None:
    """
    Put a whole file in its place, or none: where another program was faster, its key is the key.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
