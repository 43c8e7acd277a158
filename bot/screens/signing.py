"""
Screens in which somebody signs: what is signed, and what stands in the way.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.rules.assessment import Verdict
from bot.rules.protocol import Status
from bot.screens.decisions import UNDER_WAY, choices, chosen_donor
from bot.turn import Turn, View, asked
from db.base.tables import DecisionKind, Stage
from db.cases.decisions import digest_of
from db.cases.queries import still_open
from db.cases.records import Record
from db.people import authenticators


@dataclass(frozen=True)
class Sign(View):
    """
    What is being signed: `kind` is the meaning, `about` the primary reason of a screen failure. Once nothing stands in
    the way, the person's one-time code signs; after too many wrong ones, not before `locked_until`.
    """

    subjects: tuple[Record, ...]
    kind: str
    about: str | None
    queries: dict[int, tuple[str, ...]]
    is_enrolled: bool
    locked_until: datetime | None = None

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
        return asked(self.subjects[0].case, f"sign:{self.kind}:{self.about or ''}:{digest_of(self.subjects)}")


@dataclass(frozen=True)
class ChooseCriterion(View):
    """
    Which failing criterion is the primary reason of the screen failure?
    """

    record: Record


async def sign(turn: Turn, record: Record, rest: str) -> View | None:
    """
    The case as eligible, or, for "pair", the recipient and the chosen donor.
    """
    partner = await chosen_donor(turn, record.case) if rest == "pair" else None
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
    if not all(turn.may_decide(one.case.site_id) and one.case.stage in UNDER_WAY for one in subjects):
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
