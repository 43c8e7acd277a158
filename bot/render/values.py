"""
The values of a case, as they stand.
"""

from itertools import groupby

from bot.render.buttons import to, turning
from bot.render.card import Card, fit
from bot.render.examinations import marked, said_of, with_day
from bot.render.phrases import lent
from bot.render.renderers import renders
from bot.render.scores import in_full
from bot.rules.items import Item
from bot.screens.summary import DetailsScreen, SummaryScreen
from bot.screens.values import Values, ValuesScreen
from bot.texts import Words
from db.cases.records import Record


@renders(Values)
def values(view: Values, words: Words) -> Card:
    """
    Each item with its value and unit, the day and source of the result, and the parts of what was worked out.
    """
    record, case = view.record, view.record.case
    lines: list[str] = [words("values.title", code=case.code, day=words.day(record.as_of))]
    for section, items in groupby(view.page.items, key=lambda item: item.section):
        lines += ["", words("values.section", name=words(f"section.{section}"))]
        lines += [_line(record, item, words) for item in items]
    if not view.page.items:
        lines += ["", words("values.none")]
    pages = turning(words, view.page, ValuesScreen(), case)
    back = (to(words, DetailsScreen(), case), to(words, SummaryScreen(), case))
    return Card(fit(lines), (*pages, back))


def _line(record: Record, item: Item, words: Words) -> str:
    return words("values.line", item=words.label(item, record.population.kind), value=detailed(record, item, words))


def detailed(record: Record, item: Item, words: Words) -> str:
    """
    The value that counts: from which case it is lent; or with its parts where it was worked out, and the day and source
    of the result.
    """
    if item.key in record.borrowed:
        return lent(record, item, words)
    shown = with_day(in_full(item, record.raw(item.key), words), said_of(record, item), words)
    return marked(shown, record, item, words)
