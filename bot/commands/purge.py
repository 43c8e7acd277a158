"""
`python -m bot purge`: takes out what is no longer to be kept. Without --yes it only says what it would do.
"""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import keys
from bot.commands import CommandError, day
from bot.settings import Settings
from db.base.engine import Database
from db.base.vault import PROTECTED
from db.trail import audit, keyring
from db.upkeep import facts, purge
from db.upkeep.purge import Purgeable

HELP = "take out cases that are no longer to be kept"
_MOST_DAYS, _MOST_YEARS = 36500, 100
_ALSO = ("cases", "links", "notices", "reminders", "visits")


def declare(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--days", type=int, default=30, metavar="N", help="cases closed without consent, untouched for N days; 30"
    )
    what.add_argument("--study-ended", type=day, metavar="DATE", help="every case of a study that ended that day")
    what.add_argument("--log", action="store_true", help="show what is kept of the cases taken out")
    parser.add_argument("--years", type=int, metavar="N", help="with --study-ended: how long the sponsor has it kept")
    parser.add_argument("--yes", action="store_true", help="do it; otherwise it is only said")


async def run(options: argparse.Namespace, settings: Settings) -> None:
    """
    Say what would be taken out, take it out, or show what the screening log keeps. Raises CommandError, and
    AuditBrokenError or FactsBrokenError where not all is as the trail tells: that cannot be checked afterwards.
    """
    async with keys.opened(settings) as database:
        if options.log:
            await _show_log(database)
            return
        key = keys.audit_key(settings.audit_key_file, may_create=False)
        now = datetime.now(UTC)
        _check(options, now)
        if options.yes:
            async with database.snapshot() as session:
                await facts.verify(session, key=key)
        async with database.transaction() as session:
            audit.use_key(session, key)
            found = await _found(session, options, now)
            going = [one.case for one in found if one.kept_by is None]
            _say(found)
            if options.yes:
                await keyring.use(session, now=now)
                await purge.purge(session, cases=going, why=_why(options), now=now)
                await purge.forget_set_aside(session, before=now - timedelta(days=options.days))
        if not options.yes:
            print(f"{len(going)} cases would be taken out; nothing is changed without --yes")
            return
        await database.compact([*PROTECTED, *_ALSO])
        async with database.snapshot() as session:
            await facts.verify(session, key=key)
        print(f"{len(going)} cases taken out; older backups still hold them")


def _check(options: argparse.Namespace, now: datetime) -> None:
    if not 0 <= options.days <= _MOST_DAYS or not 0 <= (options.years or 0) <= _MOST_YEARS:
        raise CommandError(f"expected 0 to {_MOST_DAYS} days, 0 to {_MOST_YEARS} years")
    if (options.study_ended is None) != (options.years is None):
        raise CommandError("--study-ended DATE and --years N belong together: the sponsor says how many years")
    if options.study_ended is None:
        return
    if options.study_ended > now.date():
        raise CommandError("the study has not ended yet")
    day = purge.may_go(options.study_ended, years=options.years, today=now.date())
    if day is not None:
        raise CommandError(f"with {options.years} years it is kept until {day}")


async def _found(session: AsyncSession, options: argparse.Namespace, now: datetime) -> list[Purgeable]:
    if options.study_ended is not None:
        return await purge.everyone(session)
    return await purge.never_consented(session, now=now, days=options.days)


def _why(options: argparse.Namespace) -> str:
    if options.study_ended is None:
        return "never_consented"
    return f"study_ended {options.study_ended}, kept {options.years} years"


def _say(found: Sequence[Purgeable]) -> None:
    for one in found:
        state = "goes" if one.kept_by is None else f"stays: it is tied to {one.kept_by}"
        print(f"{one.case.code}\t{one.case.stage}\t{one.case.touched_at:%Y-%m-%d}\t{state}")


async def _show_log(database: Database) -> None:
    async with database.transaction() as session:
        found = await purge.log(session)
        if not found:
            print("nothing yet: no case was taken out")
        for line in found:
            print(f"{line.code}\t{line.kind}\t{line.opened_on}\t{line.closed_on}\t{line.stage}\t{line.reason or ''}")
