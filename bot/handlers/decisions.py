"""
Events in which somebody decides: inclusion, the end of a case, a query dismissed.
"""

from collections.abc import Sequence
from datetime import date

from bot import taps
from bot.handlers.cases import shows_case
from bot.handlers.colleagues import tell
from bot.handlers.reasons import read_reason
from bot.handlers.routes import on, reads
from bot.rules.assessment import Verdict
from bot.screens import on_card, present
from bot.screens.decisions import REASONS, DecideScreen, Include, WhyDecide
from bot.screens.summary import SummaryScreen
from bot.turn import DECIDERS, SCREENERS, STAFF, Note, Reply, StaleError, Turn
from db.base.tables import Case, Decision, DecisionKind
from db.cases import answers, decisions, queries, sign_offs
from db.cases.records import Record
from db.cases.sign_offs import about_decision

_OF_DECIDERS = frozenset({DecisionKind.VOIDED, DecisionKind.UNINCLUDED, DecisionKind.FAILURE_DECLINED})
_TOLD = {DecisionKind.UNINCLUDED: STAFF, DecisionKind.FAILURE_DECLINED: SCREENERS}
"""Whom of the site a decision is told."""


shows_case("decide", STAFF, DecideScreen(), rank=140)


@on(taps.Decide, STAFF)
async def on_decide(turn: Turn, tap: taps.Decide) -> Reply:
    """
    Decide with a reason from the list, or include the pair that was shown.
    """
    case = await turn.focus_on(tap.case)
    if case.revision != tap.revision:
        raise StaleError
    view = await present(turn)
    if isinstance(view, Include) and (tap.kind, tap.about) == (DecisionKind.INCLUDED, view.donor.case.code):
        return await _include(turn, view)
    why = await on_card(turn, WhyDecide, tap.case)
    if (why.kind, why.about or "-") != (tap.kind, tap.about) or tap.reason not in REASONS[why.kind]:
        raise StaleError
    return await _decide(turn, why, tap.reason)


@reads(WhyDecide)
async def on_reason(turn: Turn, view: WhyDecide, text: str) -> Reply:
    """
    Decide with a reason that was typed.
    """
    return await _decide(turn, view, read_reason(text))


async def _decide(turn: Turn, view: WhyDecide, reason: str) -> Reply:
    record, kind, about = view.record, DecisionKind(view.kind), view.about
    turn.roles = DECIDERS if kind in _OF_DECIDERS else STAFF
    if kind is DecisionKind.VOIDED:
        await _void(turn, record, reason)
    elif kind is DecisionKind.QUERY_DISMISSED and about:
        session, by = turn.session, turn.actor
        await queries.dismiss(session, record=record, query_id=about, reason=reason, by=by, now=turn.now)
    else:
        partner = [] if view.partner is None else [await turn.record(view.partner)]
        decision = await decide(turn, kind, [record, *partner], about=about, reason=reason)
        await follow(turn, record.case, decision)
        if kind in _TOLD:
            await tell(turn, record.case, _TOLD[kind], f"notice.{kind}", decided=decision.id)
    return turn.show(SummaryScreen(), record.case, Note(f"note.decided.{kind}", name=about or ""), fresh=True)


async def decide(
    turn: Turn,
    kind: DecisionKind,
    subjects: Sequence[Record],
    *,
    about: str | None = None,
    day: date | None = None,
    reason: str | None = None,
) -> Decision:
    """
    Store what the person decides about a case, or about a recipient and a donor.
    """
    session, by = turn.session, turn.actor
    return await decisions.decide(
        session, kind=kind, subjects=subjects, by=by, now=turn.now, about=about, day=day, reason=reason
    )


async def follow(turn: Turn, case: Case, decision: Decision) -> None:
    """
    See to what follows for linked cases, and for what was signed, from a decision about a case.
    """
    await answers.follow(turn.session, case=case, now=turn.now, cause=about_decision(decision))


async def _void(turn: Turn, record: Record, reason: str) -> None:
    decision = await turn.session.get_one(Decision, record.case.sign_off)
    subjects = await decisions.subjects_of(turn.session, decision=decision, now=turn.now)
    session, now = turn.session, turn.now
    voided = await sign_offs.void(session, decision=decision, subjects=subjects, by=turn.actor, now=now, reason=reason)
    if decision.person_id != turn.member.person.id:
        cause = about_decision(voided)
        await sign_offs.tell(session, decision=decision, subjects=subjects, cause=cause, now=now)


async def _include(turn: Turn, view: Include) -> Reply:
    subjects = [view.recipient, view.donor]
    if any(record.assessment.verdict is not Verdict.ELIGIBLE for record in subjects):
        # Time alone may have changed it since the sign-off.
        raise StaleError
    turn.roles = DECIDERS
    await decide(turn, DecisionKind.INCLUDED, subjects)
    return turn.show(SummaryScreen(), view.recipient.case, Note("note.decided.included"), fresh=True)
