"""
What there is to show of decisions: what can be decided, what is signed, with which code.
"""

from dataclasses import dataclass, field
from datetime import datetime

from bot.study import Study
from bot.views import Signed, View, asked
from db.base.tables import Case
from db.cases.decisions import digest_of
from db.cases.records import Record

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


@dataclass(frozen=True)
class Enrol(View):
    """
    The secret for the authenticator app, as text and as a QR code; the case in focus, to return to.
    """

    secret: str = field(repr=False)
    uri: str = field(repr=False)
    case: Case | None = None

    @property
    def asks(self) -> str:
        """
        As View.asks.
        """
        return "authenticator"


@dataclass(frozen=True)
class AuthenticatorState(View):
    """
    Whether the person has an authenticator app set up; the case in focus, to return to.
    """

    is_ready: bool
    case: Case | None
