"""
Typed text: what it means depends on what the card asks.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.events import Typed
from bot.handlers import decisions, overview, reading, reminders, screening, visits
from bot.handlers.reading import code_in, on_code
from bot.screens import present
from bot.turn import Turn
from bot.views import Note, Question, Reply, View
from bot.views.decisions import Enrol, Sign, WhyDecide
from bot.views.overview import Found
from bot.views.reading import WhatIf
from bot.views.reminders import AskSnooze
from bot.views.visits import AskInfusion, AskVisitDay

READERS: dict[type[View], Callable[[Turn, Any, str], Awaitable[Reply]]] = {
    Question: screening.on_text,
    Sign: decisions.on_code_to_sign,
    Enrol: decisions.on_code_to_enrol,
    WhyDecide: decisions.on_reason,
    AskSnooze: reminders.on_day,
    AskInfusion: visits.on_infusion_text,
    AskVisitDay: visits.on_visit_text,
    Found: overview.on_words,
    WhatIf: reading.on_values,
}
"""Who reads what is typed while this is on the card. Each sees to it that the person may."""


async def on_typed(turn: Turn, typed: Typed) -> Reply:
    """
    Hand text to whoever asked for it; a case code is always one.
    """
    if code_in(typed.text) is not None:
        return await on_code(turn, typed.text, "summary")
    view = await present(turn)
    if type(view) not in READERS or view.asks is None:
        return Reply(view, note=Note("note.not_asked"), tidy=True)
    if turn.chat.card_for != view.asks or turn.is_for_an_earlier_card:
        # Sent while an earlier text was still being worked, and meant for the question that this one answered.
        return Reply(view, note=Note("note.moved_on"), tidy=True)
    return await READERS[type(view)](turn, view, typed.text)
