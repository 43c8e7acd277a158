"""
`python -m bot rebuild`: everything that is worked out of what is stored, worked out anew.
"""

import argparse
from datetime import UTC, datetime

from bot import keys
from bot.settings import Settings
from db.cases import projections
from db.follow_up import planned

HELP = "assess every stored case anew for the lists"


def declare(_: argparse.ArgumentParser) -> None:
    """
    There are no arguments.
    """


async def run(_: argparse.Namespace, settings: Settings) -> None:
    """
    Assess every case again for the lists, and work out every follow-up visit.
    """
    async with keys.opened(settings) as database:
        now = datetime.now(UTC)
        async with database.transaction() as session:
            count = await projections.rebuild(session, now=now)
            await planned.rebuild(session, margin=settings.follow_up_window_days, now=now)
        print(f"{count} cases assessed")
