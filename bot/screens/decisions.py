"""
Screens in which somebody decides about a case.
"""

from bot.rules.assessment import Verdict
from bot.rules.protocol import Kind, Status
from bot.screens.reading import signed
from bot.turn import STAFF, Turn
from bot.views import View
from bot.views.decisions import (
    REASONS,
    AuthenticatorState,
    Choices,
    ChooseCriterion,
    ChooseQuery,
    Enrol,
    Include,
    Sign,
    WhyDecide,
)
from db.base.tables import ENDED, Case, DecisionKind, Stage
from db.cases import cases, decisions
from db.cases.partners import linked_cases
from db.cases.queries import still_open
from db.cases.records import Record
from db.follow_up import planned
from db.people import authenticators

_BEFORE_INCLUSION = frozenset({Stage.SCREENING, Stage.FINISHED, Stage.SIGNED, Stage.SCREEN_FAILURE})
_UNDER_WAY = frozenset({Stage.SCREENING, Stage.FINISHED, Stage.SIGNED, Stage.INCLUDED})


async def choices(turn: Turn, record: Record, _: str = "") -> View | None:
    """
    What can be decided now.
    """
    if not turn.may(STAFF, record.case.site_id):
        return None
    queries = await still_open(turn.session, record=record)
    partner = await _chosen_donor(turn, record.case)
    steps = await _steps(turn, record, queries, partner)
    return Choices(record, steps, queries, await signed(turn, record), partner)


async def _steps(turn: Turn, record: Record, queries: tuple[str, ...], partner: Case | None) -> tuple[str, ...]:
    """
    The screens of what this person may decide about a case at its stage.
    """
    case, verdict = record.case, record.assessment.verdict
    found = []
    if queries:
        found.append("dismiss")
    if turn.may_decide(case.site_id):
        found += _to_sign(case, verdict, partner)
        if await _may_include(turn, case, partner):
            found.append("include")
        if case.sign_off is not None and case.stage != Stage.INCLUDED:
            found.append("end:voided")
    if case.stage in ENDED:
        found.append("end:reopened")
    if await _may_uninclude(turn, case):
        found.append("end:unincluded")
    if case.stage in _BEFORE_INCLUSION:
        found.append("end:consent_refused")
    if case.stage not in ENDED:
        found += ["end:withdrawn", "end:lost"]
    return tuple(found)


def _to_sign(case: Case, verdict: str, partner: Case | None) -> list[str]:
    """
    What an investigator may sign. Whoever is included is no screen failure any more: that is taken back first.
    """
    if case.stage not in _UNDER_WAY or case.sign_off is not None:
        return []
    if verdict == Verdict.NOT_ELIGIBLE:
        return ["failure"] if case.stage != Stage.INCLUDED else []
    if partner is None or partner.sign_off is not None or partner.stage not in _UNDER_WAY:
        return ["sign"]
    return ["sign"] if partner.verdict == Verdict.NOT_ELIGIBLE else ["sign", "sign:pair"]


async def _may_include(turn: Turn, case: Case, donor: Case | None) -> bool:
    if donor is None or case.stage != Stage.SIGNED or donor.stage != Stage.SIGNED:
        return False
    return all([await decisions.is_signed_eligible(turn.session, case=one) for one in (case, donor)])


async def _may_uninclude(turn: Turn, case: Case) -> bool:
    """
    Whoever has been infused is in the trial, and so is the donor.
    """
    if case.stage != Stage.INCLUDED:
        return False
    pair = filter(None, (case, await decisions.included_with(turn.session, case=case)))
    return all(
        [turn.may_decide(one.site_id) and await planned.infusion(turn.session, case=one) is None for one in pair]
    )


async def _chosen_donor(turn: Turn, case: Case) -> Case | None:
    if case.kind != Kind.RECIPIENT or not case.links:
        return None
    donors = await linked_cases(turn.session, case=case)
    return await decisions.chosen_donor(turn.session, recipient=case, donors=donors)


async def sign(turn: Turn, record: Record, rest: str) -> View | None:
    """
    The case as eligible, or, for "pair", the recipient and the chosen donor.
    """
    partner = await _chosen_donor(turn, record.case) if rest == "pair" else None
    subjects = [record] if partner is None else [record, await turn.record(partner)]
    if partner is None and record.assessment.verdict is Verdict.NOT_ELIGIBLE:
        return await failure(turn, record, "") or await choices(turn, record)
    if any(one.assessment.verdict is Verdict.NOT_ELIGIBLE or one.case.sign_off is not None for one in subjects):
        return await choices(turn, record)
    return await _sign(turn, subjects, DecisionKind.SIGNED, None) or await choices(turn, record)


async def failure(turn: Turn, record: Record, rest: str) -> View | None:
    """
    The case as a screen failure: first its primary reason, then the signature.
    """
    failing = record.assessment.ids(record.population, Status.FAIL)
    case = record.case
    if not failing or case.sign_off is not None or case.stage == Stage.INCLUDED or not turn.may_decide(case.site_id):
        return None
    if rest not in failing:
        return ChooseCriterion(record)
    return await _sign(turn, [record], DecisionKind.SCREEN_FAILURE, rest)


async def _sign(turn: Turn, subjects: list[Record], kind: DecisionKind, about: str | None) -> View | None:
    if not all(turn.may_decide(one.case.site_id) and one.case.stage in _UNDER_WAY for one in subjects):
        return None
    queries = {one.case.id: await still_open(turn.session, record=one) for one in subjects}
    authenticator = await authenticators.of(turn.session, person_id=turn.member.person.id)
    locked_until = authenticator.locked_until if authenticator is not None else None
    return Sign(
        tuple(subjects),
        kind,
        about,
        queries,
        authenticators.is_ready(authenticator),
        locked_until if locked_until is not None and turn.now < locked_until else None,
    )


async def dismiss(turn: Turn, record: Record, rest: str) -> View | None:
    """
    The open queries, or the reason to dismiss one.
    """
    queries = await still_open(turn.session, record=record)
    if not queries or not turn.may(STAFF, record.case.site_id):
        return None
    return WhyDecide(record, DecisionKind.QUERY_DISMISSED, rest) if rest in queries else ChooseQuery(record, queries)


async def end(turn: Turn, record: Record, rest: str) -> View | None:
    """
    The reason of a decision that ends something.
    """
    view = await choices(turn, record)
    if rest not in REASONS or not isinstance(view, Choices) or f"end:{rest}" not in view.steps:
        return view
    is_of_both = rest == DecisionKind.UNINCLUDED
    partner = await decisions.included_with(turn.session, case=record.case) if is_of_both else None
    return WhyDecide(record, rest, partner=partner)


async def include(turn: Turn, record: Record, _: str) -> View | None:
    """
    The pair that is about to be included.
    """
    donor = await _chosen_donor(turn, record.case)
    if donor is None or not turn.may_decide(record.case.site_id) or not await _may_include(turn, record.case, donor):
        return await choices(turn, record)
    counted = await cases.included(turn.session)
    pair = record, await turn.record(donor)
    return Include(*pair, turn.deployment.study, (counted[Kind.RECIPIENT], counted[Kind.DONOR]))


async def authenticator(turn: Turn, _: str) -> View:
    """
    The secret while it is new, or whether there is one.
    """
    person = turn.member.person
    found = await authenticators.of(turn.session, person_id=person.id)
    if found is None or authenticators.is_ready(found):
        return AuthenticatorState(found is not None, await turn.focus())
    return Enrol(found.secret, authenticators.uri(found, person), await turn.focus())
