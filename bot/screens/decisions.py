"""
Screens in which somebody decides about a case: what can be decided, and with what reason.
"""

from bot.coded import Screen
from bot.rules.assessment import Verdict
from bot.rules.protocol import Kind
from bot.screens.base import CaseScreen
from bot.screens.endings import EndingScreen, ways_to_end
from bot.screens.proposals import Proposed, ProposeScreen, may_propose, proposed_for
from bot.screens.signing import UNDER_WAY, FailureScreen, SignScreen, chosen_donor, has_parted
from bot.study import Study
from bot.turn import STAFF, Turn, View, asked
from db.base.tables import ENDED, Case, DecisionKind, Stage
from db.cases import cases, decisions, signatures
from db.cases.queries import still_open
from db.cases.records import Record
from db.cases.signatures import Signed
from db.follow_up import planned

REASONS: dict[str, tuple[str, ...]] = {
    "reopened": ("mistake", "news"),
    "unincluded": ("mistake", "news"),
    "voided": ("mistake", "news"),
    "failure_declined": ("to_check", "other_criterion"),
    "query_dismissed": ("source_checked", "explained"),
}
"""By kind of decision: the reasons offered. Another one can be typed."""


class Choices(View):
    """
    What can be decided about a case now. `steps` are screens of the case in the order in which they are offered.
    """

    record: Record
    steps: tuple[Screen, ...]
    queries: tuple[str, ...]
    signed: Signed | None
    partner: Case | None
    why_not: tuple[str, ...] = ()
    unsigned: Case | None = None
    proposed: Proposed | None = None


class ChooseQuery(View):
    """
    The open queries, to dismiss one.
    """

    record: Record
    queries: tuple[str, ...]


class WhyDecide(View):
    """
    The reason of a decision: a button, or typed. It is about the `partner` as well, where there is one.
    """

    record: Record
    kind: str
    about: str | None = None
    partner: Case | None = None

    @property
    def asks(self) -> str:
        """
        As View.asks. What linked cases lend belongs to what is decided upon.
        """
        return asked(self.record.case, f"{self.kind}:{self.about or ''}:{self.record.digest}")


class Include(View):
    """
    A pair that is about to be included, and what the study's targets and dates say of it. `counted` are the recipients
    and donors included so far.
    """

    recipient: Record
    donor: Record
    study: Study
    counted: tuple[int, int]


async def _steps(turn: Turn, record: Record, queries: tuple[str, ...], partner: Case | None) -> tuple[Screen, ...]:
    """
    The screens of what this person may decide about a case at its stage.
    """
    case = record.case
    found: list[Screen] = []
    if queries:
        found.append(DismissScreen())
    if turn.may_decide(case.site_id):
        found += await _of_deciders(turn, record, partner)
    elif may_propose(turn, record):
        found.append(ProposeScreen())
    if case.stage in ENDED:
        found.append(EndScreen(DecisionKind.REOPENED))
    if await _may_uninclude(turn, case):
        found.append(EndScreen(DecisionKind.UNINCLUDED))
    return (*found, *map(EndingScreen, ways_to_end(turn, case)))


async def _of_deciders(turn: Turn, record: Record, partner: Case | None) -> list[Screen]:
    """
    Those of them that are an investigator's: a proposal to settle, signatures, inclusion.
    """
    case, found = record.case, list[Screen]()
    proposed = await proposed_for(turn, record)
    if proposed is not None:
        confirm = FailureScreen(proposed.criterion, proposed.day)
        found += [confirm, EndScreen(DecisionKind.FAILURE_DECLINED)]
    else:
        found += _to_sign(case, record.assessment.verdict, partner, has_parted=await has_parted(turn, case))
    if await _may_include(turn, case, partner):
        found.append(IncludeScreen())
    if case.sign_off is not None and case.stage != Stage.INCLUDED:
        found.append(EndScreen(DecisionKind.VOIDED))
    return found


def _to_sign(case: Case, verdict: str, partner: Case | None, *, has_parted: bool) -> list[Screen]:
    """
    What an investigator may sign. Whoever is included is no screen failure any more: that is taken back first.
    """
    if case.stage not in UNDER_WAY or case.sign_off is not None:
        return []
    if verdict == Verdict.NOT_ELIGIBLE:
        return [FailureScreen()] if case.stage != Stage.INCLUDED else []
    if has_parted:
        return []
    if partner is None or partner.sign_off is not None or partner.stage not in UNDER_WAY:
        return [SignScreen()]
    return [SignScreen()] if partner.verdict == Verdict.NOT_ELIGIBLE else [SignScreen("pair"), SignScreen("alone")]


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


def _unsigned(turn: Turn, case: Case, donor: Case | None) -> Case | None:
    """
    The one of a recipient and the chosen donor whose sign-off lacks while that of the other is there.
    """
    pair = [] if donor is None or case.stage in ENDED else [case, donor]
    lacking = [one for one in pair if one.sign_off is None and one.stage in UNDER_WAY]
    return lacking[0] if len(lacking) == 1 and turn.may_decide(case.site_id) else None


async def _why_not(turn: Turn, record: Record, steps: tuple[Screen, ...], partner: Case | None) -> tuple[str, ...]:
    """
    Of what might be looked for here, why it cannot be: nobody is a screen failure who is included, nothing is signed
    that is incomplete, nobody is included without a donor that is chosen, and whoever is infused stays in the trial.
    """
    case, verdict = record.case, record.assessment.verdict
    found = []
    may_uninclude = EndScreen(DecisionKind.UNINCLUDED) in steps
    if case.stage == Stage.INCLUDED and verdict is Verdict.NOT_ELIGIBLE:
        found.append("failure_included" if may_uninclude else "failure_stays")
    if case.kind == Kind.RECIPIENT and case.stage == Stage.SIGNED and partner is None:
        found.append("include_unchosen" if case.links else "include_unlinked")
    if case.stage in UNDER_WAY and case.sign_off is None and await has_parted(turn, case):
        found.append("sign_parted")
    elif verdict is Verdict.INCOMPLETE and case.stage in UNDER_WAY:
        found.append("sign_incomplete")
    if case.stage == Stage.INCLUDED and not may_uninclude:
        pair = filter(None, (case, await decisions.included_with(turn.session, case=case)))
        is_infused = any([await planned.infusion(turn.session, case=one) is not None for one in pair])
        found.append("uninclude_infused" if is_infused else "uninclude_investigator")
    return tuple(found)


class DecideScreen(CaseScreen):
    code = "decide"

    async def find(self, turn: Turn, record: Record) -> Choices | None:
        if not turn.may(STAFF, record.case.site_id):
            return None
        queries = await still_open(turn.session, record=record)
        partner = await chosen_donor(turn, record.case)
        steps = await _steps(turn, record, queries, partner)
        why_not = await _why_not(turn, record, steps, partner)
        unsigned = _unsigned(turn, record.case, partner)
        proposed = await proposed_for(turn, record)
        signed = await signatures.of_case(turn.session, case=record.case, now=turn.now)
        return Choices(record, steps, queries, signed, partner, why_not, unsigned, proposed)


class DismissScreen(CaseScreen):
    """
    The open queries, or the reason to dismiss one.
    """

    code = "dismiss"
    query: str = ""

    async def find(self, turn: Turn, record: Record) -> View | None:
        queries = await still_open(turn.session, record=record)
        if not queries or not turn.may(STAFF, record.case.site_id):
            return None
        if self.query not in queries:
            return ChooseQuery(record, queries)
        return WhyDecide(record, DecisionKind.QUERY_DISMISSED, self.query)


class EndScreen(CaseScreen):
    """
    Asks why a decision is taken back.
    """

    code = "end"
    kind: str

    async def find(self, turn: Turn, record: Record) -> View | None:
        view = await DecideScreen().find(turn, record)
        if view is None or self not in view.steps:
            return view
        is_of_both = self.kind == DecisionKind.UNINCLUDED
        partner = await decisions.included_with(turn.session, case=record.case) if is_of_both else None
        return WhyDecide(record, self.kind, partner=partner)


class IncludeScreen(CaseScreen):
    code = "include"
    otherwise = "decide"

    async def find(self, turn: Turn, record: Record) -> View | None:
        donor, may_decide = await chosen_donor(turn, record.case), turn.may_decide(record.case.site_id)
        if donor is None or not may_decide or not await _may_include(turn, record.case, donor):
            return None
        counted = await cases.included(turn.session)
        pair = record, await turn.record(donor)
        return Include(*pair, turn.deployment.study, (counted[Kind.RECIPIENT], counted[Kind.DONOR]))
