"""
The summary of a case.
"""

from bot import taps
from bot.render import criteria, signatures, stored, upshot
from bot.render.buttons import to
from bot.render.card import VERDICT_SIGNS, Card, Rows, button, fit
from bot.render.examinations import said_of, with_day
from bot.render.history import decided, deviation
from bot.render.phrases import heading, item_line, label, query_line, recheck, valued, verdict_line
from bot.render.proposals import proposed_line
from bot.render.renderers import renders
from bot.render.scores import in_full
from bot.render.visits import STATE_SIGNS
from bot.rules.assessment import Verdict
from bot.rules.protocol import Kind
from bot.screens.decisions import DecideScreen
from bot.screens.documents import CaseDocumentsScreen
from bot.screens.editing import EditScreen
from bot.screens.history import HistoryScreen
from bot.screens.menus import HomeScreen
from bot.screens.pairs import PairScreen
from bot.screens.questions import last
from bot.screens.reasoning import CriteriaScreen
from bot.screens.screening import Continue, ItemScreen
from bot.screens.summary import DetailsScreen, Summary, SummaryScreen
from bot.screens.values import ValuesScreen
from bot.screens.what_if import WhatIfScreen
from bot.texts import Words
from db.base.tables import ENDED, Case, Stage
from db.cases.records import Record


@renders(Summary)
def summary(view: Summary, words: Words) -> Card:
    record = view.record
    lines: list[str] = [
        *stored.lines(view.stored, record, words),
        *upshot.lines(view.upshot, record, words, in_brief=True),
        heading(record, words),
        verdict_line(record.assessment.verdict, words),
    ]
    if record.case.stage != Stage.SCREENING and view.ended is None:
        lines.append(words("summary.stage", stage=words(f"stage.{record.case.stage}")))
    if view.ended is not None:
        lines.append(words("summary.ended", what=decided(view.ended, words)))
    if view.proposed is not None:
        lines.append(proposed_line(view.proposed, record, words))
    if view.signed is not None:
        lines += signatures.lines(view.signed, record, words)
    if view.voided is not None:
        day = words.day(record.local_day(view.voided.at))
        lines.append(
            words("signed.voided", meaning=words(f"signed.{view.voided.kind}"), person=view.voided.name, day=day)
        )
    blocks = _blocks(view, words, in_brief=False)
    if sum(len(line) + 1 for block in (lines, *blocks) for line in block) > _COMFORTABLE:
        blocks = _blocks(view, words, in_brief=True)
    for block in blocks:
        if block:
            lines += ["", *block]
    return Card(fit(lines), (*_summary_rows(view, words), *stored.rows(view.stored, record, words)))


_COMFORTABLE = 3500
"""Longer than this, findings are left out, so that what Telegram cuts off is never a criterion that fails."""


def _blocks(view: Summary, words: Words, *, in_brief: bool) -> tuple[list[str], ...]:
    record = view.record
    return (
        criteria.failing(record, words, in_brief=in_brief),
        _queries(view, words),
        upshot.set_aside(record, record.assessment.set_aside, words),
        _on_limit(record, words),
        _recheck(record, words),
        _old(record, words),
        criteria.open_(record, words, in_full=view.in_full),
        criteria.awaited(record, words),
        _worked_out(record, words) if view.in_full else [],
        criteria.passing(record, words, in_full=view.in_full),
        _around(view, words),
    )


def _around(view: Summary, words: Words) -> list[str]:
    """
    Whom the case is linked with, what they lend it, and who gave the last answer.
    """
    record = view.record
    lines: list[str] = [
        words(
            "summary.partner",
            sign=VERDICT_SIGNS[Verdict(case.verdict)],
            code=case.code,
            kind=words(f"kind.{case.kind}"),
        )
        for case in view.partners
    ]
    lines += [
        words(
            "summary.derived",
            item=label(record, key, words),
            value=words.value(record.population.item[key], lent.value),
            code=lent.code,
        )
        for key, lent in record.borrowed.items()
        if key in record.population.item
    ]
    lines += _visits(view, words)
    if view.last_by is not None:
        lines.append(words("summary.last", person=view.last_by, time=words.moment(record.local(record.answers[-1].at))))
    return lines


def _visits(view: Summary, words: Words) -> list[str]:
    """
    Each visit by its sign and month, and the first that is still to take place.
    """
    if not view.visits:
        return []
    record = view.record
    signs = [f"{STATE_SIGNS[one.state(record)]} {one.visit.month}" for one in view.visits]
    lines: list[str] = [words("summary.visits", visits=" · ".join(signs))]
    if view.deviation:
        lines.insert(0, words("summary.infusion_deviates", what=deviation(view.deviation, words)))
    for month, what in ((one.visit.month, one.record.deviation) for one in view.visits if one.record is not None):
        if what:
            lines.append(words("summary.visit_deviates", month=month, what=deviation(what.split(), words)))
    ahead = next((one for one in view.visits if one.visit.is_pending), None)
    if ahead is not None and record.case.stage not in ENDED:
        visit, state = ahead.visit, words(f"status.visit.{ahead.state(record)}")
        lines.append(words("summary.next_visit", month=visit.month, day=words.day(visit.day), state=state))
    return lines


def _summary_rows(view: Summary, words: Words) -> Rows:
    case = view.record.case
    fold = to(words, SummaryScreen(), case, "button.less")
    unfold = to(words, DetailsScreen(), case)
    first = [fold if view.in_full else unfold]
    if view.may_screen and view.record.current:
        first.append(to(words, EditScreen(), case))
    if view.may_screen and view.record.assessment.missing and case.stage in _OPEN:
        first.append(to(words, Continue(), case))
    behind = last(view.record)
    if view.may_screen and behind and case.stage == Stage.SCREENING:
        first.insert(0, to(words, ItemScreen(behind), case, "button.back"))
    partner = "button.donors" if case.kind == Kind.RECIPIENT else "button.recipient"
    last_row = [to(words, PairScreen(), case, partner)]
    if view.may_decide or view.may_screen:
        last_row.append(to(words, DecideScreen(), case))
    if view.follow_up:
        last_row.append(to(words, view.follow_up, case))
    last_row.append(to(words, HomeScreen()))
    return (tuple(first), *_reading_rows(case, words), tuple(last_row))


_OPEN = frozenset({Stage.SCREENING, Stage.FINISHED, Stage.INCLUDED})


def _reading_rows(case: Case, words: Words) -> Rows:
    return (
        (
            to(words, CriteriaScreen(), case, "button.reasoning"),
            to(words, HistoryScreen(), case),
            to(words, WhatIfScreen(), case),
        ),
        (
            to(words, ValuesScreen(), case),
            button(words("button.report"), taps.GetReport(case.id)),
            to(words, CaseDocumentsScreen(), case, "button.documents"),
        ),
    )


def _worked_out(record: Record, words: Words) -> list[str]:
    """
    The answers that were worked out, with their parts.
    """
    items = record.population.item
    return [
        item_line(record, items[key], in_full(items[key], raw, words), words)
        for key in record.current
        if isinstance(raw := record.raw(key), dict)
    ]


def _on_limit(record: Record, words: Words) -> list[str]:
    shown = [valued(record, record.population.item[key], words) for key in record.assessment.on_limit]
    return [words("summary.on_limit", items=words.joined(shown))] if shown else []


def _old(record: Record, words: Words) -> list[str]:
    """
    The results that are old by the site's own setting.
    """
    shown = [
        item_line(record, item, with_day(words.value(item, record.raw(item.key)), said_of(record, item), words), words)
        for item in record.population.items
        if item.key in record.old
    ]
    return [words("summary.old", items=words.joined(shown)), words("report.old")] if shown else []


def _queries(view: Summary, words: Words) -> list[str]:
    lines = [query_line(query, words) for query in view.queries]
    return [words("summary.queries_title"), *lines] if lines else []


def _recheck(record: Record, words: Words) -> list[str]:
    return [recheck(day, record, words)] if (day := record.assessment.recheck_on) else []
