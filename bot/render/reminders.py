"""
Reminders, and the screens about one's own.
"""

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from bot import taps
from bot.render.buttons import to, turning
from bot.render.card import Button, Card, Rows, button, fit
from bot.render.phrases import few, short
from bot.render.renderers import renders
from bot.screens.base import Page
from bot.screens.menus import HomeScreen
from bot.screens.reminders import (
    PAGE,
    AskSnooze,
    CaseRemindersScreen,
    Digest,
    KindsScreen,
    MutedKinds,
    OneReminder,
    Reminders,
    ReminderScreen,
    RemindersOfCase,
    RemindersScreen,
)
from bot.texts import Words
from db.base.tables import Case, Reminder
from db.follow_up.due import DETAILS, URGENT, Occurrence, ReminderKind

_IN_FULL = 1


@renders(Digest)
def digest(view: Digest, words: Words) -> Card:
    """
    What somebody is reminded of: one reminder with all its buttons; of several a line and a row a case, whatever it
    waits for.
    """
    if len(view.reminders) == _IN_FULL:
        (reminder, case), *_ = view.reminders
        return Card(fit([line(reminder, case, words)]), _rows_of_one(reminder, case, words))
    by_case: dict[int, tuple[Case, list[Reminder]]] = {}
    for reminder, case in view.reminders:
        by_case.setdefault(case.id, (case, []))[1].append(reminder)
    lines: list[str] = [words.count("reminders.title", len(by_case)), ""]
    lines += [_brief(case, rows, view.today, words) for case, rows in by_case.values()]
    buttons = [_row(case, rows, words) for case, rows in by_case.values()][:PAGE]
    if len(by_case) > PAGE:
        buttons.append((to(words, RemindersScreen()),))
    return Card(fit(lines), tuple(buttons))


_NAMED = 8


def _brief(case: Case, rows: Sequence[Reminder], today: date, words: Words) -> Markup:
    """
    All that a case waits for in a line: "awaits sPAP, LVEF; untouched since 18 Nov".
    """
    by_kind: dict[ReminderKind, list[Reminder]] = {}
    for row in rows:
        by_kind.setdefault(ReminderKind(row.kind), []).append(row)
    phrases = [phrase for kind, some in by_kind.items() for phrase in _phrases(kind, some, case, today, words)]
    sign = "❗" if URGENT & by_kind.keys() else "⏰"
    return words("reminder.line", sign=sign, text=words("reminder.case", code=case.code, what=words.joined(phrases)))


def _ahead(due: Occurrence, case: Case, today: date, words: Words) -> Markup:
    """
    What a case will wait for, in brief.
    """
    sign = "❗" if due.kind in URGENT else "⏰"
    (phrase,) = _phrases(due.kind, [due], case, today, words)
    return words("reminder.line", sign=sign, text=words("reminder.case", code=case.code, what=phrase))


def _phrases(
    kind: ReminderKind, rows: Sequence[Reminder | Occurrence], case: Case, today: date, words: Words
) -> list[Markup]:
    """
    What several reminders of a kind say in brief: of items one phrase for all.
    """
    key = f"reminder.brief.{kind}"
    if DETAILS.get(kind) == "item":
        names = few([words.brief(row.detail, case.kind) for row in rows], _NAMED, words)
        return [words(key, items=", ".join(names))]
    return [
        words(key, **_about(kind, row.detail, row.day, case, words) | {"day": words.short_day(_day(row), today)})
        for row in rows
    ]


def _day(row: Reminder | Occurrence) -> date:
    return date.fromisoformat(row.detail) if DETAILS.get(ReminderKind(row.kind)) == "day" else row.day


def line(reminder: Reminder, case: Case, words: Words) -> Markup:
    """
    A reminder in a line.
    """
    kind = ReminderKind(reminder.kind)
    text = words(f"reminder.{kind}", **_about(kind, reminder.detail, reminder.day, case, words))
    return words("reminder.line", sign="❗" if kind in URGENT else "⏰", text=text)


def _about(kind: ReminderKind, detail: str, day: date, case: Case, words: Words) -> dict[str, object]:
    """
    What a reminder speaks of, in words.
    """
    about: dict[str, object] = {"code": case.code, "day": words.day(day)}
    match DETAILS.get(kind):
        case "item":
            about["item"] = words.first(f"item.{case.kind}.{detail}", f"item.{detail}")
        case "verdict":
            about["verdict"] = words(f"verdict.{detail}.short")
        case "day":
            about["day"] = words.day(date.fromisoformat(detail))
        case "changes":
            about |= {name: _changes(detail, name, words) for name in ("changes", "in_brief")}
        case str() as name:
            about[name] = detail
    return about


def _changes(detail: str, name: str, words: Words) -> str:
    """
    What time alone changes. Reminders of earlier versions do not tell.
    """
    told = [one.partition(":") for one in detail.split() if ":" in one]
    shown = [
        words(f"reminder.recheck.{name}", id=id_, name=short(id_, words), status=words(f"status.{status}"))
        for id_, _, status in told
    ]
    between = Markup(", ") if name == "in_brief" else words.joined(("", ""))
    return between.join(shown) or words("reminder.recheck.untold")


def _row(case: Case, rows: Sequence[Reminder], words: Words) -> tuple[Button, ...]:
    screen = ReminderScreen(rows[0].id) if len(rows) == 1 else CaseRemindersScreen(case.id)
    more = to(words, screen, key="button.remind.more", code=case.code)
    return _open(case, words), more


def _open(case: Case, words: Words) -> Button:
    return button(words("button.remind.open", code=case.code), taps.OpenCase(case.id))


def _rows_of_one(reminder: Reminder, case: Case, words: Words) -> Rows:
    def act(action: str) -> Button:
        return button(words(f"button.remind.{action}"), taps.Remind(reminder.id, action))

    return (
        (_open(case, words), act("done")),
        (act("day"), act("week"), act("until")),
        (act("mute"), act("mute_kind")),
    )


@renders(Reminders)
def reminder_list(view: Reminders, words: Words) -> Card:
    lines: list[str] = [words("reminders.open" if view.open else "reminders.none")]
    page = Page.of(view.open, view.page, PAGE)
    for case, rows in page.items:
        lines += _of_case(case, rows, view.until, words)
    if view.ahead:
        lines += ["", words("reminders.ahead", day=words.day(view.until))]
        lines += [
            words("reminders.on", day=words.short_day(due.day, view.until), line=_ahead(due, case, view.until, words))
            for due, case in view.ahead
        ]
    buttons = [_row(case, rows, words) for case, rows in page.items]
    pages = turning(words, page, RemindersScreen())
    last = (to(words, KindsScreen()), to(words, HomeScreen()))
    return Card(fit(lines), (*buttons, *pages, last))


def _of_case(case: Case, rows: Sequence[Reminder], today: date, words: Words) -> list[Markup]:
    """
    One reminder of a case in full, several in brief: what is put off stands apart, with its day.
    """
    lines = []
    for until in sorted({row.snoozed_until for row in rows}, key=lambda day: day or date.min):
        some = [row for row in rows if row.snoozed_until == until]
        lines.append(line(some[0], case, words) if len(rows) == 1 else _brief(case, some, today, words))
        if until is not None:
            lines.append(words("reminders.snoozed", day=words.day(until)))
    return lines


@renders(OneReminder)
def one(view: OneReminder, words: Words) -> Card:
    back = to(words, RemindersScreen(), key="button.return")
    rows = _rows_of_one(view.reminder, view.case, words)
    return Card(fit([line(view.reminder, view.case, words)]), (*rows, (back,)))


@renders(RemindersOfCase)
def of_case(view: RemindersOfCase, words: Words) -> Card:
    """
    What a case waits for, numbered; for each a button to close it and one to the rest.
    """
    case = view.case
    lines = [
        words("reminders.numbered", number=at, line=line(one, case, words))
        for at, one in enumerate(view.reminders, start=1)
    ]
    rows = tuple(
        (
            button(words("button.remind.done_number", number=at), taps.Remind(one.id, "done")),
            to(words, ReminderScreen(one.id), key="button.remind.more", code=str(at)),
        )
        for at, one in enumerate(view.reminders[:_BUTTONS], start=1)
    )
    return Card(fit(lines), ((_open(case, words), to(words, RemindersScreen(), key="button.return")), *rows))


_BUTTONS = 40
"""Two to a reminder, of the hundred that Telegram takes."""


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
