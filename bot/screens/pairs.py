"""
Screens about a recipient and the donors.
"""

from bot.rules.assessment import Verdict
from bot.rules.criteria import Status
from bot.rules.pairs import Candidate, pair_verdict, ranked
from bot.rules.protocol import Kind
from bot.rules.versions import PROTOCOLS
from bot.screens.base import CaseScreen
from bot.screens.signing import UNDER_WAY
from bot.turn import STAFF, Turn, View
from db.base.tables import ENDED, Case, Stage
from db.cases import cases, decisions, pairs
from db.cases.partners import linked_cases
from db.cases.records import Record

_MOST = 12


class Donors(View):
    """
    A recipient with the candidate donors, ranked; the donor chosen, if somebody has chosen.
    """

    recipient: Record
    donors: tuple[Record, ...]
    chosen: int | None
    may_screen: bool
    may_choose: bool
    may_sign: bool = False

    def verdict_with(self, donor: Record) -> Verdict:
        """
        The verdict on the recipient and this donor as a pair; one who is no longer there makes none.
        """
        if donor.case.stage in ENDED:
            return Verdict.NOT_ELIGIBLE
        return pair_verdict(self.recipient.assessment.verdict, donor.assessment.verdict)


class DonorOf(View):
    """
    A donor and the recipient they are a candidate for, if there is one.
    """

    donor: Record
    recipient: Case | None
    may_screen: bool


class ChoosePartner(View):
    """
    Cases that could be linked with this one.
    """

    record: Record
    cases: tuple[Case, ...]


class ChooseUnlink(View):
    """
    Which of the donors is no candidate any more?
    """

    record: Record
    cases: tuple[Case, ...]


def relationship_of(donor: Record) -> str | None:
    """
    What a donor is to the recipient, if that is known.
    """
    found = donor.facts.get(PROTOCOLS[donor.case.protocol].relationship.key)
    return found if isinstance(found, str) else None


def _candidate(donor: Record) -> Candidate:
    return Candidate(donor.case.code, relationship_of(donor), donor.assessment, donor.case.stage in ENDED)


class PairScreen(CaseScreen):
    code = "pair"

    async def find(self, turn: Turn, record: Record) -> View:
        partners = await linked_cases(turn.session, case=record.case)
        site = record.case.site_id
        if record.case.kind == Kind.DONOR:
            return DonorOf(record, partners[0] if partners else None, turn.may_screen(site))
        chosen = await decisions.chosen_donor(turn.session, recipient=record.case, donors=partners)
        donors = [await turn.record(donor) for donor in partners]
        in_order = tuple(ranked(donors, PROTOCOLS[record.case.protocol].donor_order, _candidate))
        pair = [] if chosen is None else [record.case, chosen]
        is_unsigned = any(one.sign_off is None for one in pair) and all(one.stage in UNDER_WAY for one in pair)
        may_sign = is_unsigned and turn.may_decide(site)
        may = turn.may_screen(site), turn.may(STAFF, site), may_sign
        return Donors(record, in_order, chosen.id if chosen else None, *may)


class LinkScreen(CaseScreen):
    code = "link"

    async def find(self, turn: Turn, record: Record) -> View | None:
        case = record.case
        if not turn.may_screen(case.site_id) or (case.kind == Kind.DONOR and case.links):
            return None
        wanted = Kind.RECIPIENT if case.kind == Kind.DONOR else Kind.DONOR
        found = await pairs.to_link(turn.session, kind=wanted, site_id=case.site_id, limit=_MOST)
        return ChoosePartner(record, tuple(found))


class LinkUnrelated(View):
    """
    A donor who is unrelated is about to be linked: the criterion fails, so that the pair never is eligible.
    """

    record: Record
    partner: Case
    donor: str
    criterion: str


class LinkUnrelatedScreen(CaseScreen):
    """
    The warning before an unrelated donor is linked.
    """

    code = "unrelated"
    otherwise = "pair"
    is_under_way = True
    partner: int

    async def find(self, turn: Turn, record: Record) -> View | None:
        partner = await cases.by_id(turn.session, case_id=self.partner, sites=turn.sites)
        if partner is None or partner.kind == record.case.kind or not turn.may_screen(record.case.site_id):
            return None
        donor = partner if partner.kind == Kind.DONOR else record.case
        failing = await unrelated(turn, donor)
        return LinkUnrelated(record, partner, donor.code, failing) if failing else None


async def unrelated(turn: Turn, donor: Case) -> str | None:
    """
    The criterion that a donor fails for not being of the recipient's family, if so.
    """
    record = await turn.record(donor)
    failing = record.assessment.ids(record.population, Status.FAIL)
    uses = record.population.uses[PROTOCOLS[donor.protocol].relationship.key]
    return next((one for one in failing if one in uses), None)


class UnlinkScreen(CaseScreen):
    code = "unlink"

    async def find(self, turn: Turn, record: Record) -> View | None:
        if not turn.may_screen(record.case.site_id) or record.case.stage == Stage.INCLUDED:
            return None
        partners = await linked_cases(turn.session, case=record.case)
        return ChooseUnlink(record, tuple(partners)) if partners else None
