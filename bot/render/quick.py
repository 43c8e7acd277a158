"""
A list of values to be confirmed, and the reason for its changes.
"""

from bot import taps
from bot.render import upshot
from bot.render.buttons import in_rows
from bot.render.card import Button, Card, Rows, button, fit
from bot.render.examinations import standing, with_day
from bot.render.left import not_taken
from bot.render.phrases import item_line, label
from bot.render.questions import in_digits
from bot.render.renderers import renders
from bot.render.signatures import at_stake
from bot.rules.items import Item
from bot.screens.questions import REASONS
from bot.screens.quick import QuickEntry, WhyQuick
from bot.texts import Words
from bot.typed.numbers import SEPARATORS
from bot.typed.pending import Pended
from db.cases.records import Record


@renders(QuickEntry)
def quick_entry(view: QuickEntry, words: Words) -> Card:
    """
    What was understood and will be stored, what is to be chosen, and what was not taken.
    """
    pending, record = view.pending, view.record
    lines: list[str] = [*upshot.lines(view.upshot, record, words, in_brief=True)]
    lines.append(words("quick.title_same" if pending.same else "quick.title", code=record.case.code))
    if view.values:
        lines += ["", *(_line(view, value, words) for value in view.values)]
    if later := len(pending.values) - len(view.values):
        lines.append(words.count("quick.later", later))
    for choices in pending.unsure:
        keys = {value.item for value in choices}
        lines += [
            "",
            words("quick.which" if len(keys) > 1 else "quick.which_value", value=_all(record, choices, words)),
        ]
    if rest := not_taken(record, pending, words):
        lines += ["", *rest]
    lines += at_stake(view, words, is_list=True)
    if view.changes:
        lines += ["", words.count("quick.why", len(view.changes))]
    return Card(fit(lines), _rows(view, words))


def _item(record: Record, key: str) -> Item:
    return record.population.item[key]


def _value(record: Record, value: Pended, words: Words) -> str:
    return with_day(words.echoed(_item(record, value.item), value.raw), value.examined, words, is_echo=True)


def _line(view: QuickEntry, value: Pended, words: Words) -> str:
    record = view.record
    said = _value(record, value, words)
    shown = {
        "item": label(record, value.item, words),
        "value": in_digits(said, words) if value.remark in SEPARATORS else said,
    }
    if value.item in view.changes:
        line = words("quick.changed", old=standing(record, _item(record, value.item), words), **shown)
    else:
        line = words("values.line", **shown)
    return words(f"quick.remark.{value.remark}", line=line) if value.remark else line


def _all(record: Record, choices: tuple[Pended, ...], words: Words) -> str:
    return words.joined(
        item_line(record, _item(record, one.item), _value(record, one, words), words) for one in choices
    )


def _rows(view: QuickEntry, words: Words) -> Rows:
    record, pending, number = view.record, view.pending, len(view.values)
    at = (record.case.id, view.digest)
    rows: list[tuple[Button, ...]] = []
    if view.changes:
        rows += [
            (button(words.count("button.store_because", number, reason=words(f"reason.{one}")), taps.Listed(*at, one)),)
            for one in (*REASONS, "other")
        ]
    elif view.values:
        rows.append((button(words.count("button.store", number), taps.Listed(*at, "all")),))
    for place, choices in enumerate(pending.unsure):
        rows += [
            (button(words("button.is", value=_all(record, (one,), words)), taps.Listed(*at, "is", place, choice)),)
            for choice, one in enumerate(choices)
        ]
    if len(pending.values) + len(pending.unsure) > 1:
        out = (
            button(words("button.leave_out", item=label(record, value.item, words)), taps.Listed(*at, "out", place))
            for place, value in enumerate(view.values)
        )
        rows += in_rows(out, 2)
    rows.append((button(words("button.cancel"), taps.Listed(*at, "cancel")),))
    return tuple(rows)


@renders(WhyQuick)
def why_quick(view: WhyQuick, words: Words) -> Card:
    """
    The changes, and that a reason is to be typed; or the one that was, to be confirmed.
    """
    entry = view.entry
    changed = [_line(entry, value, words) for value in entry.values if value.item in entry.changes]
    why = words("quick.said", reason=view.reason) if view.reason else words("quick.type_reason")
    lines = [words("quick.title", code=entry.record.case.code), "", *changed, "", why]
    at = (entry.record.case.id, entry.digest)
    said = (button(words("button.confirm"), taps.Listed(*at, "said")),) if view.reason else ()
    return Card(fit(lines), ((*said, button(words("button.cancel"), taps.Listed(*at, "cancel"))),))
