"""
What an answer has led to: queries that it opens or closes, and what a gate sets aside.
"""

from collections.abc import Iterable

from markupsafe import Markup

from bot.render.phrases import answered
from bot.render.protocol import formula
from bot.rules.expressions import Expression
from bot.screens.upshot import Upshot
from bot.texts import Words
from db.cases.records import Record


def lines(upshot: Upshot | None, record: Record, words: Words, *, in_brief: bool = False) -> list[str]:
    """
    What an answer has led to, a line each, and an empty line; none where it has led to nothing of the kind. In brief
    where the card tells the rest.
    """
    if upshot is None:
        return []
    found: list[str] = []
    for key, queries in (("upshot.opened", upshot.opened), ("upshot.closed", upshot.closed)):
        named = [(_named(record, code, query, words), words(f"query.{query}")) for code, query in queries]
        if in_brief and named:
            named = [(", ".join(id_ for id_, _ in named), Markup())]
        found += [words(key, id=id_, text=text).strip() for id_, text in named]
    if not in_brief:
        found += set_aside(record, upshot.set_aside, words)
    if upshot.counting:
        again = words.joined(answered(record, record.population.item[key], words) for key in upshot.counting)
        found.append(words("upshot.counting", items=again))
    return [*found, ""] if found else []


def _named(record: Record, code: str, query: str, words: Words) -> Markup | str:
    """
    A query by its number; one of another case with the code of that.
    """
    return query if code == record.case.code else words("upshot.at", id=query, code=code)


def set_aside(record: Record, keys: Iterable[str], words: Words) -> list[str]:
    """
    Answers that count for nothing, with what would have them count again: a line for each gate.
    """
    by_gate: dict[Markup, list[str]] = {}
    for key in keys:
        condition = formula(_closed(record, key), words, record.population.kind)
        by_gate.setdefault(condition, []).append(answered(record, record.population.item[key], words))
    return [
        words.count("upshot.set_aside", len(items), items=words.joined(items), condition=condition)
        for condition, items in by_gate.items()
    ]


def _closed(record: Record, key: str) -> Expression:
    """
    What keeps an answer from counting: of gates behind each other the outermost that is closed, and those within it of
    which nobody has said yet whether they would hold.
    """
    gate = record.population.item[key].gate
    if gate is None:
        raise ValueError(f"{key} has no gate")
    for one in sorted(record.population.gatekeepers[key]):
        if _is_shut(record, one):
            outer = _closed(record, one)
            return outer if one in record.facts else outer & gate
    return gate


def _is_shut(record: Record, key: str) -> bool:
    """
    Whether an item counts for nothing, answered or not.
    """
    population = record.population
    if key not in population.gates:
        return False
    is_closed = population.gates[key](record.facts, record.as_of) is False
    return is_closed or any(_is_shut(record, one) for one in population.gatekeepers[key])
