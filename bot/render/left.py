"""
What was not taken of a list, by line, and why: where it is to be stored and where it is only supposed.
"""

from collections.abc import Sequence

from bot.render.phrases import few, label
from bot.render.questions import what_to_type
from bot.rules.protocol import Population
from bot.texts import Words
from bot.typed.pending import Left, Pending
from db.cases.records import Record

_MOST = 8
"""So many lines that were not taken are told of."""


def not_taken(record: Record, pending: Pending, words: Words) -> list[str]:
    """
    What of a list is not to be stored: what stands already, what another case answers, and the lines refused or not
    understood.
    """
    found: list[str] = []
    for key, items in (("quick.same", pending.same), ("quick.lent", pending.lent)):
        if items:
            found += ["", words(key, items=words.joined(label(record, one, words) for one in items))]
    if pending.left:
        found += ["", *left(record.population, pending.left, words)]
    return found[1:]


def left(population: Population, lines: Sequence[Left], words: Words) -> list[str]:
    """
    The lines that were not taken, under their heading; none where all were.
    """
    if not lines:
        return []
    return [words("quick.left"), *few([_line(population, one, words) for one in lines], _MOST, words)]


def _line(population: Population, one: Left, words: Words) -> str:
    if one.problem == "item":
        return words("quick.several_items", line=one.line, text=one.text)
    if one.problem == "beside":
        return words("quick.beside", text=one.text)
    if not one.item:
        return words("quick.unread" if one.text else "quick.personal", line=one.line, text=one.text)
    item = population.item[one.item]
    meant = "" if one.raw is None else words.value(item, one.raw)
    why = what_to_type(f"refused.{one.problem}", item, words, one.limit, by_text=True, value=meant)
    name = words.label(item, population.kind)
    if not one.text:
        return words("quick.refused_personal", line=one.line, item=name, why=why)
    return words("quick.refused", line=one.line, item=name, text=one.text, why=why)
