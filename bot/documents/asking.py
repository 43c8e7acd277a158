"""
What a document is made of, read as the person who asks may see it.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.documents.kinds import Asked, DocumentKind
from bot.documents.reading import read
from bot.documents.trail import read_trail
from bot.study import Study
from bot.texts import Words
from db.trail.anchors import Anchor


class NotThereError(LookupError):
    """
    The document is about something that is not there, or not for the person who asks. `str()` says what.
    """


async def ask(
    session: AsyncSession,
    *,
    kind: DocumentKind,
    words: Words,
    study: Study,
    now: datetime,
    key: bytes = b"",
    anchors: Sequence[Anchor] = (),
    sites: Collection[int] | None = None,
    code: str | None = None,
    person: int | None = None,
    day: date | None = None,
) -> Asked:
    """
    Read what a kind of document needs, of these sites; of a case also those linked with it. The session is one of
    `Database.snapshot`; `key` and `anchors` are what the audit trail is checked with. Raises NotThereError.
    """
    snapshot = await read(session, now=now, sites=sites, codes=None if code is None else [code])
    if code is not None:
        if code not in snapshot.by_code:
            raise NotThereError(f"case {code}")
        if partners := snapshot.by_code[code].partners:
            snapshot = await read(session, now=now, sites=sites, codes=[code, *partners])
    if person is not None and person not in snapshot.people:
        raise NotThereError(f"person {person}")
    if not kind.of_trail:
        return Asked(snapshot, words, study, code)
    trail = await read_trail(
        session, key=key, anchors=anchors, zone=snapshot.zone, sites=sites, code=code, person=person, day=day
    )
    return Asked(snapshot, words, study, code, trail)
