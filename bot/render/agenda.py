"""
The agenda, as a card and as a calendar file.
"""

from bot import taps
from bot.documents.calendar import AllDay, calendar_file
from bot.render.buttons import of_cases, to, turning
from bot.render.card import Card, File, button, fit
from bot.render.renderers import renders
from bot.render.visits import STATE_SIGNS, looked_at, window
from bot.rules.schedule import Recorded
from bot.screens.agenda import Agenda, AgendaScreen, CalendarFile, Due
from bot.screens.base import Page
from bot.screens.menus import HomeScreen
from bot.screens.visits import VisitsScreen
from bot.texts import Words
from db.base.tables import ENDED, Case
from db.follow_up.agenda import Dated
from db.follow_up.planned import TAKEN_BACK

_OTHER = {"week": ("month", "button.agenda_month"), "month": ("week", "button.agenda_week")}


@renders(Agenda)
def agenda(view: Agenda, words: Words) -> Card:
    """
    The visits of a period, day by day, each with the button of its case.
    """
    title = words("agenda.title", day=words.day(view.until))
    lines = [title, *_days(view, words)] if view.visits else [title, "", words("agenda.nothing")]
    if view.left:
        lines.append(words("summary.more", number=view.left))
    lines += ["", words.count("visits.margin", view.margin)]
    cases = {due.case.id: due.case for due in view.visits}
    page: Page[Case] = Page(tuple(cases.values()), view.page, view.left > 0)
    other, label = _OTHER[view.period]
    rows = (
        *of_cases(page.items, VisitsScreen()),
        *turning(words, page, AgendaScreen(view.period)),
        (to(words, AgendaScreen(other), key=label), button(words("button.calendar"), taps.Export("calendar"))),
        (to(words, HomeScreen()),),
    )
    return Card(fit(lines), rows)


def _days(view: Agenda, words: Words) -> list[str]:
    lines: list[str] = []
    site = day = None
    for due in view.visits:
        if view.by_site and due.site.id != site:
            lines += ["", words("agenda.site", name=due.site.name)]
            day = None
        if due.visit.day != day:
            lines += ["", words("agenda.day", day=words.day(due.visit.day))]
        lines.append(_line(due, words))
        site, day = due.site.id, due.visit.day
    return lines


def _line(due: Due, words: Words) -> str:
    return words(
        "agenda.line",
        sign=STATE_SIGNS[due.state],
        code=due.case.code,
        month=due.visit.month,
        state=words(f"status.visit.{due.state}"),
        closes=words.short_day(due.visit.closes, due.visit.day),
    )


@renders(CalendarFile)
def calendar(view: CalendarFile, words: Words) -> Card:
    """
    The calendar file, with a word on how to use it.
    """
    events = [_event(one, view, words) for one in view.visits]
    content = calendar_file(events, name=words.plain("calendar.name"), now=view.now)
    caption = words.count("calendar.caption", len(events))
    lines = [caption, words("calendar.cut")] if view.is_cut else [caption]
    return Card(fit(lines), file=File("follow-up.ics", content))


def _event(dated: Dated, view: CalendarFile, words: Words) -> AllDay:
    visit, case = dated.visit, dated.case
    keys = {str(Recorded.DONE): "calendar.done", str(Recorded.MISSED): "calendar.missed"}
    key = keys.get(visit.kind or "", "calendar.planned")
    lines = [
        window(visit, words),
        words("calendar.margin"),
        words("visit.looks_at", items=looked_at(view.looks_at[case.id, visit.month], words)),
    ]
    return AllDay(
        uid=f"{case.code}-month-{visit.month}@{case.protocol.partition('/')[0].casefold()}",
        day=visit.day,
        summary=words.plain(key, code=case.code, month=visit.month),
        description="\n".join(line.unescape() for line in lines),
        sequence=dated.sequence,
        changed_at=dated.changed_at,
        is_cancelled=visit.kind == TAKEN_BACK or (visit.is_pending and case.stage in ENDED),
    )
