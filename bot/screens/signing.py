"""
Screens in which somebody signs: what is signed, and what stands in the way.
"""

from datetime import date, datetime
from typing import Self

from msgspec.structs import replace

from bot.rules.assessment import Verdict
from bot.rules.criteria import Status
from bot.rules.protocol import Kind
from bot.screens.base import CaseScreen
from bot.screens.endings import AskDay, DatedScreen
from bot.turn import Turn, View, asked
from db.base.tables import ENDED, Case, DecisionKind, Stage
from db.cases import decisions, signatures
from db.cases.decisions import digest_of
from db.cases.partners import linked_cases
from db.cases.queries import still_open
from db.cases.records import Record
from db.cases.signatures import Dismissed
from db.people import authenticators

UNDER_WAY = frozenset({Stage.SCREENING, Stage.FINISHED, Stage.SIGNED, Stage.INCLUDED})


class Sign(View):
    """
    What is being signed: `kind` is the meaning, `about` the primary reason of a screen failure and `day` that on which
    it was found. Once nothing stands in the way, the person's one-time code signs; after too many wrong ones, not
    before `locked_until`.
    """

    subjects: tuple[Record, ...]
    kind: str
    about: str | None
    queries: dict[int, tuple[str, ...]]
    dismissed: dict[int, tuple[Dismissed, ...]]
    is_enrolled: bool
    locked_until: datetime | None = None
    day: date | None = None

    @property
    def unknown(self) -> tuple[Record, ...]:
        """
        The cases of which something is unknown.
        """
        return tuple(record for record in self.subjects if record.assessment.verdict == "incomplete")

    @property
    def is_ready(self) -> bool:
        """
        Whether a code would sign it.
        """
        return self.is_enrolled and not self.unknown and not any(self.queries.values())

    @property
    def asks(self) -> str | None:
        """
        As View.asks: the code signs what is shown, these cases with these answers, and nothing else.
        """
        if not self.is_ready:
            return None
        what = f"{self.kind}:{self.about or ''}:{self.day or ''}:{digest_of(self.subjects)}"
        return asked(self.subjects[0].case, f"sign:{what}")


class ChooseCriterion(View):
    """
    Which failing criterion is the primary reason of the screen failure?
    """

    record: Record
    screen: "OfCriterion"


async def _sign(
    turn: Turn, subjects: list[Record], kind: DecisionKind, about: str | None = None, day: date | None = None
) -> View | None:
    if not all(turn.may_decide(one.case.site_id) and one.case.stage in UNDER_WAY for one in subjects):
        return None
    queries = {one.case.id: await still_open(turn.session, record=one) for one in subjects}
    dismissed = {one.case.id: await signatures.dismissed(turn.session, record=one) for one in subjects}
    authenticator = await authenticators.of(turn.session, person_id=turn.member.person.id)
    locked_until = authenticator.locked_until if authenticator is not None else None
    return Sign(
        tuple(subjects),
        kind,
        about,
        queries,
        dismissed,
        authenticators.is_ready(authenticator),
        locked_until if locked_until is not None and turn.now < locked_until else None,
        day,
    )


async def chosen_donor(turn: Turn, case: Case) -> Case | None:
    """
    The donor chosen for a recipient, if one is.
    """
    if case.kind != Kind.RECIPIENT or not case.links:
        return None
    donors = await linked_cases(turn.session, case=case)
    return await decisions.chosen_donor(turn.session, recipient=case, donors=donors)


async def has_parted(turn: Turn, case: Case) -> bool:
    """
    Whether the other one of the pair has left the trial: of that which is included, or would be.
    """
    if await decisions.is_parted(turn.session, case=case):
        return True
    if case.kind == Kind.RECIPIENT:
        partner = await chosen_donor(turn, case)
    else:
        partner = next(iter(await linked_cases(turn.session, case=case)), None)
    return partner is not None and partner.stage in ENDED


class SignScreen(CaseScreen):
    """
    The recipient with the chosen donor, where both are eligible and unsigned; else, or for "alone", the case by itself.
    """

    code = "sign"
    otherwise = "decide"
    what: str = ""

    async def find(self, turn: Turn, record: Record) -> View | None:
        partner = None if self.what == "alone" else await self._partner(turn, record)
        subjects = [record] if partner is None else [record, await turn.record(partner)]
        if partner is None and record.assessment.verdict is Verdict.NOT_ELIGIBLE:
            return await FailureScreen().find(turn, record)
        if await has_parted(turn, record.case):
            return None
        if any(one.assessment.verdict is Verdict.NOT_ELIGIBLE or one.case.sign_off is not None for one in subjects):
            return None
        return await _sign(turn, subjects, DecisionKind.SIGNED)

    async def _partner(self, turn: Turn, record: Record) -> Case | None:
        donor = await chosen_donor(turn, record.case)
        if donor is None or self.what == "pair":
            return donor
        is_open = record.case.sign_off is None and donor.sign_off is None and donor.stage in UNDER_WAY
        return donor if is_open and {record.assessment.verdict, donor.verdict} == {Verdict.ELIGIBLE} else None


class OfCriterion(DatedScreen):
    """
    A screen about a criterion that fails, which is asked for first, and then a day.
    """

    criterion: str = ""
    day: date | None = None

    def about(self, criterion: str) -> Self:
        return replace(self, criterion=criterion)


class FailureScreen(OfCriterion):
    """
    The case as a screen failure: first its primary reason, then the day, then the signature.
    """

    code = "failure"

    async def find(self, turn: Turn, record: Record) -> View | None:
        failing = record.assessment.ids(record.population, Status.FAIL)
        case = record.case
        is_past = case.sign_off is not None or case.stage == Stage.INCLUDED
        if not failing or is_past or not turn.may_decide(case.site_id):
            return None
        if self.criterion not in failing:
            return ChooseCriterion(record, self)
        if self.day is None or self.day > record.as_of:
            return AskDay(record, DecisionKind.SCREEN_FAILURE, self)
        return await _sign(turn, [record], DecisionKind.SCREEN_FAILURE, self.criterion, self.day)
