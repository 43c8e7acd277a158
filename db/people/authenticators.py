"""
The authenticator apps of people who sign: time-based one-time codes (TOTP, RFC 6238).
"""

import hmac
from datetime import datetime, timedelta
from enum import StrEnum

import pyotp
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.tables import Authenticator, Person
from db.trail import audit, entries
from db.trail.audit import Actor

MOST_FAILURES = 5
LOCKED_FOR = timedelta(hours=1)
_ISSUER = "NCT02213705"
_SLACK = 1
"""So many time steps of 30 seconds before and after: clocks differ, and people type slowly."""


class Check(StrEnum):
    """
    What came of a code.
    """

    RIGHT = "right"
    WRONG = "wrong"
    USED = "used"
    LOCKED = "locked"


async def of(session: AsyncSession, *, person_id: int) -> Authenticator | None:
    """
    A person's authenticator, confirmed or not.
    """
    return await session.get(Authenticator, person_id)


def is_ready(authenticator: Authenticator | None) -> bool:
    """
    Whether a code of it has confirmed it.
    """
    return authenticator is not None and authenticator.confirmed_at is not None


async def enrol(session: AsyncSession, *, person_id: int, by: Actor, now: datetime) -> Authenticator:
    """
    A new secret for a person who has none that is confirmed; the present one for who has.
    """
    await audit.lock(session)
    found = await of(session, person_id=person_id)
    if found is not None and is_ready(found):
        return found
    if found is None:
        found = Authenticator(person_id=person_id, secret="")
        session.add(found)
    found.secret, found.created_at = pyotp.random_base32(), now
    found.last_step, found.failures, found.locked_until = 0, 0, None
    await entries.about_person(session, person_id, "authenticator.enrol", at=now, by=by, site=None)
    await session.flush()
    return found


async def check(session: AsyncSession, *, authenticator: Authenticator, code: str, by: Actor, at: datetime) -> Check:
    """
    Check a code that was typed at this time. A right one serves once, and confirms an authenticator that is new; wrong
    ones in a row lock it for a time. Every use and every failure is in the audit trail, the code itself nowhere.
    """
    await audit.lock(session)
    if authenticator.locked_until is not None and at < authenticator.locked_until:
        return Check.LOCKED
    step = _step_of(authenticator, code, at)
    result = Check.WRONG if step is None else Check.USED if step <= authenticator.last_step else Check.RIGHT
    if step is None or result is not Check.RIGHT:
        authenticator.failures += 1
        if authenticator.failures >= MOST_FAILURES:
            authenticator.failures, authenticator.locked_until = 0, at + LOCKED_FOR
            result = Check.LOCKED
    else:
        authenticator.last_step, authenticator.failures, authenticator.locked_until = step, 0, None
        authenticator.confirmed_at = authenticator.confirmed_at or at
    action = f"authenticator.{result}"
    await entries.about_person(session, authenticator.person_id, action, at=at, by=by, site=None)
    return result


def _step_of(authenticator: Authenticator, code: str, at: datetime) -> int | None:
    """
    The time step whose code this is, if it is one of about now.
    """
    totp = pyotp.TOTP(authenticator.secret)
    now = totp.timecode(at)
    steps = [step for step in range(now - _SLACK, now + _SLACK + 1) if _same(totp.generate_otp(step), code)]
    return steps[-1] if steps else None


def _same(expected: str, code: str) -> bool:
    return hmac.compare_digest(expected.encode(), code.encode())


def uri(authenticator: Authenticator, person: Person) -> str:
    """
    What the QR code says to the app.
    """
    return pyotp.TOTP(authenticator.secret).provisioning_uri(name=person.name, issuer_name=_ISSUER)
