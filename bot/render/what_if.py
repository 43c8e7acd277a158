"""
What other values would make of a case.
"""

from markupsafe import Markup

from bot.render.buttons import to
from bot.render.card import VERDICT_SIGNS, Button, Card, Rows, fit
from bot.render.left import left
from bot.render.phrases import few, label, moved
from bot.render.renderers import renders
from bot.rules.items import Item
from bot.rules.protocol import Population
from bot.screens.summary import SummaryScreen
from bot.screens.what_if import WhatIf, WhatIfScreen
from bot.texts import Words
from db.cases.records import Record

_NAMED = 12


@renders(WhatIf)
def what_if(view: WhatIf, words: Words) -> Card:
    record = view.record
    lines: list[str] = [words("whatif.title", code=record.case.code)]
    if view.values:
        lines += ["", *_supposed(view, words), "", *differences(record, view.supposed, words)]
        lines += ["", words("whatif.more")]
    else:
        lines += ["", words("whatif.how")]
    if view.left:
        lines[1:1] = ["", *left(record.population, view.left, words)]
    return Card(fit(lines), _rows(view, words))


def _rows(view: WhatIf, words: Words) -> Rows:
    case = view.record.case
    row: list[Button] = [to(words, SummaryScreen(), case)]
    if view.values:
        row.insert(0, to(words, WhatIfScreen(), case, "button.clear"))
    return (tuple(row),)


def _supposed(view: WhatIf, words: Words) -> list[str]:
    record = view.record
    return [
        words(
            "whatif.value_on_limit" if key in view.supposed.assessment.on_limit else "whatif.value",
            item=label(record, key, words),
            old=_now(record, record.population.item[key], words),
            new=words.echoed(record.population.item[key], raw),
        )
        for key, raw in view.values.items()
    ]


def _now(record: Record, item: Item, words: Words) -> str:
    if item.key in record.facts or item.key in record.current:
        return words.value(item, record.raw(item.key))
    return words("whatif.unanswered")


def differences(before: Record, after: Record, words: Words) -> list[str]:
    """
    What is different after, in lines: the verdict, criteria, what is missing.
    """
    old, new = before.assessment, after.assessment
    sign, verdict = VERDICT_SIGNS[new.verdict], words(f"verdict.{new.verdict}.short")
    if old.verdict is new.verdict:
        lines: list[str] = [words("whatif.same_verdict", sign=sign, verdict=verdict)]
    else:
        was = words(f"verdict.{old.verdict}.short")
        lines = [words("whatif.verdict", old_sign=VERDICT_SIGNS[old.verdict], old=was, sign=sign, new=verdict)]
    lines += moved(before, after, words)
    for key, keys in (
        ("whatif.newly_missing", [key for key in new.missing if key not in old.missing]),
        ("whatif.no_longer_missing", [key for key in old.missing if key not in new.missing]),
        ("whatif.still_missing", [key for key in new.missing if key in old.missing]),
    ):
        if keys:
            lines.append(words(key, number=len(keys), items=_named(after.population, keys, words)))
    return lines if new.missing else [*lines, words("whatif.nothing_missing")]


def _named(population: Population, keys: list[str], words: Words) -> Markup:
    labels = [words.label(population.item[key], population.kind) for key in keys]
    return words.joined(few(labels, _NAMED, words, spare=1))
