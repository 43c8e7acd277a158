"""
`python -m bot export`: papers, pictures and data, from one reading of the database. What is handed over is written into
the audit trail.
"""

import argparse
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import keys
from bot.catalogues import LANGUAGES
from bot.commands import CommandError, day
from bot.documents.asking import NotThereError, ask
from bot.documents.kinds import KINDS, Asked, Document, DocumentKind
from bot.engine import anchoring
from bot.settings import Settings
from bot.texts import words
from db.people.sites import sites_within
from db.trail.anchors import Anchor
from db.trail.audit import PROGRAM
from db.trail.hand_overs import hand_over

HELP = "papers, pictures and data, into a new file"


def declare(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "kinds:\n" + "\n".join(f"  {name:<12} {kind.help}" for name, kind in KINDS.items())
    parser.add_argument("kind", choices=tuple(KINDS), metavar="KIND", help="one of those below")
    parser.add_argument("--case", metavar="CODE", help="the case that it is about")
    parser.add_argument("--site", type=int, metavar="N", help="one site's number; all sites by default")
    parser.add_argument("--person", type=int, metavar="PERSON", help="of the trail, what this person did")
    parser.add_argument("--day", type=day, metavar="DATE", help="of the trail, one day such as 2026-05-03")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="English by default")
    parser.add_argument("--out", type=Path, metavar="FILE", help="a new file; a name that says what it is by default")


async def run(options: argparse.Namespace, settings: Settings) -> None:
    """
    Make a document, write down that it was handed over, and put it into a new file. Raises CommandError, and
    db.base.migrate.NoDatabaseError.
    """
    kind = KINDS[options.kind]
    _check(options, kind)
    async with keys.opened(settings) as database:
        async with database.snapshot() as session:
            asked = await _read(session, options, settings, kind)
        document = kind.make(asked)
        path = options.out or Path(document.name)
        draft = _reserve(path)
        try:
            async with database.transaction() as session:
                await keys.use_audit_key(session, settings.audit_key_file, may_create=False)
                await hand_over(
                    session,
                    kind=options.kind,
                    about=options.case or (f"site {options.site:02d}" if options.site else None),
                    site=None if asked.code is None else asked.snapshot.by_code[asked.code].case.site_id,
                    content=document.content,
                    by=PROGRAM,
                    now=datetime.now(UTC),
                )
        except BaseException:
            path.unlink()
            os.close(draft)
            raise
        with os.fdopen(draft, "wb") as file:
            file.write(document.content)
    print(_told(document, path))


def _told(document: Document, path: Path) -> str:
    return f"{path}: {document.caption}" if document.caption else str(path)


def _check(options: argparse.Namespace, kind: DocumentKind) -> None:
    """
    Refuse what a kind of document cannot be asked for, rather than leave it out.
    """
    if kind.of_case and options.case is None:
        raise CommandError(f"{options.kind}: say which case, with --case CODE")
    for name in ("case", "site", "person", "day"):
        if getattr(options, name) is not None and name not in kind.narrowed:
            raise CommandError(f"{options.kind}: --{name} does not apply")


def _reserve(path: Path) -> int:
    """
    A new file, opened. What is there is never overwritten.
    """
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise CommandError(f"{path} is there already: say another name with --out FILE") from None
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from None


async def _read(session: AsyncSession, options: argparse.Namespace, settings: Settings, kind: DocumentKind) -> Asked:
    key, seen = await _seal_check(session, settings) if kind.of_trail else (b"", ())
    try:
        return await ask(
            session,
            kind=kind,
            words=words(options.language),
            study=settings.study,
            now=datetime.now(UTC),
            key=key,
            anchors=seen,
            sites=await _sites(session, options.site),
            code=options.case,
            person=options.person,
            day=options.day,
        )
    except NotThereError as error:
        raise CommandError(f"there is no {error}") from None


async def _sites(session: AsyncSession, number: int | None) -> set[int] | None:
    if number is None:
        return None
    found = {site.id for site in await sites_within(session, sites=None) if site.number == number}
    if not found:
        raise CommandError(f"there is no site {number}")
    return found


async def _seal_check(session: AsyncSession, settings: Settings) -> tuple[bytes, Sequence[Anchor]]:
    """
    What the audit trail is checked with: its key, and what was anchored.
    """
    key = keys.audit_key(settings.audit_key_file, may_create=False)
    await keys.check_audit_key(session, settings.audit_key_file, key)
    file = settings.audit_anchor_file
    return key, anchoring.load(file, key=key) if file is not None and file.exists() else ()
