"""
`python -m bot amend OLD NEW`: which stored cases another version of the rules would change, and in which criterion.

Nothing is stored: a case keeps the version that it began with.
"""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime

from bot import keys
from bot.commands import CommandError
from bot.rules.amendment import Amended, amended
from bot.rules.protocol import Protocol
from bot.rules.versions import PROTOCOLS
from bot.settings import Settings
from db.cases import cases, records
from db.cases.records import Record

AmendRow = tuple[str, str, str, str]


HELP = "which cases another version of the rules would change"


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", metavar="OLD", help="the version that the cases began with, such as 1")
    parser.add_argument("new", metavar="NEW", help="the version to try on them")


def named(text: str) -> Protocol:
    """
    The version of this name, or of the last part of its name. Raises CommandError.
    """
    for version, protocol in PROTOCOLS.items():
        if text in {version, version.rpartition("/")[2]}:
            return protocol
    raise CommandError(f"{text}: no such version of the rules; there are {', '.join(PROTOCOLS)}")


async def run(options: argparse.Namespace, settings: Settings) -> None:
    """
    Print the table: a row for each criterion that differs, for the verdict, and for each answer that the other version
    does not take.
    """
    old, new = named(options.old), named(options.new)
    now = datetime.now(UTC)
    rows: list[AmendRow] = [("case", "what", old.version, new.version)]
    changed = 0
    async with keys.opened(settings) as database, database.snapshot() as session:
        found = await cases.under(session, protocol=old.version)
        for case in found:
            record = await records.load(session, case=case, now=now)
            own = list(_rows(case.code, _amended(record, new)))
            rows += own
            changed += bool(own)
    print(*_table(rows), sep="\n")
    print(f"{len(found)} cases began under {old.version}; {changed} would differ under {new.version}")


def _amended(record: Record, new: Protocol) -> Amended:
    answers = {key: record.raw(key) for key, given in record.current.items() if given.text is not None}
    own = {key: raw for key, raw in answers.items() if key not in record.borrowed}
    lent = {key: borrowed.value for key, borrowed in record.borrowed.items()}
    return amended(record.assessment, new.population(record.case.kind), own, lent)


def _rows(code: str, found: Amended) -> Iterator[AmendRow]:
    if found.before is not found.after:
        yield code, "verdict", found.before, found.after
    for change in found.changes:
        yield code, change.id, change.before or "-", change.after or "-"
    for key in found.unread:
        yield code, key, "answered", "not taken"


def _table(rows: list[AmendRow]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
