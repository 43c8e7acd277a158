"""
How the criteria of a case stand, in lines: which fail and why, which wait for what, which pass.
"""

from collections import defaultdict
from datetime import date

from markupsafe import Markup

from bot.render.card import STATUS_SIGNS
from bot.render.limits import finding
from bot.render.phrases import clause, few, label, short
from bot.rules.assessment import Verdict
from bot.rules.criteria import Criterion, Part, Role, Status
from bot.rules.explain import reasons
from bot.texts import Words
from db.cases.records import Record


def failing(record: Record, words: Words, *, in_brief: bool = False) -> list[str]:
    """
    Each failing criterion with its clause and, unless in brief, the values and limits that decided.
    """
    lines: list[str] = []
    for criterion in record.population.criteria:
        if record.assessment.statuses[criterion.id] is not Status.FAIL:
            continue
        lines.append(
            words(
                "summary.failing",
                sign=STATUS_SIGNS[Status.FAIL],
                id=criterion.id,
                name=short(criterion.id, words),
                clause=clause(criterion, criterion, record.population, words),
            )
        )
        for part in () if in_brief else _deciding_parts(criterion, record):
            found = reasons(part.expression, record.facts, record.as_of)
            shown = words.joined(finding(reason, record, words) for reason in found)
            lines.append(words("summary.finding", part=_part_name(part, criterion, words), findings=shown))
    return lines


def _part_name(part: Part | Criterion, criterion: Criterion, words: Words) -> str:
    return "" if part is criterion else words("summary.part", name=short(part.id, words))


def _deciding_parts(criterion: Criterion, record: Record) -> tuple[Part | Criterion, ...]:
    """
    The parts that decided a failing criterion, or the criterion itself where it has none.
    """
    truth = criterion.role is Role.EXCLUSION
    deciding = {reason.leaf for reason in reasons(criterion.expression, record.facts, record.as_of)}
    parts = tuple(
        part
        for part in criterion.parts
        if (found := reasons(part.expression, record.facts, record.as_of))
        and record.truth(part.expression) is truth
        and any(reason.leaf in deciding for reason in found)
    )
    return parts or (criterion,)


_NAMED = 4


def open_(record: Record, words: Words, *, in_full: bool) -> list[str]:
    """
    The open criteria for which something is to be asked, folded once another criterion fails. What is only awaited
    stands under its day.
    """
    assessment = record.assessment
    asked = {
        criterion.id: [key for key in assessment.to_ask if criterion.id in assessment.asks[key]]
        for criterion in record.population.criteria
        if assessment.statuses[criterion.id] is Status.UNKNOWN
    }
    wanted = {id_: keys for id_, keys in asked.items() if keys}
    if not wanted:
        return []
    if assessment.verdict is Verdict.NOT_ELIGIBLE and not in_full:
        return [words.count("summary.folded", len(wanted))]
    lines = [_open_line(record, id_, keys, words, in_full=in_full) for id_, keys in wanted.items()]
    return [words("summary.open_title"), *lines]


def _open_line(record: Record, criterion: str, keys: list[str], words: Words, *, in_full: bool) -> Markup:
    names = [label(record, key, words) for key in keys]
    items = words.joined(names if in_full else few(names, _NAMED, words, spare=1))
    sign, name = STATUS_SIGNS[Status.UNKNOWN], short(criterion, words)
    return words("summary.open", sign=sign, id=criterion, name=name, items=items)


def awaited(record: Record, words: Words) -> list[str]:
    """
    What is awaited, by the day since when, each item once with the open criteria that await it.
    """
    assessment = record.assessment
    by_day = defaultdict[date, list[str]](list)
    for key in assessment.awaited:
        awaiting = [one.id for one in record.population.criteria if one.id in assessment.asks[key]]
        named = words("summary.awaited_for", item=label(record, key, words), criteria=", ".join(awaiting))
        by_day[record.local_day(record.current[key].at)].append(named)
    return [
        words("summary.awaited", day=words.day(day), items=words.joined(names)) for day, names in sorted(by_day.items())
    ]


def passing(record: Record, words: Words, *, in_full: bool) -> list[str]:
    """
    How many criteria pass; in full, each by its wording.
    """
    statuses = record.assessment.statuses
    found = [criterion for criterion in record.population.criteria if statuses[criterion.id] is Status.PASS]
    if not found:
        return []
    title = words.count("summary.passing", len(found))
    if not in_full:
        return [title]
    lines = [
        words(
            "summary.worded" if one.role is Role.INCLUSION else "summary.ruled_out",
            sign=STATUS_SIGNS[Status.PASS],
            id=one.id,
            wording=words(f"criterion.{one.id}"),
        )
        for one in found
    ]
    return [title, *lines]
