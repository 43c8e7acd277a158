"""
A case as a whole.
"""

from bot.coded import Screen
from bot.rules.protocol import Kind
from bot.screens import visits
from bot.screens.base import CaseScreen
from bot.screens.infusions import InfusionScreen, may_begin
from bot.screens.proposals import Proposed, proposed_for
from bot.screens.stored import Stored, TakesLists, stored_last
from bot.screens.upshot import AfterAnswer, Upshot, with_upshot
from bot.turn import Turn, View
from db.base.tables import Case, Decision, DecisionKind, Person
from db.cases import decisions, signatures
from db.cases.decisions import SIGN_OFFS
from db.cases.partners import linked_cases
from db.cases.queries import still_open
from db.cases.records import Record
from db.cases.signatures import Signed
from db.follow_up import planned
from db.follow_up.planned import Infusion
from db.follow_up.visits import Followed


class Summary(TakesLists, AfterAnswer):
    """
    The verdict, why, and what is missing. `in_full` shows every criterion. `may_screen` offers to go on, `may_decide`
    to sign. `queries` are the open ones; `last_by` gave the last answer. `voided` is a sign-off that holds no longer,
    with when it ceased to. `follow_up` is the screen to go on with after inclusion, `visits` are those of a recipient.
    `stored` is what was stored just before; `proposed` a screen failure that waits for an investigator, `ended` the
    decision by which the case has left the trial. `deviation` is in what the infusion deviates.
    """

    in_full: bool
    may_screen: bool
    may_decide: bool = False
    queries: tuple[str, ...] = ()
    partners: tuple[Case, ...] = ()
    last_by: str | None = None
    signed: Signed | None = None
    follow_up: Screen | None = None
    visits: tuple[Followed, ...] = ()
    voided: Signed | None = None
    stored: Stored | None = None
    proposed: Proposed | None = None
    ended: Decision | None = None
    deviation: tuple[str, ...] = ()
    upshot: Upshot | None = None


async def _voided(turn: Turn, record: Record) -> Signed | None:
    """
    The last sign-off, if it has been voided and nobody has signed again.
    """
    if record.case.sign_off is not None:
        return None
    found = await decisions.of_case(turn.session, case=record.case)
    by_id = {decision.id: (decision, person) for decision, person in found}
    last = next((one for one, _ in found if one.kind in {*SIGN_OFFS, DecisionKind.VOIDED}), None)
    if last is None or last.voids not in by_id:
        return None
    sign_off, signer = by_id[last.voids]
    return Signed(sign_off.kind, sign_off.about, signer.name if signer else "", last.at)


async def _infusion(turn: Turn, record: Record) -> Infusion | None:
    return await planned.infusion(turn.session, case=record.case) if record.case.kind == Kind.RECIPIENT else None


def _follow_up(turn: Turn, record: Record, infusion: Infusion | None) -> Screen | None:
    """
    The screen of the follow-up that a summary leads to: the visits, or the infusion where none is recorded yet.
    """
    if infusion is not None:
        return visits.VisitsScreen()
    return InfusionScreen() if may_begin(turn, record) else None


class SummaryScreen(CaseScreen):
    code = "summary"

    async def find(self, turn: Turn, record: Record) -> View | None:
        case = record.case
        infusion = await _infusion(turn, record)
        last = await turn.session.get(Person, record.answers[-1].person_id) if record.answers else None
        view = Summary(
            record,
            isinstance(self, DetailsScreen),
            turn.may_screen(case.site_id),
            turn.may_decide(case.site_id),
            queries=await still_open(turn.session, record=record),
            partners=tuple(await linked_cases(turn.session, case=case)),
            last_by=last.name if last else None,
            signed=await signatures.of_case(turn.session, case=case, now=turn.now),
            voided=await _voided(turn, record),
            follow_up=_follow_up(turn, record, infusion),
            deviation=infusion.deviation if infusion else (),
            visits=await visits.of_case(turn, record),
            stored=stored_last(turn, record),
            proposed=await proposed_for(turn, record),
            ended=await decisions.end_of(turn.session, case=case),
        )
        return await with_upshot(turn, record, view)


class DetailsScreen(SummaryScreen):
    """
    The same with every criterion.
    """

    code = "details"
