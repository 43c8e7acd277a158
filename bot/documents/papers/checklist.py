"""
The eligibility checklist of a case, or of a recipient and a donor who are decided upon together: at most two A4 pages.
"""

from collections.abc import Iterable
from typing import Any

from bot.documents import typesetting
from bot.documents.kinds import Asked, Document
from bot.documents.papers import wording
from bot.documents.papers.wording import plain
from bot.documents.snapshot import CaseFile
from bot.render.examinations import marked
from bot.render.limits import finding
from bot.render.phrases import label, valued
from bot.render.reasoning import status_of
from bot.render.scores import parts_of
from bot.rules.criteria import Criterion, Part, Status
from bot.rules.explain import reasons
from bot.rules.expressions import items_of, leaves
from bot.rules.items import Item
from bot.rules.protocol import Kind
from bot.texts import Words
from db.base.tables import Decision, DecisionKind

_SIZES = (9.0, 8.5, 8.0, 7.5, 7.0, 6.5, 6.0, 5.5, 5.0)
_PAGES = 2
_OF_PAIRS = frozenset({DecisionKind.SIGNED, DecisionKind.INCLUDED, DecisionKind.DONOR_CHOSEN})


def checklist(asked: Asked) -> Document:
    """
    The paper.
    """
    words, snapshot = asked.words, asked.snapshot
    files = _files(asked)
    codes = " + ".join(file.case.code for file in files)
    data: dict[str, Any] = {
        **wording.page(snapshot, words, title=words.plain("paper.checklist", codes=codes)),
        "heading": [words.plain(f"paper.column.{name}") for name in ("id", "criterion", "found", "status")],
        "words": {name: words.plain(f"paper.{name}") for name in ("queries", "deviations", "link", "signature")},
        "cases": [_case(asked, file) for file in files],
        "link": _link(asked, files) if len(files) > 1 else "",
        "signature": wording.signature(snapshot, files, words),
        "by_hand": [words.plain(f"paper.by_hand.{name}") for name in ("name", "date", "signature")],
    }
    content = typesetting.fitting(
        "checklist", data, sizes=_SIZES, pages=_PAGES, made=snapshot.local(snapshot.at, files[0].site)
    )
    caption = words.plain("paper.checklist.caption", codes=codes, verdict=_verdict(files[0], words))
    return Document(f"checklist-{'-'.join(file.case.code for file in files)}.pdf", content, caption)


def _files(asked: Asked) -> list[CaseFile]:
    """
    The case, and the other one of the pair as which it was decided upon last; the recipient first.
    """
    file = asked.snapshot.by_code[asked.code or ""]
    last = next((one for one in reversed(file.decided) if one.partner_id and one.kind in _OF_PAIRS), None)
    other = asked.snapshot.by_code.get(_other(asked, file, last)) if last is not None else None
    pair = [file] if other is None else [file, other]
    return sorted(pair, key=lambda one: one.case.kind != Kind.RECIPIENT)


def _other(asked: Asked, file: CaseFile, decision: Decision) -> str:
    other = decision.partner_id if decision.case_id == file.case.id else decision.case_id
    return asked.snapshot.codes[other] if other is not None else ""


def _verdict(file: CaseFile, words: Words) -> str:
    return words.plain(f"verdict.{file.record.assessment.verdict}")


def _case(asked: Asked, file: CaseFile) -> dict[str, Any]:
    words, record = asked.words, file.record
    lines = [
        words.plain(
            "paper.stage", stage=words.plain(f"stage.{file.case.stage}"), day=words.day(record.assessment.as_of)
        )
    ]
    if record.assessment.awaited:
        items = [plain(label(record, key, words)) for key in record.assessment.awaited]
        lines.append(words.plain("paper.awaited", items=", ".join(items)))
    if record.old:
        lines.append(words.plain("report.old"))
    return {
        "title": words.plain("paper.case", code=file.case.code, kind=words.plain(f"kind.{file.case.kind}")),
        "verdict": _verdict(file, words),
        "lines": lines,
        "criteria": [
            _criterion(file, criterion, part, words)
            for criterion in file.population.criteria
            for part in criterion.family
        ],
        "queries": [wording.query_line(asked.snapshot, file, one, words) for one in file.queries],
        "deviations": wording.deviation_lines(file, words),
    }


def _criterion(file: CaseFile, criterion: Criterion, part: Criterion | Part, words: Words) -> dict[str, Any]:
    status = status_of(part, criterion, file.record)
    is_whole = part is criterion
    return {
        "id": part.id if is_whole or (isinstance(part, Part) and part.is_lettered) else "",
        "is_part": not is_whole,
        "words": words.plain(f"criterion.{part.id}"),
        "values": [] if is_whole and criterion.parts else list(_values(file, part, status, words)),
        "status": status,
        "said": words.plain(f"status.{status}"),
    }


def _values(file: CaseFile, part: Criterion | Part, status: Status, words: Words) -> Iterable[str]:
    """
    Every answer at which it looks; where it fails, with what would have been needed; with the parts of what was worked
    out, the day of the examination and its kind where they were given.
    """
    record = file.record
    failed = {
        items_of(one.leaf)[0].key: one
        for one in (reasons(part.expression, record.facts, record.as_of) if status is Status.FAIL else ())
    }
    for key, item in {item.key: item for leaf in leaves(part.expression) for item in items_of(leaf)}.items():
        if key not in record.current and key not in record.borrowed:
            continue
        if key in failed:
            said = plain(finding(failed[key], record, words))
        else:
            said = plain(valued(record, item, words))
            if key in record.assessment.on_limit:
                said = plain(words("finding.on_limit", finding=said))
        if parts := parts_of(item, record.raw(key), words):
            said = words.plain("score.of", value=said, parts=parts)
        if source := _source(file, item, words):
            said = words.plain("paper.value", value=said, source=source)
        yield plain(marked(said, record, item, words))


def _source(file: CaseFile, item: Item, words: Words) -> str:
    """
    From whom or what a value comes, and of which day it is.
    """
    record = file.record
    if item.key in record.borrowed:
        return words.plain("paper.lent", code=record.borrowed[item.key].code)
    on, by, said = record.current[item.key].examined
    kind = said or (words.plain(f"paper.examination.{by}") if by else "")
    return ", ".join(one for one in (kind, words.day(on) if on else "") if one)


def _link(asked: Asked, files: list[CaseFile]) -> str:
    words, snapshot = asked.words, asked.snapshot
    recipient, donor = files
    link = next((one for one in reversed(recipient.links) if one.donor_id == donor.case.id), None)
    if link is None:
        return words.plain("paper.not_linked")
    key = "paper.linked" if link.unlinked_at is None else "paper.was_linked"
    return words.plain(
        key,
        recipient=recipient.case.code,
        donor=donor.case.code,
        by=wording.name_of(snapshot, link.linked_by, words),
        time=wording.at(snapshot, link.linked_at, recipient.site, words),
    )
