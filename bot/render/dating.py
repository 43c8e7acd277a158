"""
The day and source of what was stored last.
"""

from bot import taps
from bot.render.buttons import in_rows, to
from bot.render.card import Button, Card, button, fit
from bot.render.phrases import answered
from bot.render.renderers import renders
from bot.screens.dating import Dating
from bot.screens.screening import Again, AskScreen
from bot.texts import Words
from db.base.tables import Case, Examination


@renders(Dating)
def dating(view: Dating, words: Words) -> Card:
    """
    The results stored last, with buttons for their day and source; or to confirm a source in words.
    """
    record, case = view.record, view.record.case
    shown = [answered(record, record.population.item[key], words) for key in view.stored.items]
    if view.said:
        asking = words.count("day.confirm", len(shown), said=view.said)
        confirm = button(words("button.confirm"), taps.SayExamined(case.id, case.revision, "said"))
        lines = [words("question.code", code=case.code), "", asking, *shown]
        return Card(fit(lines), ((confirm,), (to(words, Again(), case, "button.retype"),)))
    lines = [words("question.code", code=case.code), "", words("day.question"), *shown]
    sources = (
        button(words(f"paper.examination.{one}"), taps.SayExamined(case.id, case.revision, one))
        for one in Examination
        if one != Examination.OTHER
    )
    last = to(words, AskScreen(), case, "button.continue")
    return Card(fit(lines), (days(case, words), *in_rows(sources, 2), (last,)))


def days(case: Case, words: Words) -> tuple[Button, ...]:
    """
    The days that most results are of.
    """
    return tuple(
        button(words(f"day.{day}"), taps.SayExamined(case.id, case.revision, day)) for day in ("today", "yesterday")
    )
