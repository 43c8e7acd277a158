"""
Reminders, and the screens about one's own.
"""

from datetime import date

from markupsafe import Markup

from bot import taps
from bot.render.buttons import to, turning
from bot.render.card import Button, Card, button, fit
from bot.render.renderers import renders
from bot.screens.base import Page
from bot.screens.menus import HomeScreen
from bot.screens.reminders import (
    PAGE,
    AskSnooze,
    Digest,
    KindsScreen,
    MutedKinds,
    OneReminder,
    Reminders,
    ReminderScreen,
    RemindersScreen,
)
from bot.texts import Words
from db.base.tables import Case, Reminder
from db.follow_up.due import DETAILS, URGENT, ReminderKind

_IN_FULL = 1


@renders(Digest)
def digest(view: Digest, words: Words) -> Card:
    """
    What somebody is reminded of: one reminder with all its buttons, several with one button each.
    """
    if len(view.reminders) == _IN_FULL:
        (reminder, case), *_ = view.reminders
        return Card(fit([line(reminder, case, words)]), _rows_of_one(reminder, case, words))
    lines: list[str] = [words.count("reminders.title", len(view.reminders)), ""]
    lines += [line(reminder, case, words) for reminder, case in view.reminders]
    rows = [_row(reminder, case, words) for reminder, case in view.reminders[:PAGE]]
    if len(view.reminders) > PAGE:
        rows.append((to(words, RemindersScreen()),))
    return Card(fit(lines), tuple(rows))


def line(reminder: Reminder, case: Case, words: Words) -> Markup:
    """
    A reminder in a line.
    """
    return _line(ReminderKind(reminder.kind), reminder.detail, reminder.day, case, words)


def _line(kind: ReminderKind, detail: str, day: date, case: Case, words: Words) -> Markup:
    about: dict[str, object] = {"code": case.code, "day": words.day(day)}
    match DETAILS.get(kind):
        case "item":
            about["item"] = words.find(f"item.{case.kind}.{detail}") or words(f"item.{detail}")
        case "verdict":
            about["verdict"] = words(f"verdict.{detail}.short")
        case "day":
            about["day"] = words.day(date.fromisoformat(detail))
        case str() as name:
            about[name] = detail
    sign = "❗" if kind in URGENT else "⏰"
    return words("reminder.line", sign=sign, text=words(f"reminder.{kind}", **about))


def _row(reminder: Reminder, case: Case, words: Words) -> tuple[Button, ...]:
    more = to(words, ReminderScreen(reminder.id), key="button.remind.more", code=case.code)
    return button(words("button.remind.open", code=case.code), taps.OpenCase(case.id)), more


def _rows_of_one(reminder: Reminder, case: Case, words: Words) -> tuple[tuple[Button, ...], ...]:
    def act(action: str) -> Button:
        return button(words(f"button.remind.{action}"), taps.Remind(reminder.id, action))

    return (
        (button(words("button.remind.open", code=case.code), taps.OpenCase(case.id)), act("done")),
        (act("day"), act("week"), act("until")),
        (act("mute"), act("mute_kind")),
    )


@renders(Reminders)
def reminder_list(view: Reminders, words: Words) -> Card:
    lines: list[str] = [words("reminders.open" if view.open else "reminders.none")]
    first = view.page * PAGE
    shown = view.open[first : first + PAGE]
    for reminder, case in shown:
        lines.append(line(reminder, case, words))
        if reminder.snoozed_until is not None:
            lines.append(words("reminders.snoozed", day=words.day(reminder.snoozed_until)))
    if view.ahead:
        lines += ["", words("reminders.ahead", day=words.day(view.until))]
        lines += [
            words("reminders.on", day=words.day(due.day), line=_line(due.kind, due.detail, due.day, case, words))
            for due, case in view.ahead
        ]
    rows = [_row(reminder, case, words) for reminder, case in shown]
    pages = turning(words, Page(shown, view.page, len(view.open) > first + PAGE), RemindersScreen())
    last = (to(words, KindsScreen()), to(words, HomeScreen()))
    return Card(fit(lines), (*rows, *pages, last))


@renders(OneReminder)
def one(view: OneReminder, words: Words) -> Card:
    back = to(words, RemindersScreen(), key="button.return")
    rows = _rows_of_one(view.reminder, view.case, words)
    return Card(fit([line(view.reminder, view.case, words)]), (*rows, (back,)))


@renders(AskSnooze)
def ask_snooze(view: AskSnooze, words: Words) -> Card:
    lines = [line(view.reminder, view.case, words), "", words("snooze.question")]
    return Card(fit(lines), ((to(words, ReminderScreen(view.reminder.id), key="button.cancel"),),))


@renders(MutedKinds)
def kinds(view: MutedKinds, words: Words) -> Card:
    rows = []
    for kind in ReminderKind:
        key = "button.unticked" if kind in view.muted else "button.ticked"
        label = words(key, option=words(f"reminder.kind.{kind}"))
        rows.append((button(label, taps.MuteKind(kind, int(kind not in view.muted))),))
    return Card(words("kinds.title"), (*rows, (to(words, RemindersScreen(), key="button.return"),)))
