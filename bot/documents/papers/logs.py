"""
The logs: of screening and enrolment, of visits, of delegated roles.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TypeAlias

from bot.documents import typesetting
from bot.documents.delegations import Delegation, delegations
from bot.documents.kinds import Asked, Document
from bot.documents.papers import wording
from bot.documents.papers.wording import NOTHING, plain
from bot.documents.pictures.made import Drawing, the_accrual, the_flow, the_visits_ahead
from bot.documents.snapshot import CaseFile
from bot.render.reasons import reason
from bot.texts import Words
from db.base.tables import ENDED, DecisionKind, LogLine, Stage
from db.cases.decisions import DEATH, is_death
from db.follow_up.visits import Followed

LogCell: TypeAlias = str | dict[str, str]
"""A cell of a log: a text, or one that is `said` with the small `code` behind it under which it is stored."""

_WHY = {Stage.SCREEN_FAILURE: DecisionKind.SCREEN_FAILURE} | {stage: DecisionKind(stage.value) for stage in ENDED}
"""The decision that says why a case is at this stage."""


def screening_log(asked: Asked) -> Document:
    """
    Every case that was ever opened, those whose data were taken out included; of one that was stopped, why.
    """
    rows = [(file.case.code, _screened(asked, file)) for file in asked.snapshot.files]
    rows += [(line.code, _kept(asked, line)) for line in asked.snapshot.taken_out]
    names = ("code", "kind", "opened", "verdict", "stage", "why", "signed", "included")
    return paper(
        asked,
        "screening",
        names,
        (8, 7, 8, 22, 10, 18, 15, 15),
        [row for _, row in sorted(rows)],
        pictures=[the_flow(asked), the_accrual(asked)],
    )


def _screened(asked: Asked, file: CaseFile) -> list[str]:
    words, case = asked.words, file.case
    signed = file.signed
    return [
        case.code,
        words.plain(f"kind.{case.kind}"),
        words.day(file.record.local_day(case.opened_at)),
        _verdict(asked, file),
        words.plain(f"stage.{case.stage}"),
        _why(asked, file),
        _done(asked, file.record.local_day(signed.at), signed.person_id) if signed else NOTHING,
        words.day(file.record.local_day(case.included_at)) if case.included_at else NOTHING,
    ]


def _done(asked: Asked, day: date, person_id: int | None) -> str:
    name = wording.name_of(asked.snapshot, person_id, asked.words)
    return asked.words.plain("log.done", day=asked.words.day(day), person=name)


def _verdict(asked: Asked, file: CaseFile) -> str:
    """
    What the answers come to; of a case that goes on, with the criteria that are not met so far.
    """
    words = asked.words
    verdict = words.plain(f"verdict.{file.record.assessment.verdict}.short")
    failing = file.case.failing.split()
    if not failing or file.case.stage in _WHY:
        return verdict
    return words.plain("log.so_far", verdict=verdict, criteria=", ".join(_named(one, words) for one in failing))


def _named(criterion: str, words: Words) -> str:
    short = words.find(f"criterion.{criterion}.short")
    return criterion if short is None else f"{criterion} {plain(short)}"


def _why(asked: Asked, file: CaseFile) -> str:
    """
    Why a case was stopped: what was decided, on which day. Nothing stopped one that goes on, whatever it fails.
    """
    words = asked.words
    kind = _WHY.get(Stage(file.case.stage))
    decided = next((one for one in reversed(file.decided) if one.kind == kind), None)
    if decided is None:
        return NOTHING
    said = [wording.because(decided.reason, decided.kind, words)] if decided.reason else []
    if is_death(decided.kind, decided.about, decided.reason):
        said = list(dict.fromkeys([wording.because(DEATH, decided.kind, words), *said]))
    elif decided.about:
        said.insert(0, _named(decided.about, words))
    return ", ".join([*said, *([words.day(decided.day)] if decided.day else [])]) or NOTHING


def _kept(asked: Asked, line: LogLine) -> list[str]:
    words = asked.words
    why = wording.because(line.reason, line.stage, words)
    return [
        *(line.code, words.plain(f"kind.{line.kind}"), words.day(line.opened_on), words.plain("log.taken_out")),
        *(words.plain(f"stage.{line.stage}"), why, NOTHING, NOTHING),
    ]


def visit_log(asked: Asked) -> Document:
    """
    The follow-up of every recipient who was infused.
    """
    rows = [_visited(asked, file, one) for file in asked.snapshot.files for one in file.visits]
    names = ("code", "infused", "month", "due", "window", "state", "day", "remark", "recorded")
    return paper(asked, "visits", names, (8, 8, 5, 8, 15, 11, 8, 20, 20), rows, pictures=[the_visits_ahead(asked)])


def _visited(asked: Asked, file: CaseFile, one: Followed) -> list[str]:
    words, visit, record = asked.words, one.visit, one.record
    said = [plain(reason(record.detail, words)) if record and record.detail else ""]
    said.append(wording.deviation(record.deviation, words) if record and record.deviation else "")
    return [
        file.case.code,
        words.day(file.infused_on) if file.infused_on else NOTHING,
        str(visit.month),
        words.day(visit.due),
        words.plain("log.window", opens=words.day(visit.opens), closes=words.day(visit.closes)),
        words.plain(f"status.visit.{one.state(file.record)}"),
        words.day(visit.day) if record else NOTHING,
        ", ".join(filter(None, said)) or NOTHING,
        _done(asked, file.record.local_day(record.at), record.person_id) if record else NOTHING,
    ]


def delegation_log(asked: Asked) -> Document:
    """
    Who had which role where, from when to when, by whom.
    """
    rows = [_delegated(asked, one) for one in delegations(asked.snapshot)]
    return paper(asked, "delegation", ("person", "role", "place", "since", "by", "until", "ended_by"), (1,) * 7, rows)


def _delegated(asked: Asked, one: Delegation) -> list[str]:
    words, snapshot = asked.words, asked.snapshot
    return [
        words.plain("log.person", person=wording.name_of(snapshot, one.person, words), number=one.person),
        words.plain(f"role.{one.role}"),
        words.plain("log.everywhere") if one.place == "all" else one.place,
        words.moment(snapshot.local(one.since)),
        wording.name_of(snapshot, one.by, words) if one.is_told else NOTHING,
        words.moment(snapshot.local(one.until)) if one.until else words.plain("log.still"),
        wording.name_of(snapshot, one.ended_by, words) if one.until else NOTHING,
    ]


def paper(
    asked: Asked,
    name: str,
    columns: Iterable[str],
    widths: Sequence[int],
    rows: Sequence[Sequence[LogCell]],
    *,
    lines: Sequence[str] = (),
    pictures: Sequence[Drawing] = (),
) -> Document:
    """
    A log as a paper: lines about it, a row for each entry, and pictures below them.
    """
    words, snapshot = asked.words, asked.snapshot
    title = words.plain(f"log.{name}", code=asked.code or "")
    data = {
        **wording.page(snapshot, words, title=title),
        "lines": [words.plain("log.times", zone=str(snapshot.zone)), *lines],
        "heading": [words.plain(f"log.{name}.{column}") for column in columns],
        "widths": widths,
        "rows": rows,
        "none": words.plain("log.none"),
        "pictures": [picture.data for picture in pictures],
    }
    content = typesetting.pdf("log", data, made=snapshot.local(snapshot.at))
    about = f"-{asked.code}" if asked.code else ""
    return Document(f"{name}-log{about}.pdf", content, words.count("log.caption", len(rows), title=title).unescape())
