"""
Events in which somebody decides: inclusion, the end of a case, a query dismissed.
"""

from bot import taps
from bot.events import Command
from bot.handlers.cases import meant
from bot.handlers.reasons import read_reason
from bot.handlers.routes import command, on, reads
from bot.rules.assessment import Verdict
from bot.screens import present
from bot.screens.decisions import REASONS, DecideScreen, Include, WhyDecide
from bot.screens.summary import SummaryScreen
from bot.turn import DECIDERS, SCREENERS, STAFF, Note, Reply, StaleError, Turn
from db.base.tables import Case, Decision, DecisionKind
from db.cases import answers, decisions, queries, sign_offs
from db.cases.records import Record
from db.cases.sign_offs import about_decision
from db.follow_up import concerned

_OF_DECIDERS = frozenset({DecisionKind.VOIDED, DecisionKind.UNINCLUDED, DecisionKind.FAILURE_DECLINED})


@command("decide", STAFF, rank=140)
async def on_decide_command(turn: Turn, command: Command) -> Reply:
    """
    Show what can be decided about the case named, or the one in focus.
    """
    return turn.show(DecideScreen(), await meant(turn, command.argument))


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
    if not isinstance(view, WhyDecide) or (view.kind, view.about or "-") != (tap.kind, tap.about):
        raise StaleError
    if turn.chat.card_for != view.asks or tap.reason not in REASONS[view.kind]:
        raise StaleError
    return await _decide(turn, view, tap.reason)


@reads(WhyDecide)
async def on_reason(turn: Turn, view: WhyDecide, text: str) -> Reply:
    """
    Decide with a reason that was typed.
    """
    return await _decide(turn, view, read_reason(text))


async def _decide(turn: Turn, view: WhyDecide, reason: str) -> Reply:
    record, kind = view.record, DecisionKind(view.kind)
    turn.roles = DECIDERS if kind in _OF_DECIDERS else STAFF
    if kind is DecisionKind.VOIDED:
        await _void(turn, record, reason)
    elif kind is DecisionKind.QUERY_DISMISSED and view.about:
        session, by = turn.session, turn.actor
        await queries.dismiss(session, record=record, query_id=view.about, reason=reason, by=by, now=turn.now)
    else:
        decision = await decisions.decide(
            turn.session,
            kind=kind,
            subjects=[record] if view.partner is None else [record, await turn.record(view.partner)],
            by=turn.actor,
            now=turn.now,
            about=view.about,
            reason=reason,
        )
        await answers.follow(turn.session, case=record.case, now=turn.now, cause=about_decision(decision))
        if kind in {DecisionKind.UNINCLUDED, DecisionKind.FAILURE_DECLINED}:
            await _tell(turn, record.case, decision)
    return turn.show(SummaryScreen(), record.case, Note(f"note.decided.{kind}", name=view.about or ""), fresh=True)


async def _tell(turn: Turn, case: Case, decision: Decision) -> None:
    """
    Tell the others at the site that an inclusion is undone, or a proposal declined.
    """
    roles = STAFF if decision.kind == DecisionKind.UNINCLUDED else SCREENERS
    me, key = turn.member.person.id, f"notice.{decision.kind}"
    await concerned.tell(turn.session, case=case, roles=roles, but=me, key=key, now=turn.now, decided=decision.id)


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
    await decisions.decide(turn.session, kind=DecisionKind.INCLUDED, subjects=subjects, by=turn.actor, now=turn.now)
    return turn.show(SummaryScreen(), view.recipient.case, Note("note.decided.included"), fresh=True)
