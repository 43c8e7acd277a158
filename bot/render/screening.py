"""
A verdict settled early.
"""

from bot import taps
from bot.render import stored, upshot
from bot.render.buttons import to
from bot.render.card import Card, button, fit
from bot.render.criteria import failing
from bot.render.renderers import renders
from bot.screens.screening import ItemScreen, Settled
from bot.texts import Words


@renders(Settled)
def settled(view: Settled, words: Words) -> Card:
    record, case = view.record, view.record.case
    lines = [
        *stored.lines(view.stored, record, words),
        *upshot.lines(view.upshot, record, words),
        words("question.code", code=case.code),
        words("verdict.line", sign="🔴", verdict=words("verdict.not_eligible")),
        "",
        *failing(record, words),
        "",
        words.count("settled.left", len(record.assessment.to_ask)),
    ]
    last = next(reversed(record.current))
    return Card(
        fit(lines),
        (
            (
                button(words("button.finish"), taps.Finish(case.id, case.revision)),
                button(words("button.complete"), taps.Complete(case.id)),
            ),
            (
                to(words, ItemScreen(last), case, "button.back"),
                button(words("button.pause"), taps.Pause(case.id)),
            ),
            *stored.rows(view.stored, record, words),
        ),
    )
