"""
Which keys have written into this database. Each left a proof, so that a key that is missing, or another one by the same
name, is noticed at the start and not at the first value.
"""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base import vault
from db.base.tables import EncryptionKey
from db.base.vault import VaultError
from db.trail import audit
from db.trail.audit import PROGRAM

_PROOF = "this key belongs to this database"


async def check(session: AsyncSession) -> set[str]:
    """
    See that all that was written can be read, and return the ids of the keys that wrote it. Raises VaultError.
    """
    found = (await session.exec(select(EncryptionKey).order_by(col(EncryptionKey.id)))).all()
    held = vault.of(session)
    for key in found:
        if held is None or not held.knows(key.id):
            raise VaultError(f"this database was written with the encryption key {key.id!r}, which is not there")
        try:
            held.open(key.proof, _place(key.id))
        except VaultError:
            raise VaultError(
                f"the encryption key {key.id!r} is another one than that which wrote this database"
            ) from None
    return {key.id for key in found}


async def use(session: AsyncSession, *, now: datetime) -> None:
    """
    See to the same, and note the key with which this program writes. Raises VaultError.
    """
    known = await check(session)
    held = vault.of(session)
    if held is None or held.current in known:
        return
    await audit.lock(session)
    if held.current in await check(session):
        return  # another program has just noted it
    session.add(EncryptionKey(id=held.current, proof=held.seal(_PROOF, _place(held.current)), added_at=now))
    await audit.record(session, at=now, by=PROGRAM, action="keys.use", entity=f"key {held.current}")


def _place(key_id: str) -> str:
    return vault.place("encryption_keys", "proof", (key_id,))
