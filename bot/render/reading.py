"""
What happened to a case, and what other values would make of it.
"""

from datetime import date

from markupsafe import Markup, escape

from bot import taps
from bot.render.card import VERDICT_SIGNS, Button, Card, Rows, button, fit
from bot.render.screening import expects
from bot.rules import file_form
from bot.rules.items import ISO_DAY, Bool, Choice, Item, Several
from bot.rules.protocol import Population
from bot.texts import Words
from bot.views.reading import History, WhatIf
from db.base.tables import AuditEntry
from db.cases.records import Record

_NAMED = 12


def history(view: History, words: Words) -> Card:
    """
    A page of what happened, the newest first.
    """
    record = view.record
    lines: list[str] = [words("history.title", code=record.case.code), ""]
    for entry, name in view.entries:
        who = name or words("history.program")
        lines.append(words("history.when", time=words.moment(record.local(entry.at)), name=who))
        lines.append(words("history.what", what=event(entry, record.population, words)))
    turn = [
        button(words(key), taps.Go(record.case.id, f"history:{page}"))
        for key, page, is_there in (
            ("button.newer", view.page - 1, view.page > 0),
            ("button.older", view.page + 1, view.has_more),
        )
        if is_there
    ]
    back = (button(words("button.summary"), taps.Go(record.case.id, "summary")),)
    return Card(fit(lines), (tuple(turn), back) if turn else (back,))


def event(entry: AuditEntry, population: Population, words: Words) -> Markup:
    """
    What an audit entry tells, in words.
    """
    what = _what(entry, population, words)
    if entry.reason:
        return words("history.because", what=what, reason=reason(entry.reason, words, entry.action.partition(".")[2]))
    return what


def reason(text: str, words: Words, decision: str = "") -> Markup:
    """
    A reason in words: one of those to choose from, for a change or for a kind of decision; or as it was typed.
    """
    keys = (f"because.{decision}.{text}", f"reason.{decision}.{text}", f"value.remark.{text}", f"reason.{text}")
    return next(filter(None, map(words.find, keys)), escape(text))


def _what(entry: AuditEntry, population: Population, words: Words) -> Markup:
    if entry.action == "answer" and entry.field in population.item:
        return _answer(entry, population.item[entry.field], population, words)
    if entry.action == "case.stage":
        return words("history.stage", old=_stage(entry.old, words), new=_stage(entry.new, words))
    if entry.action.startswith("visit.") and (told := words.find(f"history.{entry.action}")):
        return words(
            "history.visit", month=(entry.field or "").rpartition(" ")[2], what=told.format(day=_new(entry, words))
        )
    known = words.find(f"history.{entry.action}")
    if known is None:
        return words("history.other", action=entry.action, old=entry.old or "", new=entry.new or "")
    about = "" if entry.field in {None, "stage", "sign_off", "partner", "infusion"} else entry.field
    partner = _new(entry, words) or entry.old or ""
    is_stage = words.find(f"stage.{partner}") is not None
    more = " ".join(filter(None, (about, "" if is_stage or entry.action == "case.open" else partner)))
    return words("history.named", what=known, more=more) if more else known


def _new(entry: AuditEntry, words: Words) -> str:
    """
    The new value, a day in words.
    """
    new = entry.new or ""
    return words.day(date.fromisoformat(new)) if ISO_DAY.fullmatch(new) else new


def _answer(entry: AuditEntry, item: Item, population: Population, words: Words) -> Markup:
    label, new = words.label(item, population.kind), _value(entry.new, item, words)
    if entry.old is None:
        return words("history.answer", item=label, new=new)
    return words("history.changed", item=label, old=_value(entry.old, item, words), new=new)


def _value(text: str | None, item: Item, words: Words) -> str:
    return words.value(item, None if text is None else file_form.loads(text))


def _stage(name: str | None, words: Words) -> str:
    return words.find(f"stage.{name}") or escape(name or "")


def what_if(view: WhatIf, words: Words) -> Card:
    """
    The differences that other values make, or how to type them.
    """
    record = view.record
    lines: list[str] = [words("whatif.title", code=record.case.code)]
    if view.values:
        lines += ["", *_supposed(view, words), "", *differences(record, view.supposed, words)]
        lines += ["", words("whatif.more")]
    else:
        lines += ["", words("whatif.how")]
    return Card(fit(lines), _rows(view, words))


def _rows(view: WhatIf, words: Words) -> Rows:
    case = view.record.case
    row: list[Button] = [button(words("button.summary"), taps.Go(case.id, "summary"))]
    if view.values:
        row.insert(0, button(words("button.clear"), taps.Go(case.id, "whatif")))
    return (tuple(row),)


def _supposed(view: WhatIf, words: Words) -> list[str]:
    record = view.record
    return [
        words(
            "whatif.value",
            item=words.label(record.population.item[key], record.population.kind),
            old=_now(record, record.population.item[key], words),
            new=words.value(record.population.item[key], raw),
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
    moved = [
        words(
            "changed.criterion",
            id=id_,
            name=words(f"criterion.{id_}.short"),
            old=words(f"status.{status}"),
            new=words(f"status.{new.statuses[id_]}"),
        )
        for id_, status in old.statuses.items()
        if new.statuses[id_] is not status
    ]
    lines += moved or [words("changed.nothing")]
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
    if len(labels) > _NAMED + 1:
        labels[_NAMED:] = [words("summary.more", number=len(labels) - _NAMED)]
    return words.joined(labels)


def to_type(item: Item, words: Words) -> str:
    """
    What to type for an item where there are no buttons, in one line.
    """
    match item:
        case Bool():
            return words("typing.yes_or_no")
        case Choice(options=options):
            return words("typing.choice", options=", ".join(options))
        case Several(options=options):
            return words("typing.several", options=", ".join(options))
        case _:
            return expects(item, words)
