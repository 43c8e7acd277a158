"""
Views into cards, in a person's language.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot import views
from bot.render import menus, notices, people, questions, summaries
from bot.render.card import Card, fit
from bot.texts import Words
from bot.views import Note, View
from bot.views import people as people_views

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
    people_views.PrivacyNote: people.privacy_note,
    people_views.Ended: people.ended,
    people_views.Team: people.team,
    people_views.Profile: people.profile,
    people_views.ChooseRole: people.choose_role,
    people_views.ChooseSite: people.choose_site,
    people_views.Invitations: people.invitations,
    people_views.InvitationLink: people.link,
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
    )
