"""
The answers of a case, to change one, and what a change changed.
"""

from bot import taps
from bot.render import upshot
from bot.render.buttons import in_rows, to
from bot.render.card import Card, button, fit
from bot.render.phrases import answered, label, moved, verdict_line
from bot.render.renderers import renders
from bot.rules.items import Item
from bot.screens.editing import Changed, EditScreen, ReasonScreen, Section, Sections
from bot.screens.screening import AskScreen
from bot.screens.summary import SummaryScreen
from bot.texts import Words
from db.cases.records import Record


@renders(Sections)
def sections(view: Sections, words: Words) -> Card:
    record = view.record
    names = list(dict.fromkeys(item.section for item in record.population.items if item.key in record.current))
    count = {name: sum(item.section == name for item in _answered(record)) for name in names}
    buttons = [
        to(words, EditScreen(name), record.case, "edit.section", name=words(f"section.{name}"), number=count[name])
        for name in names
    ]
    rows = in_rows(buttons, 2)
    back = to(words, SummaryScreen(), record.case)
    return Card(fit([words("question.code", code=record.case.code), "", words("edit.sections")]), (*rows, (back,)))


def _answered(record: Record) -> list[Item]:
    return [item for item in record.population.items if item.key in record.current]


@renders(Section)
def section(view: Section, words: Words) -> Card:
    record, kind = view.record, view.record.population.kind
    items = [item for item in _answered(record) if item.section == view.name]
    lines = [
        words("question.code", code=record.case.code),
        "",
        words("edit.title", name=words(f"section.{view.name}")),
        *(answered(record, item, words) for item in items),
    ]
    rows = tuple((button(words.label(item, kind), taps.Go(record.case.id, ReasonScreen(item.key))),) for item in items)
    return Card(fit(lines), (*rows, (to(words, EditScreen(), record.case, "button.return"),)))


@renders(Changed)
def changed(view: Changed, words: Words) -> Card:
    before, after, item = view.before, view.after, view.item
    lines: list[str] = [
        words("question.code", code=after.case.code),
        "",
        words(
            "changed.answer",
            item=label(after, item.key, words),
            old=words.value(item, before.raw(item.key)),
            new=words.value(item, after.raw(item.key)),
        ),
    ]
    lines += [*moved(before, after, words), "", *upshot.lines(view.upshot, after, words)]
    lines.append(verdict_line(after.assessment.verdict, words))
    rows = (
        (to(words, EditScreen(), after.case),),
        (to(words, SummaryScreen(), after.case), to(words, AskScreen(), after.case, "button.continue")),
    )
    return Card(fit(lines), rows)
