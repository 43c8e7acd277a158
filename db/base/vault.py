"""
Encryption at rest. With a vault, a database's sessions write what is clinical or secret as AES-GCM ciphertext and read
it as plain text; whoever works with rows sees no difference. Without one nothing here runs.

A ciphertext names its key, and is bound to its table, its column and its row: one that was moved does not open.
"""

import base64
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.frozen import Frozen

MARK = "\x1f"
"""What a ciphertext begins with. No text that people type does: it counts as white space, and is taken off."""

KEY_BYTES = 32
_NONCE_BYTES = 12
_INFO = "vault"
_OPENED = "vault_opened"


class VaultError(Exception):
    """
    Something that is encrypted cannot be read. `str()` says where and why, and shows nothing of it.
    """


class Protected(Frozen):
    """
    The columns of a table that are encrypted, and those that say which row it is. The latter are known before the row
    is written, and never change.
    """

    row: tuple[str, ...]
    columns: tuple[str, ...]


PROTECTED: Mapping[str, Protected] = {
    "answers": Protected(("case_id", "revision"), ("value", "reason", "examined_words")),
    "audit_entries": Protected(("sequence",), ("old", "new", "reason", "more")),
    "authenticators": Protected(("person_id",), ("secret",)),
    "chats": Protected(("chat_id",), ("draft", "screen")),
    "decisions": Protected(("case_id", "kind", "about", "at"), ("reason", "digest")),
    "inbox": Protected(("update_id",), ("payload",)),
    "screening_log": Protected(("code",), ("reason",)),
    "visit_records": Protected(("case_id", "month", "at"), ("detail",)),
}
"""What is encrypted, by table. A digest is among it because few values have few digests."""


class Vault:
    """
    The keys, by id: the first writes, all read. `read_keys` is asked again when a key is not known: another program may
    have begun to use a new one.
    """

    def __init__(self, read_keys: Callable[[], Mapping[str, bytes]]) -> None:
        self._read_keys = read_keys
        self._take()

    def _take(self) -> None:
        # Imported here: whoever does not encrypt does not wait for it.
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        self._refusals = (InvalidTag, ValueError)
        keys = self._read_keys()
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self.current = next(iter(keys))

    def knows(self, key_id: str) -> bool:
        """
        Whether what this key wrote can be read.
        """
        if key_id not in self._ciphers:
            self._take()
        return key_id in self._ciphers

    @property
    def beginning(self) -> str:
        """
        What everything that the first key writes begins with.
        """
        return f"{MARK}{self.current}:"

    def seal(self, text: str, place: str) -> str:
        """
        The ciphertext of a text, for this place only.
        """
        return self.beginning + base64.b64encode(self.seal_bytes(text.encode(), place)).decode()

    def seal_bytes(self, content: bytes, place: str) -> bytes:
        """
        The same for bytes, by the first key: a nonce, and what it gives.
        """
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._ciphers[self.current].encrypt(nonce, content, place.encode())

    def open(self, text: str, place: str) -> str:
        """
        What a ciphertext says; a text that is none, as it is. Raises VaultError.
        """
        if not text.startswith(MARK):
            return text
        key_id, _, content = text[len(MARK) :].partition(":")
        try:
            return self.open_bytes(base64.b64decode(content, validate=True), place, key_id).decode()
        except ValueError:
            raise VaultError(f"{place}: is not as it was written") from None

    def open_bytes(self, content: bytes, place: str, key_id: str) -> bytes:
        """
        What bytes say that this key wrote. Raises VaultError.
        """
        if not self.knows(key_id):
            raise VaultError(f"{place}: was written with the key {key_id!r}, which is not there")
        try:
            return self._ciphers[key_id].decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], place.encode())
        except self._refusals:
            raise VaultError(f"{place}: was changed, or belongs elsewhere") from None


def place(table: str, column: str, row: tuple[object, ...]) -> str:
    """
    Where a value stands, as its ciphertext is bound to it.
    """
    return f"{table}.{column} of {', '.join(map(_plain, row))}"


def _plain(value: object) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def use(session: AsyncSession, held: Vault) -> None:
    """
    Give a session the vault with which it encrypts. It must be one on SealingSession.
    """
    session.info[_INFO] = held


def of(session: Session | AsyncSession) -> Vault | None:
    """
    The vault of a session, if encryption is on.
    """
    held: Vault | None = session.info.get(_INFO)
    return held


def sealed(session: Session | AsyncSession, table: str, values: dict[str, Any]) -> dict[str, Any]:
    """
    The values of a new row as they are stored.
    """
    held, protected = of(session), PROTECTED.get(table)
    if held is None or protected is None:
        return values
    row = tuple(values[name] for name in protected.row)
    found = {column: values[column] for column in protected.columns if values[column]}
    return values | {column: held.seal(text, place(table, column, row)) for column, text in found.items()}


class SealingSession(Session):
    """
    A session that encrypts what it writes and decrypts what it reads, whole rows of the tables in PROTECTED.
    """


@event.listens_for(SealingSession, "loaded_as_persistent")
def _open_loaded(session: SealingSession, row: Any) -> None:  # noqa: ANN401  a row of any table
    protected = PROTECTED.get(row.__tablename__)
    if protected is None:
        return
    vault: Vault = session.info[_INFO]
    values = row.__dict__
    for column in protected.columns:
        text = values.get(column)
        if text is not None and text.startswith(MARK):
            set_committed_value(row, column, vault.open(text, _place_of(row, column, protected)))


@event.listens_for(SealingSession, "before_flush")
def _seal_written(session: SealingSession, *_: object) -> None:
    vault: Vault = session.info[_INFO]
    opened = session.info.setdefault(_OPENED, [])
    for row in (*session.new, *session.dirty):
        protected = PROTECTED.get(row.__tablename__)
        if protected is None:
            continue
        state = inspect(row)
        for column in protected.columns:
            text = getattr(row, column)
            if text and state.attrs[column].history.added:
                opened.append((row, column, text))
                setattr(row, column, vault.seal(text, _place_of(row, column, protected)))


@event.listens_for(SealingSession, "after_flush_postexec")
def _open_written(session: SealingSession, _: object) -> None:
    for row, column, text in session.info.pop(_OPENED, ()):
        set_committed_value(row, column, text)


def _place_of(row: Any, column: str, protected: Protected) -> str:  # noqa: ANN401  as above
    return place(row.__tablename__, column, tuple(getattr(row, name) for name in protected.row))
