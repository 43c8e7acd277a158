"""
A database with people who each have cases to screen.
"""

from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import select

from bot.application import prepare
from bot.rules.protocol import Kind
from bot.rules.versions import LATEST
from bot.settings import Settings
from db.base.engine import Database
from db.base.tables import (
    Chat,
    Membership,
    Person,
    PersonRole,
    Site,
)
from db.cases import cases
from db.trail import audit
from db.trail.audit import Actor

_FIRST = 1000


async def prepared(folder: Path, *, people: int, cases_each: int, url: str | None = None) -> dict[int, list[int]]:
    """
    Make a database of coordinators, in this folder unless it has an address of its own, and its audit key there. The
    ids of each one's open cases, by chat.
    """
    settings = Settings(_env_file=None, audit_key_file=folder / "audit.key")
    database = Database(url or f"sqlite:///{folder / 'screening.db'}")
    now = datetime.now(UTC)
    opened: dict[int, list[int]] = {}
    try:
        key, _ = await prepare(database, settings, now)
        async with database.transaction() as session:
            audit.use_key(session, key)
            site = (await session.exec(select(Site))).one()
            for chat_id in range(_FIRST, _FIRST + people):
                person = Person(telegram_id=chat_id, name="Person", language="en", accepted_at=now)
                session.add(person)
                await session.flush()
                session.add(Membership(person_id=person.id, role=PersonRole.COORDINATOR, site_id=site.id))
                session.add(Chat(chat_id=chat_id))
                found = [
                    await cases.open_new(
                        session,
                        kind=Kind.RECIPIENT,
                        site=site,
                        protocol=LATEST,
                        by=Actor(person.id, PersonRole.COORDINATOR),
                        now=now,
                    )
                    for _ in range(cases_each)
                ]
                opened[chat_id] = [case.id for case in found]
    finally:
        await database.close()
    return opened
