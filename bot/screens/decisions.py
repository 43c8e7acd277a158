"""
Screens in which somebody decides about a case: what can be decided, and with what reason.
"""

from dataclasses import dataclass

from bot.rules.assessment import Verdict
from bot.rules.protocol import Kind
from bot.screens.summary import Signed, signed
from bot.study import Study
from bot.turn import STAFF, Turn, View, asked
from db.base.tables import ENDED, Case, DecisionKind, Stage
from db.cases import cases, decisions
from db.cases.partners import linked_cases
from db.cases.queries import still_open
from db.cases.records import Record
from db.follow_up import planned

REASONS: dict[str, tuple[str, ...]] = {
    "withdrawn": ("patient", "physician", "adverse_event", "death"),
    "consent_refused": ("not_wanted", "burden", "risks", "not_given"),
    "lost": ("unreachable", "moved"),
    "reopened": ("mistake", "news"),
    "unincluded": ("mistake", "news"),
    "voided": ("mistake", "news"),
    "query_dismissed": ("source_checked", "explained"),
}
"""By kind of decision: the reasons offered. Another one can be typed."""


@dataclass(frozen=True)
class Choices(View):
    """
    What can be decided about a case now. `steps` name screens of the case in the order in which they are offered.
    """

    record: Record
    steps: tuple[str, ...]
    queries: tuple[str, ...]
    signed: Signed | None
    partner: Case | None


@dataclass(frozen=True)
class ChooseQuery(View):
    """
    The open queries, to dismiss one.
    """

    record: Record
    queries: tuple[str, ...]


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class Include(View):
    """
    A pair that is about to be included, and what the study's targets and dates say of it. `counted` are the recipients
    and donors included so far.
    """

    recipient: Record
    donor: Record
    study: Study
    counted: tuple[int, int]


_BEFORE_INCLUSION = frozenset({Stage.SCREENING, Stage.FINISHED, Stage.SIGNED, Stage.SCREEN_FAILURE})
UNDER_WAY = frozenset({Stage.SCREENING, Stage.FINISHED, Stage.SIGNED, Stage.INCLUDED})


async def choices(turn: Turn, record: Record, _: str = "") -> View | None:
    """
    What can be decided now.
    """
    if not turn.may(STAFF, record.case.site_id):
        return None
    queries = await still_open(turn.session, record=record)
    partner = await chosen_donor(turn, record.case)
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
    if case.stage not in UNDER_WAY or case.sign_off is not None:
        return []
    if verdict == Verdict.NOT_ELIGIBLE:
        return ["failure"] if case.stage != Stage.INCLUDED else []
    if partner is None or partner.sign_off is not None or partner.stage not in UNDER_WAY:
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


async def chosen_donor(turn: Turn, case: Case) -> Case | None:
    """
    The donor chosen for a recipient, if one is.
    """
    if case.kind != Kind.RECIPIENT or not case.links:
        return None
    donors = await linked_cases(turn.session, case=case)
    return await decisions.chosen_donor(turn.session, recipient=case, donors=donors)


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
    donor = await chosen_donor(turn, record.case)
    if donor is None or not turn.may_decide(record.case.site_id) or not await _may_include(turn, record.case, donor):
        return await choices(turn, record)
    counted = await cases.included(turn.session)
    pair = record, await turn.record(donor)
    return Include(*pair, turn.deployment.study, (counted[Kind.RECIPIENT], counted[Kind.DONOR]))
