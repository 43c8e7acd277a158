"""
Views into cards, in a person's language.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot import views
from bot.render import menus, notices, overview, questions, reading, reasoning, report, summaries
from bot.render.card import Card, fit
from bot.texts import Words
from bot.views import Note, View
from bot.views import overview as overviews
from bot.views import reading as readings

_RENDERERS: dict[type[View], Callable[[Any, Words], Card]] = {
    views.Home: menus.home,
    views.ChooseKind: menus.choose_kind,
    views.CaseList: menus.case_list,
    views.ChooseLanguage: menus.choose_language,
    views.Help: menus.help_,
    views.Welcome: menus.welcome,
    views.Refusal: menus.refusal,
    views.Apology: menus.apology,
    views.Told: notices.told,
    views.Question: questions.question,
    views.Why: questions.why,
    views.Settled: questions.settled,
    views.Summary: summaries.summary,
    views.Sections: summaries.sections,
    views.Section: summaries.section,
    views.ChooseReason: questions.choose_reason,
    views.Changed: summaries.changed,
    overviews.Board: overview.board,
    overviews.Found: overview.found,
    readings.Criteria: reasoning.criteria,
    readings.Reasoning: reasoning.reasoning,
    readings.History: reading.history,
    readings.WhatIf: reading.what_if,
    readings.Report: report.report,
}


def render(view: View, words: Words, note: Note | None = None) -> Card:
    """
    The card of a view, with a note above it.
    """
    card = _RENDERERS[type(view)](view, words)
    if note is None:
        return card
    return replace(card, html=fit([note_line(note, words), "", *card.html.split("\n")]))


def note_line(note: Note, words: Words) -> str:
    """
    A note in words.
    """
    if note.item is None:
        return words(note.key, name=note.name)
    return words(
        note.key,
        item=words.label(note.item, note.kind),
        value=words.value(note.item, note.raw),
        expected=questions.expects(note.item, words),
        typed=reading.to_type(note.item, words),
    )
