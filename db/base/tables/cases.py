"""
Cases, their answers and links, and what was decided about them. Answers and decisions are only ever added.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from db.base.tables.row import TableRow, partial
from db.base.types import UtcDateTime, now

# Indexes over the few rows that somebody looks for stay small, however many there are in all.


class Stage(StrEnum):
    """
    How far a case has come.
    """

    SCREENING = "screening"
    FINISHED = "finished"
    DISCARDED = "discarded"
    SIGNED = "signed"
    SCREEN_FAILURE = "screen_failure"
    INCLUDED = "included"
    WITHDRAWN = "withdrawn"
    CONSENT_REFUSED = "consent_refused"
    LOST = "lost"


ENDED = frozenset({Stage.WITHDRAWN, Stage.CONSENT_REFUSED, Stage.LOST})
"""The stages in which nothing more is done for a case, and it stands for nothing in another."""


class DecisionKind(StrEnum):
    """
    What a person decides about a case; and what ends a sign-off, which a later answer does by itself. A proposed screen
    failure is confirmed as one, or declined.
    """

    SIGNED = "signed"
    SCREEN_FAILURE = "screen_failure"
    FAILURE_PROPOSED = "failure_proposed"
    FAILURE_DECLINED = "failure_declined"
    VOIDED = "voided"
    INCLUDED = "included"
    UNINCLUDED = "unincluded"
    INFUSED = "infused"
    INFUSION_TAKEN_BACK = "infusion_taken_back"
    WITHDRAWN = "withdrawn"
    CONSENT_REFUSED = "consent_refused"
    LOST = "lost"
    REOPENED = "reopened"
    DONOR_CHOSEN = "donor_chosen"
    QUERY_DISMISSED = "query_dismissed"


class Source(StrEnum):
    """
    How an answer came to be. Two kinds repeat an earlier one: what stands again after others were taken back, and what
    was only given a day or place of the examination.
    """

    ASKED = "asked"
    DERIVED = "derived"
    IMPORTED = "imported"
    QUICK_ENTRY = "quick_entry"
    TAKEN_BACK = "taken_back"
    DATED = "dated"


class Examination(StrEnum):
    """
    What a result comes from. "other" has words.
    """

    LABORATORY = "laboratory"
    LUNG_FUNCTION = "lung_function"
    ECHOCARDIOGRAPHY = "echocardiography"
    CATHETERISATION = "catheterisation"
    IMAGING = "imaging"
    CLINIC = "clinic"
    RECORD = "record"
    OTHER = "other"


LINKED = text("unlinked_at IS NULL")
"""The links that hold."""


INCLUDED = text("included_at IS NOT NULL")
"""The cases that were included, whatever has become of them since."""


ONE_MISSING = text("stage = 'screening' AND verdict = 'incomplete' AND to_ask + awaited = 1")
"""The cases one item away from a verdict."""


ONE_FAILING = text("stage = 'screening' AND failures = 1")
"""The cases that a single criterion keeps out."""


OPEN_QUERY = text("open_queries > 0 AND stage IN ('screening', 'finished', 'signed', 'included')")
"""The cases whose answers contradict each other, and nobody has said why."""


AWAITED = text("awaited > 0 AND stage IN ('screening', 'included')")
"""The cases that wait for a result."""


DEVIATION = text("deviations > 0 AND stage != 'discarded'")
"""The cases whose follow-up deviates from the protocol."""


PROPOSED = text("proposal IS NOT NULL")
"""The cases whose screen failure somebody proposes."""


OLD = text("old_on IS NOT NULL")
"""The cases with a result that grows old."""


AT_ONCE = date(1970, 1, 1)
"""For `Case.remind_on`: something has changed, so the next sweep works the reminders of the case out anew."""


class Case(TableRow, table=True):
    """
    A recipient or a donor being screened, known by its code only.

    `revision` counts the answers: a button shown at an earlier revision is stale. `in_full` says that a person chose to
    complete the record although the verdict is settled. `links` counts the partners, `sign_off` is the decision that
    signs the case as it stands; `included_at` stays when an included case ends. The reminders of a case are worked out
    when `remind_on` is reached. The last block is a projection of the answers, written with them, for lists: `failing`,
    `open` and `queries` hold ids separated by spaces, `missing` item keys, each with a space on both sides;
    `rechecked_on` is when time alone last changed it, `old_on` when the first of its results is old; `deviations`
    counts those of the follow-up that stand; `proposal` is the decision that proposes a screen failure.
    """

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("site_id", "kind", "number"),
        Index("ix_cases_site_stage_touched", "site_id", "stage", "touched_at"),
        partial("ix_cases_included", "kind", where=INCLUDED),
        Index("ix_cases_remind", "site_id", "remind_on"),
        partial("ix_cases_one_missing", "site_id", "touched_at", where=ONE_MISSING),
        partial("ix_cases_one_failing", "site_id", "touched_at", where=ONE_FAILING),
        partial("ix_cases_open_query", "site_id", "touched_at", where=OPEN_QUERY),
        partial("ix_cases_awaited", "site_id", "touched_at", where=AWAITED),
        partial("ix_cases_deviation", "site_id", "touched_at", where=DEVIATION),
        partial("ix_cases_proposal", "site_id", "touched_at", where=PROPOSED),
        partial("ix_cases_old", "site_id", "old_on", where=OLD),
    )

    id: int = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    kind: str
    site_id: int = Field(foreign_key="sites.id")
    number: int
    protocol: str
    stage: str = Stage.SCREENING
    revision: int = 0
    in_full: bool = False
    opened_by: int = Field(foreign_key="people.id")
    opened_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    touched_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    links: int = 0
    sign_off: int | None = None
    included_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    remind_on: date | None = AT_ONCE

    verdict: str
    assessed_on: date
    answered: int = 0
    to_ask: int = 0
    awaited: int = 0
    failures: int = 0
    failing: str = ""
    open: str = ""
    missing: str = ""
    queries: str = ""
    open_queries: int = 0
    deviations: int = 0
    proposal: int | None = None
    old_on: date | None = None
    rechecked_on: date | None = None
    recheck_on: date | None = Field(default=None, index=True)


class Answer(TableRow, table=True):
    """
    An answer as entered, in file form as JSON text. No value: "not available yet". The newest of an item counts.

    `examined_on` and `examined_by` are the day of the examination and its kind, `examined_words` names another one.
    Answers of one quick entry have the `batch` of its first one's revision. `repeats` is there in a row that gives
    nothing new: the revision of the answer that stands (again), with that one's value, or 0 where none does.
    """

    __tablename__ = "answers"

    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_column_kwargs={"autoincrement": False})
    revision: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    item: str
    value: str | None
    source: str = Source.ASKED
    reason: str | None = None
    examined_on: date | None = None
    examined_by: str | None = None
    examined_words: str | None = None
    batch: int | None = None
    repeats: int | None = None
    person_id: int = Field(foreign_key="people.id")
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Tally(TableRow, table=True):
    """
    How many cases there are of each sort. The database itself counts, whenever a case changes, so that an overview
    costs the same however many there are.
    """

    __tablename__ = "tallies"

    site_id: int = Field(foreign_key="sites.id", primary_key=True, sa_column_kwargs={"autoincrement": False})
    kind: str = Field(primary_key=True)
    stage: str = Field(primary_key=True)
    verdict: str = Field(primary_key=True)
    number: int = 0


class Link(TableRow, table=True):
    """
    A donor who is a candidate for a recipient. A donor belongs to one recipient at a time.
    """

    __tablename__ = "links"
    __table_args__ = (
        partial("ix_links_donor", "donor_id", where=LINKED, unique=True),
        partial("ix_links_recipient", "recipient_id", where=LINKED),
    )

    id: int = Field(default=None, primary_key=True)
    recipient_id: int = Field(foreign_key="cases.id")
    donor_id: int = Field(foreign_key="cases.id")
    linked_by: int = Field(foreign_key="people.id")
    linked_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    unlinked_by: int | None = Field(default=None, foreign_key="people.id")
    unlinked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Decision(TableRow, table=True):
    """
    What a person decided about a case, or about a recipient and a donor together (`partner_id`).

    `about` says more: the criterion that is the primary reason of a screen failure, the query dismissed, the day of an
    infusion, the newest of which counts. `digest` is a hash of what was decided upon. `voids` is the sign-off that a
    decision of kind "voided" ends, or the infusion that was taken back. `day` is when what it speaks of happened,
    `deviation` in what an infusion deviates from the protocol, in words separated by spaces.
    """

    __tablename__ = "decisions"

    id: int = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id", index=True)
    partner_id: int | None = Field(default=None, foreign_key="cases.id", index=True)
    kind: str
    about: str | None = None
    day: date | None = None
    deviation: str | None = None
    reason: str | None = None
    protocol: str
    digest: str
    voids: int | None = Field(default=None, foreign_key="decisions.id")
    person_id: int | None = Field(default=None, foreign_key="people.id")
    role: str | None = None
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
