"""
`python -m bot import`: answers out of a file of another program, seen before anything is stored.

Each record is a case that is there already, in screening. What its columns say anew is stored as imported, in one
transaction for the whole file; a line that cannot be read is refused and the others are not.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import keys
from bot.commands import CommandError
from bot.documents.exchange import fhir_case, odm_case, redcap_lines
from bot.documents.exchange.examined import plainly
from bot.documents.exchange.lines import Line, NotRecordsError
from bot.rules import file_form
from bot.rules.frozen import Frozen
from bot.rules.versions import LATEST
from bot.settings import Settings
from db.base.tables import PersonRole, Source, Stage
from db.cases import answers, cases, records
from db.cases.answers import Entered
from db.cases.given import UNSAID, Examined
from db.cases.records import Record
from db.people import team
from db.people.team import Colleague
from db.trail.audit import Actor

HELP = "take answers out of a file of another program"
FORMS = {
    "redcap": ("REDCap", redcap_lines.lines),
    "fhir": ("FHIR", fhir_case.lines),
    "odm": ("CDISC ODM", odm_case.lines),
}
"""What each form is called, and how it is read."""

_OPEN = frozenset({Stage.SCREENING, Stage.FINISHED})


def declare(parser: argparse.ArgumentParser) -> None:
    forms = "redcap (records as it exports them, CSV), fhir (a response, or a bundle), odm"
    parser.add_argument("form", choices=tuple(FORMS), metavar="FORM", help=forms)
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument(
        "--person", type=int, required=True, metavar="PERSON", help="the coordinator who answers for it"
    )
    parser.add_argument("--yes", action="store_true", help="store it; otherwise it is only shown")


class Planned(Frozen):
    """
    What a line would change: the answers that differ from those that stand, and those of which only the examination
    does; or why there are none.
    """

    line: Line
    record: Record | None
    entered: tuple[Entered, ...]
    problems: tuple[str, ...]
    examined: tuple[Entered, ...] = ()


async def run(options: argparse.Namespace, settings: Settings) -> None:
    """
    Show what the file would change, and store it if that is confirmed. Raises CommandError, also where some lines
    were refused while others were stored.
    """
    now = datetime.now(UTC)
    read = _read(options.form, options.file, now.astimezone(ZoneInfo(settings.site_time_zone)).date())
    async with keys.opened(settings) as database:
        if not options.yes:
            async with database.snapshot() as session:
                planned = await _planned(session, read, options, now)
        else:
            async with database.transaction() as session:
                await keys.use_audit_key(session, settings.audit_key_file, may_create=False)
                planned = await _planned(session, read, options, now)
                await _store(session, planned, options.person, now)
    for one in planned:
        print(*_told(one), sep="\n")
    number = sum(len(one.entered) + len(one.examined) for one in planned)
    print(f"{number} answers stored" if options.yes else f"{number} answers to store: add --yes to do it")
    if refused := sum(bool(one.problems) for one in planned):
        raise CommandError(f"{refused} of {len(planned)} lines refused")


def _read(form: str, file: Path, today: date) -> list[Line]:
    _, lines = FORMS[form]
    try:
        return list(lines(file.read_text(encoding="utf-8"), LATEST, today))
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise CommandError(f"{file}: not UTF-8") from None
    except NotRecordsError as error:
        raise CommandError(f"{file}: {error}") from None


async def _planned(
    session: AsyncSession, read: Sequence[Line], options: argparse.Namespace, now: datetime
) -> list[Planned]:
    person = await team.find(session, person_id=options.person, sites=None)
    if person is None or not person.person.is_active:
        raise CommandError(f"there is no active person {options.person}")
    often = Counter(line.code for line in read)
    name, _ = FORMS[options.form]
    return [await _plan(session, line, person, now, name, is_alone=often[line.code] == 1) for line in read]


async def _plan(
    session: AsyncSession, line: Line, person: Colleague, now: datetime, name: str, *, is_alone: bool
) -> Planned:
    case = await cases.by_code(session, code=line.code, sites=None)
    if case is None or case.kind != line.kind:
        return Planned(line, None, (), (f"no {line.kind} has this code", *line.problems))
    problems = list(line.problems)
    if case.protocol != LATEST.version:
        problems.append(f"the case began under {case.protocol}, and the file is read by {LATEST.version}")
    if not is_alone:
        problems.append("stands on several lines")
    if case.stage not in _OPEN:
        problems.append(f"the case is no longer in screening: {case.stage}")
    if not _may_screen(person, case.site_id):
        problems.append(f"person {person.person.id} is no coordinator of its site")
    record = await records.load(session, case=case, now=now)
    if problems:
        return Planned(line, record, (), tuple(problems))
    own = {key: raw for key, raw in line.answers.items() if key not in record.borrowed}
    said = [Entered(key, raw, line.examined.get(key, UNSAID), name) for key, raw in own.items()]
    entered = [
        one if _stands(record, one.item) else one._replace(reason=None)
        for one in said
        if _text(one.raw) != _stands(record, one.item)
    ]
    return Planned(line, record, tuple(entered), (), tuple(_examined_anew(record, said)))


def _examined_anew(record: Record, said: Iterable[Entered]) -> Iterator[Entered]:
    """
    The answers that stand with another examination than the file tells. What it does not tell stands too.
    """
    for one in said:
        if one.raw is not None and _text(one.raw) == _stands(record, one.item):
            stands = record.current[one.item].examined
            on, by = one.examined.on or stands.on, one.examined.by or stands.by
            examined = Examined(on, by, one.examined.words if one.examined.by else stands.words)
            if examined != stands:
                yield one._replace(examined=examined, reason=one.reason if stands != UNSAID else None)


def _may_screen(person: Colleague, site_id: int) -> bool:
    return any(
        one.membership.role == PersonRole.COORDINATOR and one.membership.site_id in {None, site_id}
        for one in person.held
    )


def _text(raw: object) -> str | None:
    return None if raw is None else file_form.dumps(raw)


_UNANSWERED = ""


def _stands(record: Record, key: str) -> str | None:
    """
    The answer that stands as it is stored: None for "not available yet".
    """
    given = record.current.get(key)
    return _UNANSWERED if given is None else given.text


async def _store(session: AsyncSession, planned: Sequence[Planned], person_id: int, now: datetime) -> None:
    by, source = Actor(person_id, PersonRole.COORDINATOR), Source.IMPORTED
    for one in planned:
        record = one.record
        if record is None:
            continue
        if one.entered:
            record = await answers.add_many(session, record=record, entered=one.entered, by=by, now=now, source=source)
        for item, _, examined, reason in one.examined:
            record = await answers.examine(
                session, record=record, item=item, examined=examined, by=by, now=now, reason=reason
            )


def _told(one: Planned) -> list[str]:
    """
    A line for each answer, with what stands now; or for each thing that is wrong.
    """
    head = f"line {one.line.number}  {json.dumps(one.line.code, ensure_ascii=False)[1:-1] or '-'}"
    if one.problems or one.record is None:
        return [f"{head}  refused: {problem}" for problem in one.problems]
    told = []
    for entered in one.entered:
        stands = _stands(one.record, entered.item)
        before = "awaited" if stands is None else stands or "-"
        after = f"{_text(entered.raw) or 'awaited'} {_examination(entered.examined)}".rstrip()
        told.append(f"{head}  {entered.item}: {before} -> {after}")
    for entered in one.examined:
        stood = _examination(one.record.current[entered.item].examined) or "-"
        told.append(f"{head}  {entered.item}, examined: {stood} -> {_examination(entered.examined)}")
    return told or [f"{head}  nothing new"]


def _examination(said: Examined) -> str:
    return file_form.dumps(plainly(said)) if said != UNSAID else ""
