"""
What several screens say in the same words.
"""

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from bot.render.card import VERDICT_SIGNS
from bot.render.examinations import standing
from bot.rules.assessment import Verdict, changed_on
from bot.rules.criteria import Cited, Criterion
from bot.rules.items import Item
from bot.rules.protocol import Population
from bot.texts import Words
from db.cases.records import Record


def short(id_: str, words: Words) -> Markup:
    """
    The short name of a criterion or part.
    """
    return words(f"criterion.{id_}.short")


def heading(record: Record, words: Words) -> Markup:
    """
    Which case, and as of when.
    """
    case = record.case
    return words("summary.heading", code=case.code, kind=words(f"kind.{case.kind}"), day=words.day(record.as_of))


def verdict_line(verdict: Verdict, words: Words) -> Markup:
    """
    A verdict in full.
    """
    return words("verdict.line", sign=VERDICT_SIGNS[verdict], verdict=words(f"verdict.{verdict}"))


def query_line(id_: str, words: Words) -> Markup:
    """
    A query in full.
    """
    return words("summary.query", id=id_, text=words(f"query.{id_}"))


def label(record: Record, key: str, words: Words) -> Markup:
    """
    The short name of an item of a case.
    """
    return words.label(record.population.item[key], record.population.kind)


def item_line(record: Record, item: Item, value: str, words: Words) -> Markup:
    """
    An item of a case with what there is of it.
    """
    return words("finding.value", item=words.label(item, record.population.kind), value=value)


def answered(record: Record, item: Item, words: Words) -> Markup:
    """
    An item with the answer that counts for a case, and the day and source of the result.
    """
    return item_line(record, item, standing(record, item, words), words)


def valued(record: Record, item: Item, words: Words) -> Markup:
    """
    An item with the value that counts for a case, and nothing more.
    """
    return item_line(record, item, words.value(item, record.raw(item.key)), words)


def lent(record: Record, item: Item, words: Words) -> Markup:
    """
    The value that a linked case lends, with the code of that.
    """
    found = record.borrowed[item.key]
    return words("tree.derived", value=words.value(item, found.value), code=found.code)


def few(names: Sequence[str], most: int, words: Words, *, spare: int = 0) -> list[str]:
    """
    The first of these names, and how many more there are. One `spare` is named rather than counted.
    """
    if len(names) <= most + spare:
        return list(names)
    return [*names[:most], words("summary.more", number=len(names) - most)]


def moved(before: Record, after: Record, words: Words) -> list[str]:
    """
    The criteria and parts whose status is another one after; or that there are none.
    """
    old, new = before.assessment.statuses, after.assessment.statuses
    found: list[str] = [
        words(
            "changed.criterion",
            id=id_,
            name=short(id_, words),
            old=words(f"status.{status}"),
            new=words(f"status.{new[id_]}"),
        )
        for id_, status in old.items()
        if new[id_] is not status
    ]
    return found or [words("changed.nothing")]


def recheck(day: date, record: Record, words: Words) -> Markup:
    """
    From when on time alone changes an assessment, and what of it.
    """
    found = changed_on(record.population, record.facts, day)
    named = (
        words("reminder.recheck.changes", id=id_, name=short(id_, words), status=words(f"status.{status}"))
        for id_, status in found.items()
    )
    return words("summary.recheck", day=words.day(day), changes=words.joined(named))


def clause(cited: Cited, criterion: Criterion, population: Population, words: Words) -> Markup:
    """
    Where the protocol says so: of a criterion or a part of it, in the recipients' exclusions, 2a.
    """
    return words(f"clause.{population.kind}.{criterion.role}", number=cited.citation)
