"""
Commands for whoever runs the server.
"""

from datetime import UTC, datetime

from bot import keys
from bot.settings import Settings
from db import audit, planned, projections
from db.engine import Database
from db.migrate import upgrade


async def verify(settings: Settings) -> None:
    """
    Check the audit trail. Raises db.audit.AuditBrokenError at the first bad entry.
    """
    database = Database(settings.database_url.get_secret_value())
    try:
        await upgrade(database)
        key = keys.audit_key(settings.audit_key_file, may_create=False)
        async with database.transaction() as session:
            print(f"{await audit.verify(session, key=key)} entries, each as it was written")
    finally:
        await database.close()


async def rebuild(settings: Settings) -> None:
    """
    Assess every case again for the lists, and work out every follow-up visit.
    """
    database = Database(settings.database_url.get_secret_value())
    try:
        await upgrade(database)
        now = datetime.now(UTC)
        async with database.transaction() as session:
            count = await projections.rebuild(session, now=now)
            await planned.rebuild(session, margin=settings.follow_up_window_days, now=now)
        print(f"{count} cases assessed")
    finally:
        await database.close()
