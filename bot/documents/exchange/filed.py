"""
A case as other programs are given it: its code, where it stands, what is answered, and every answer ever.
"""

from collections.abc import Mapping
from datetime import date, datetime

from msgspec import field

from bot.documents.snapshot import CaseFile
from bot.render.examinations import said_of
from bot.rules import file_form
from bot.rules.frozen import Frozen
from bot.rules.protocol import Population
from db.base.tables import Answer
from db.cases.given import UNSAID, Examined


class FiledAnswer(Frozen):
    """
    One answer. `raw` is its file form, None for "not available yet"; where `is_taken_back`, nothing is answered any
    more. `person` is the number by which the project knows whose it is, `examined` the examination it comes from.
    """

    item: str
    raw: object
    revision: int
    person: int
    at: datetime
    source: str
    reason: str | None = None
    is_taken_back: bool = False
    examined: Examined = UNSAID


class Filed(Frozen):
    """
    A case as of a day. `current` are the answers that count, in file form, in the order in which items are asked; what
    a linked case lends is among them. `examined` are the examinations of those of which one is known.
    """

    code: str
    population: Population
    version: str
    site: int
    stage: str
    verdict: str
    as_of: date
    current: Mapping[str, object]
    entries: tuple[FiledAnswer, ...]
    examined: Mapping[str, Examined] = field(default_factory=dict)


def filed(file: CaseFile) -> Filed:
    """
    A case out of a snapshot.
    """
    record, case = file.record, file.case
    keys = [key for key in file.population.item if key in record.current or key in record.borrowed]
    return Filed(
        code=case.code,
        population=file.population,
        version=case.protocol,
        site=file.site.number,
        stage=case.stage,
        verdict=record.assessment.verdict,
        as_of=record.as_of,
        current={key: record.raw(key) for key in keys},
        entries=tuple(_entry(answer) for answer in file.given),
        examined={key: one for key in keys if (one := said_of(record, file.population.item[key])) != UNSAID},
    )


def _entry(answer: Answer) -> FiledAnswer:
    raw = None if answer.value is None else file_form.loads(answer.value)
    return FiledAnswer(
        answer.item,
        raw,
        answer.revision,
        answer.person_id,
        answer.at,
        answer.source,
        answer.reason,
        is_taken_back=answer.repeats == 0,
        examined=Examined(answer.examined_on, answer.examined_by, answer.examined_words),
    )
