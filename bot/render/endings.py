"""
Screens in which the end of a case is recorded.
"""

from datetime import timedelta

from bot import taps
from bot.render.buttons import to
from bot.render.card import Card, button, fit
from bot.render.renderers import renders
from bot.screens.decisions import DecideScreen
from bot.screens.endings import ENDINGS, AskDay, Ending, Fact
from bot.screens.screening import Again
from bot.texts import Words
from db.cases.decisions import DEATH


@renders(AskDay)
def ask_day(view: AskDay, words: Words) -> Card:
    case, today = view.record.case, view.record.as_of
    lines: list[str] = [words("decide.title", code=case.code), ""]
    if (later := view.ruled_out_by) is not None:
        lines += [words(f"ending.ruled_out.{later.what}", **_on(later, words)), ""]
    lines += [words(f"ending.day.{view.what}"), words("infusion.hint")]
    days = {"today": today, "yesterday": today - timedelta(days=1)}
    row = tuple(to(words, view.screen.on(day), case, f"day.{name}") for name, day in days.items())
    return Card(fit(lines), (row, (to(words, DecideScreen(), case, "button.return"),)))


@renders(Ending)
def ending(view: Ending, words: Words) -> Card:
    case = view.record.case
    what = words(f"decide.step.ending.{view.kind}")
    lines: list[str] = [words("ending.confirm", code=case.code, what=what, day=words.full_day(view.day))]
    lines += ["", *_follows(view, words), ""]
    if view.kind == DEATH:
        labels = {DEATH: words("button.confirm")}
        lines.append(words("ending.words", said=view.words) if view.words else words("ending.typed_words"))
    else:
        labels = {reason: words(f"because.{view.kind}.{reason}") for reason in ENDINGS[view.kind]}
        lines += [words(f"decide.why.{view.kind}"), words("ending.typed_reason")]
    rows = tuple(
        (button(label, taps.End(case.id, case.revision, view.kind, view.day, reason)),)
        for reason, label in labels.items()
    )
    last = (to(words, Again(), case, "button.another_day"), to(words, DecideScreen(), case, "button.return"))
    return Card(fit(lines), (*rows, last))


def _follows(view: Ending, words: Words) -> list[str]:
    """
    What has happened only after the day given, and what follows from the end.
    """
    follows, lines = view.follows, list[str]()
    if (later := follows.later) is not None:
        lines.append(words(f"ending.before.{later.what}", **_on(later, words)))
    lines.append(words("ending.follows"))
    if follows.visits:
        lines.append(words.count("ending.visits", follows.visits))
    if follows.partners:
        lines.append(words("ending.partners", codes=", ".join(follows.partners)))
    if follows.signed:
        lines.append(words("ending.signed", codes=" + ".join(follows.signed)))
    if follows.is_included:
        lines.append(words("ending.included"))
    return [*lines, words("ending.undone")]


def _on(fact: Fact, words: Words) -> dict[str, object]:
    return {"day": words.day(fact.day), "month": fact.month}
