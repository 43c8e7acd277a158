"""
Views into cards, in a person's language.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot import views
from bot.render import (
    agenda,
    decisions,
    menus,
    notices,
    overview,
    pairs,
    people,
    reading,
    reasoning,
    reminders,
    report,
    screening,
    summaries,
    visits,
)
from bot.render.card import Card, fit
from bot.texts import Words
from bot.typed.examples import example
from bot.views import Note, View
from bot.views import decisions as decision_views
from bot.views import overview as overviews
from bot.views import pairs as pair_views
from bot.views import people as people_views
from bot.views import reading as readings
from bot.views import reminders as reminder_views
from bot.views import visits as follow_up

_RENDERERS: dict[type[View], Callable[[Any, Words], Card]] = {
    views.Home: menus.home,
    views.ChooseKind: menus.choose_kind,
    views.ChooseCaseSite: menus.choose_case_site,
    views.CaseList: menus.case_list,
    views.ChooseLanguage: menus.choose_language,
    views.Help: menus.help_,
    views.Welcome: menus.welcome,
    views.Refusal: menus.refusal,
    views.Apology: menus.apology,
    views.Told: notices.told,
    reminder_views.Digest: reminders.digest,
    reminder_views.Reminders: reminders.reminder_list,
    reminder_views.OneReminder: reminders.one,
    reminder_views.AskSnooze: reminders.ask_snooze,
    reminder_views.MutedKinds: reminders.kinds,
    views.Question: screening.question,
    views.Why: screening.why,
    views.Settled: screening.settled,
    views.Summary: summaries.summary,
    views.Sections: summaries.sections,
    views.Section: summaries.section,
    views.ChooseReason: screening.choose_reason,
    views.Changed: summaries.changed,
    pair_views.Donors: pairs.donors,
    pair_views.DonorOf: pairs.donor_of,
    pair_views.ChoosePartner: pairs.choose_partner,
    pair_views.ChooseUnlink: pairs.choose_unlink,
    decision_views.Choices: decisions.choices,
    decision_views.Sign: decisions.sign,
    decision_views.ChooseCriterion: decisions.choose_criterion,
    decision_views.ChooseQuery: decisions.choose_query,
    decision_views.WhyDecide: decisions.why_decide,
    decision_views.Include: decisions.include,
    decision_views.Enrol: decisions.enrol,
    decision_views.AuthenticatorState: decisions.authenticator_state,
    follow_up.AskInfusion: visits.ask_infusion,
    follow_up.ConfirmInfusion: visits.confirm_infusion,
    follow_up.WhyInfusion: visits.why_infusion,
    follow_up.Visits: visits.visits,
    follow_up.OneVisit: visits.one_visit,
    follow_up.AskVisitDay: visits.ask_visit_day,
    follow_up.WhatOfVisit: visits.what_of_visit,
    follow_up.Agenda: agenda.agenda,
    follow_up.CalendarFile: agenda.calendar,
    people_views.PrivacyNote: people.privacy_note,
    people_views.Ended: people.ended,
    people_views.Team: people.team,
    people_views.Profile: people.profile,
    people_views.ChooseRole: people.choose_role,
    people_views.ChooseSite: people.choose_site,
    people_views.Invitations: people.invitations,
    people_views.InvitationLink: people.link,
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
        return words(note.key, name=note.name, day=words.day(note.day) if note.day else "")
    return words(
        note.key,
        item=words.label(note.item, note.kind),
        value=words.value(note.item, note.raw),
        expected=screening.expects(note.item, words),
        typed=reading.to_type(note.item, words),
        example=example(note.item, words, note.key.rpartition(".")[2]),
    )
