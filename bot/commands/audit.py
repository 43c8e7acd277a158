"""
`python -m bot audit`: checks the audit trail, and anchors it outside the database.
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from bot import keys
from bot.engine import anchoring
from bot.settings import Settings
from db.trail import anchors
from db.upkeep import facts

HELP = "the audit trail"


def declare(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True)
    verify = actions.add_parser("verify", help="check every entry, and all that is stored against them")
    verify.add_argument("--anchor", type=Path, metavar="FILE", help="also against what was anchored there")
    anchor = actions.add_parser("anchor", help="write down the newest entry, outside the database")
    anchor.add_argument("file", type=Path, metavar="FILE", help="a line is added to it")


async def run(options: argparse.Namespace, settings: Settings) -> None:
    if options.action == "anchor":
        await _anchor(settings, options.file)
    else:
        await _verify(settings, options.anchor)


async def _verify(settings: Settings, anchor_file: Path | None) -> None:
    """
    Check the audit trail, what is stored against it, and it against a file of anchors. Raises AuditBrokenError at the
    first bad entry, FactsBrokenError at the first bad row, and AnchorsBrokenError at the first bad anchor.
    """
    async with keys.opened(settings) as database:
        key = keys.audit_key(settings.audit_key_file, may_create=False)
        # Read first: the trail goes on meanwhile.
        seen = () if anchor_file is None else anchoring.load(anchor_file, key=key)
        async with database.snapshot() as session:
            count = await facts.verify(session, key=key, anchors=seen)
        print(f"{count} entries, each as it was written, and what is stored is as they tell")
        if anchor_file is not None:
            print(f"{len(seen)} anchors, the last of {seen[-1].at:%Y-%m-%d %H:%M} UTC at entry {seen[-1].sequence}")


async def _anchor(settings: Settings, file: Path) -> None:
    """
    Write the head of the audit trail into a file. Raises AnchorFileError.
    """
    async with keys.opened(settings) as database:
        async with database.transaction() as session:
            key = await keys.use_audit_key(session, settings.audit_key_file, may_create=False)
            head = await anchors.head(session, now=datetime.now(UTC))
        anchoring.append(file, head, key=key)
        print(f"entry {head.sequence} is anchored in {file}")
