"""
What there is to show of a recipient and their donors.
"""

from dataclasses import dataclass

from bot.rules.assessment import Verdict
from bot.rules.pairs import pair_verdict
from bot.views import View
from db.base.tables import ENDED, Case
from db.cases.records import Record


@dataclass(frozen=True)
class Donors(View):
    """
    A recipient with the candidate donors, ranked; the donor chosen, if somebody has chosen.
    """

    recipient: Record
    donors: tuple[Record, ...]
    chosen: int | None
    may_screen: bool
    may_choose: bool

    def verdict_with(self, donor: Record) -> Verdict:
        """
        The verdict on the recipient and this donor as a pair; one who is no longer there makes none.
        """
        if donor.case.stage in ENDED:
            return Verdict.NOT_ELIGIBLE
        return pair_verdict(self.recipient.assessment.verdict, donor.assessment.verdict)


@dataclass(frozen=True)
class DonorOf(View):
    """
    A donor and the recipient they are a candidate for, if there is one.
    """

    donor: Record
    recipient: Case | None
    may_screen: bool


@dataclass(frozen=True)
class ChoosePartner(View):
    """
    Cases that could be linked with this one.
    """

    record: Record
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class ChooseUnlink(View):
    """
    Which of the donors is no candidate any more?
    """

    record: Record
    cases: tuple[Case, ...]
