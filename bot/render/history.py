"""
What happened to a case.
"""

import json
from collections.abc import Iterable
from datetime import date

from markupsafe import Markup, escape

from bot.render import signatures
from bot.render.buttons import to, turning
from bot.render.card import Card, fit
from bot.render.examinations import told
from bot.render.reasons import reason
from bot.render.renderers import renders
from bot.render.scores import in_full
from bot.rules import file_form
from bot.rules.items import ISO_DAY, Item
from bot.rules.protocol import Population
from bot.screens.history import History, HistoryScreen
from bot.screens.summary import SummaryScreen
from bot.texts import Words
from db.base.tables import AuditEntry, Decision, Source
from db.cases.decisions import DEATH, is_death

UNTOLD = frozenset({"stage", "sign_off", "partner", "infusion", DEATH})
"""What an entry is about where its name says it already."""


@renders(History)
def history(view: History, words: Words) -> Card:
    record = view.record
    lines: list[str] = [words("history.title", code=record.case.code), ""]
    for entry, name in view.page.items:
        who = name or words("paper.program")
        lines.append(words("history.when", time=words.moment(record.local(entry.at)), person=who))
        lines.append(words("history.what", what=event(entry, record.population, words)))
        if entry.sequence in view.signed:
            lines += signatures.lines(view.signed[entry.sequence], record, words)
    pages = turning(words, view.page, HistoryScreen(), record.case, ("button.newer", "button.older"))
    return Card(fit(lines), (*pages, (to(words, SummaryScreen(), record.case),)))


def event(entry: AuditEntry, population: Population, words: Words) -> Markup:
    """
    What an audit entry tells, in words.
    """
    more = json.loads(entry.more) if entry.more else {}
    kind, day = about(entry.action), more.get("day")
    what = _what(entry, population, words)
    if day is not None:
        what = words("history.on_day", what=what, day=words.day(date.fromisoformat(day)))
    if entry.reason and not (entry.reason == DEATH and is_death(kind, entry.field, entry.reason)):
        what = words("history.because", what=what, reason=reason(entry.reason, words, kind))
    said = more.get("deviation")
    return Markup("\n").join([what, words("deviation.told", what=deviation(said.split(), words))]) if said else what


def about(action: str) -> str:
    """
    Which reasons an entry has: every record of a visit has those for missing it.
    """
    kind, _, decision = action.partition(".")
    return "missed" if kind == "visit" else decision


def decided(decision: Decision, words: Words) -> Markup:
    """
    What was decided, with its day and its reason where it has them.
    """
    what = words(f"history.decision.{named(decision)}")
    if decision.day is not None:
        what = words("history.on_day", what=what, day=words.day(decision.day))
    if said := why(decision):
        return words("history.because", what=what, reason=reason(said, words, decision.kind))
    return what


def named(decision: Decision) -> str:
    """
    What a decision is called: its kind, or a death.
    """
    return DEATH if is_death(decision.kind, decision.about, decision.reason) else decision.kind


def why(decision: Decision) -> str:
    """
    The reason of a decision; empty where there is none, or its name says it.
    """
    said = decision.reason or ""
    return "" if said == DEATH == named(decision) else said


def deviation(said: Iterable[str], words: Words) -> Markup:
    """
    In what an infusion or a visit deviates from the protocol.
    """
    return words.joined(words(f"paper.deviates.{one}") for one in said)


def _what(entry: AuditEntry, population: Population, words: Words) -> Markup:
    if entry.action == "answer" and entry.field in population.item:
        return _answer(entry, population.item[entry.field], population, words)
    if entry.action == "case.stage":
        return words("history.stage", old=_stage(entry.old, words), new=_stage(entry.new, words))
    if entry.action.startswith("visit.") and (told := words.find(f"history.{entry.action}")):
        return words(
            "history.visit", month=(entry.field or "").rpartition(" ")[2], what=told.format(day=_new(entry, words))
        )
    if entry.action.startswith("document."):
        name = words.find(entry.action) or entry.action
        return words("history.document", document=name)
    known = done(entry, words)
    if known is None:
        return words("history.other", action=entry.action, old=entry.old or "", new=entry.new or "")
    field = "" if entry.field in {None, *UNTOLD} else entry.field
    partner = _new(entry, words) or entry.old or ""
    is_stage = words.find(f"stage.{partner}") is not None
    more = " ".join(filter(None, (field, "" if is_stage or entry.action == "case.open" else partner)))
    return words("history.named", what=known, more=more) if more else known


def done(entry: AuditEntry, words: Words) -> Markup | None:
    """
    What was done to a case, if it is one of the deeds that have a name.
    """
    is_of_death = is_death(about(entry.action), entry.field, entry.reason)
    return words.find("history.decision.death" if is_of_death else f"history.{entry.action}")


def _new(entry: AuditEntry, words: Words) -> str:
    """
    The new value, a day in words.
    """
    new = entry.new or ""
    return words.day(date.fromisoformat(new)) if ISO_DAY.fullmatch(new) else new


def _answer(entry: AuditEntry, item: Item, population: Population, words: Words) -> Markup:
    more = json.loads(entry.more) if entry.more else {}
    label, source = words.label(item, population.kind), more.get("source")
    new = _value(entry.new, item, words)
    if source == Source.TAKEN_BACK and more.get("repeats") == 0:
        new = words("whatif.unanswered")
    if said := told(more, words):
        new = words("value.examined", value=new, examined=said)
    if entry.old is None or source == Source.DATED:
        line = words("history.answer", item=label, new=new)
    else:
        line = words("history.changed", item=label, old=_value(entry.old, item, words), new=new)
    how = words.find(f"history.source.{source}")
    return words("history.because", what=line, reason=how) if how else line


def _value(text: str | None, item: Item, words: Words) -> str:
    return in_full(item, None if text is None else file_form.loads(text), words)


def _stage(name: str | None, words: Words) -> str:
    return words.find(f"stage.{name}") or escape(name or "")
