"""
The visits of a recipient.
"""

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from bot import taps
from bot.render.buttons import in_rows, to
from bot.render.card import Button, Card, Rows, button, fit
from bot.render.history import deviation
from bot.render.reasons import reason
from bot.render.renderers import renders
from bot.rules.schedule import Recorded, VisitState
from bot.screens.infusions import InfusionScreen
from bot.screens.menus import HomeScreen
from bot.screens.summary import SummaryScreen
from bot.screens.visits import AskVisitDay, OneVisit, Visits, VisitScreen, VisitsScreen, WhatOfVisit, WhichVisit
from bot.texts import Words
from db.base.tables import ENDED, PlannedVisit
from db.follow_up.visits import Followed

STATE_SIGNS = {
    VisitState.UPCOMING: "⚪",
    VisitState.OPEN: "🔵",
    VisitState.DUE_TODAY: "🔔",
    VisitState.RESCHEDULED: "🔁",
    VisitState.OVERDUE: "⚠️",
    VisitState.DONE: "✅",
    VisitState.DONE_OUTSIDE: "☑️",
    VisitState.MISSED: "✖️",
    VisitState.ENDED: "⏹",
}


@renders(Visits)
def visits(view: Visits, words: Words) -> Card:
    record = view.record
    lines: list[str] = [words("visits.title", code=record.case.code, day=words.day(view.infusion.day))]
    if view.infusion.deviation:
        lines.append(words("deviation.told", what=deviation(view.infusion.deviation, words)))
    if record.case.stage in ENDED:
        lines.append(words("visits.ended", stage=words(f"stage.{record.case.stage}")))
    lines.append("")
    for followed in view.visits:
        lines += _lines(followed, view, words)
    lines += ["", words.count("visits.margin", view.margin)]
    buttons = [
        to(words, VisitScreen(one.visit.month), record.case, "button.month", month=one.visit.month)
        for one in view.visits
    ]
    rows = list(in_rows(buttons, 3))
    if view.may_record:
        rows.append((to(words, InfusionScreen(), record.case, "button.correct_infusion"),))
    rows.append((to(words, SummaryScreen(), record.case), to(words, HomeScreen())))
    return Card(fit(lines), tuple(rows))


def _lines(followed: Followed, view: Visits, words: Words) -> list[str]:
    visit = followed.visit
    state = followed.state(view.record)
    lines: list[str] = [
        words(
            "visits.line",
            sign=STATE_SIGNS[state],
            month=visit.month,
            day=words.day(visit.day),
            state=words(f"status.visit.{state}"),
        )
    ]
    old = view.moved.get(visit.month)
    if old is not None and visit.is_pending and old != visit.day:
        lines.append(words("visits.moved", old=words.day(old), new=words.day(visit.day)))
    if visit.is_pending:
        lines.append(words("visits.window", opens=words.day(visit.opens), closes=words.day(visit.closes)))
    return [*lines, *about(followed, words)]


def about(followed: Followed, words: Words) -> list[Markup]:
    """
    The remark or reason that goes with the record of a visit that stands, and in what it deviates.
    """
    lines = []
    if said := _detail(followed, words):
        lines.append(words("visits.detail", detail=said))
    record = followed.record
    if record is not None and record.deviation:
        lines.append(words("deviation.told", what=deviation(record.deviation.split(), words)))
    return lines


def _detail(followed: Followed, words: Words) -> str | None:
    record = followed.record
    if record is None or record.detail in {None, "none"}:
        return None
    return reason(record.detail, words, "missed")


@renders(OneVisit)
def one_visit(view: OneVisit, words: Words) -> Card:
    record, visit, state = view.record, view.visit, view.followed.state(view.record)
    lines = [
        words("visit.title", code=record.case.code, month=visit.month),
        "",
        words("visit.state", sign=STATE_SIGNS[state], state=words(f"status.visit.{state}")),
        *_when(visit, words),
        words("visit.looks_at", items=looked_at(view.looks_at, words)),
    ]
    lines += about(view.followed, words)
    if view.followed.record is not None:
        time = words.moment(record.local(view.followed.record.at))
        lines.append(words("visit.by", person=view.by or "", time=time))
    lines += ["", words.count("visits.margin", view.margin)]
    return Card(fit(lines), _visit_rows(view, words))


def _when(visit: PlannedVisit, words: Words) -> list[str]:
    lines: list[str] = [words("visit.due", day=words.day(visit.due))]
    if visit.kind == Recorded.DONE:
        lines.insert(0, words("visit.done_on", day=words.day(visit.day)))
    elif visit.kind == Recorded.RESCHEDULED:
        lines.insert(0, words("visit.moved_to", day=words.day(visit.day)))
    return [*lines, window(visit, words)]


def window(visit: PlannedVisit, words: Words) -> Markup:
    """
    The days between which a visit may take place.
    """
    return words("visit.window", opens=words.day(visit.opens), closes=words.day(visit.closes))


def looked_at(items: Sequence[str], words: Words) -> str:
    """
    What the protocol wants looked at in a visit.
    """
    return ", ".join(words(f"value.looks_at.{item}") for item in items)


def _visit_rows(view: OneVisit, words: Words) -> Rows:
    record, visit = view.record, view.visit
    rows: list[tuple[Button, ...]] = []
    month, case = visit.month, record.case
    if view.may_record and visit.is_pending:
        rows.append(
            (
                to(words, VisitScreen(month, "done", record.as_of), case, "button.done_today"),
                to(words, VisitScreen(month, "done"), case, "button.done_on"),
            )
        )
        others = []
        if visit.opens <= record.as_of:
            others.append(to(words, VisitScreen(month, "missed"), case, "button.missed"))
        if record.as_of <= visit.closes:
            others.append(to(words, VisitScreen(month, "move"), case, "button.move"))
        rows.append(tuple(others))
    if view.may_record and visit.record_id is not None:
        rows.append((to(words, VisitScreen(month, "undo"), case, "button.undo_visit"),))
    return (*rows, (to(words, VisitsScreen(), case),))


@renders(AskVisitDay)
def ask_visit_day(view: AskVisitDay, words: Words) -> Card:
    visit = view.visit
    lines = [
        words("visit.title", code=view.record.case.code, month=visit.month),
        "",
        words(f"visit.ask.{view.kind}"),
        window(visit, words),
        words("infusion.hint" if view.kind is Recorded.DONE else "visit.hint"),
        "",
        words.count("visits.margin", view.margin),
    ]
    return Card(fit(lines), ((to(words, VisitScreen(visit.month), view.record.case, "button.return"),),))


@renders(WhatOfVisit)
def what_of_visit(view: WhatOfVisit, words: Words) -> Card:
    case, visit = view.record.case, view.visit
    lines = [words("visit.title", code=case.code, month=visit.month), "", *_what(view, words)]
    buttons = [
        button(
            reason(word, words, "missed"),
            taps.Visited(case.id, visit.sequence, visit.month, view.kind, view.day, word),
        )
        for word in view.words
    ]
    back = to(words, VisitScreen(visit.month), view.record.case, "button.return")
    return Card(fit(lines), (*in_rows(buttons, 2), (back,)))


def _what(view: WhatOfVisit, words: Words) -> list[str]:
    if view.day is None:
        return [words(f"visit.ask.{view.kind}"), words("decide.typed_reason")]
    if view.deviation:
        return [*_deviates(view, view.day, words), "", words("visit.explain"), words("decide.typed_reason")]
    return [words("visit.ask.remark", day=words.full_day(view.day))]


def _deviates(view: WhatOfVisit | WhichVisit, day: date, words: Words) -> list[str]:
    lines: list[str] = [words("visit.deviates", day=words.full_day(day), what=deviation(view.deviation, words))]
    if "outside_window" in view.deviation:
        lines += [window(view.visit, words), words.count("visits.margin", view.margin)]
    return lines


@renders(WhichVisit)
def which_visit(view: WhichVisit, words: Words) -> Card:
    case, month = view.record.case, view.visit.month
    lines = [words("visit.title", code=case.code, month=month), "", *_deviates(view, view.day, words), ""]
    others = [
        to(words, VisitScreen(other, "done", view.day), case, "button.month", month=other) for other in view.others
    ]
    rows = (
        *in_rows(others, 2),
        (to(words, VisitScreen(month, "all_the_same", view.day), case, "button.visit_all_the_same", month=month),),
        (
            to(words, VisitScreen(month, "done"), case, "button.retype"),
            to(words, VisitsScreen(), case, "button.return"),
        ),
    )
    return Card(fit([*lines, words("visit.which")]), rows)
