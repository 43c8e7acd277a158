"""
Visits after the infusion, and what people are reminded of. Records of visits are only ever added.
"""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from db.base.tables.row import TableRow, partial
from db.base.types import UtcDateTime, now

# Indexes over the few rows that somebody looks for stay small, however many there are in all.

UNTOLD = text("sent_at IS NULL AND closed_at IS NULL")
"""The reminders that are still to be sent."""


SNOOZED = text("snoozed_until IS NOT NULL AND closed_at IS NULL")
"""The reminders that come again."""


PENDING = text("is_pending")
"""The follow-up visits that are still to take place."""


class VisitRecord(TableRow, table=True):
    """
    What somebody recorded of a follow-up visit: done on a day, missed, moved to a day, or the last of these undone.

    `detail` is the remark or the reason. `due`, `opens` and `closes` are the visit's window as it was then: what is
    done keeps it. `undoes` is the record that this one takes back, `deviation` is as in a decision.
    """

    __tablename__ = "visit_records"
    __table_args__ = (Index("ix_visit_records_case", "case_id", "month", "id"),)

    id: int = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id")
    month: int
    kind: str
    day: date | None = None
    detail: str | None = None
    deviation: str | None = None
    due: date
    opens: date
    closes: date
    undoes: int | None = Field(default=None, foreign_key="visit_records.id")
    person_id: int | None = Field(default=None, foreign_key="people.id")
    role: str | None = None
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class PlannedVisit(TableRow, table=True):
    """
    A follow-up visit as it stands: a projection of the infusion, of what was recorded, and of the site's window.

    `day` is when it took place, or is to. `record_id` is the record that still holds, of kind `kind`. `margin` is the
    days on either side of the due day. `sequence` counts the changes, the last of them at `changed_at`. Whether the
    recipient is followed at all is the case's stage to say.
    """

    __tablename__ = "visits"
    __table_args__ = (
        partial("ix_visits_pending", "site_id", "opens", where=PENDING),
        partial("ix_visits_margin", "margin", where=PENDING),
        Index("ix_visits_day", "day", "case_id"),
        Index("ix_visits_site_day", "site_id", "day"),
    )

    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_column_kwargs={"autoincrement": False})
    month: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    site_id: int = Field(foreign_key="sites.id")
    due: date
    opens: date
    closes: date
    day: date
    kind: str | None = None
    record_id: int | None = None
    is_pending: bool = True
    margin: int
    sequence: int = 0
    changed_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Reminder(TableRow, table=True):
    """
    Something of a case of which a person is reminded once. `key` names the occurrence: the same one is never raised
    twice for a person. `day` is when it fell due, `detail` what it speaks of besides the case.
    """

    __tablename__ = "reminders"
    __table_args__ = (
        UniqueConstraint("person_id", "key"),
        Index("ix_reminders_case", "case_id"),
        partial("ix_reminders_untold", "site_id", "day", where=UNTOLD),
        partial("ix_reminders_snoozed", "site_id", "snoozed_until", where=SNOOZED),
    )

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="people.id")
    case_id: int = Field(foreign_key="cases.id")
    site_id: int = Field(foreign_key="sites.id")
    kind: str
    key: str
    detail: str = ""
    day: date
    is_urgent: bool = False
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_on: date | None = None
    snoozed_until: date | None = None
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class MutedKind(TableRow, table=True):
    """
    A kind of reminder that a person does not want: about one case, or about any where `case_id` is 0.
    """

    __tablename__ = "muted_kinds"

    person_id: int = Field(foreign_key="people.id", primary_key=True, sa_column_kwargs={"autoincrement": False})
    kind: str = Field(primary_key=True)
    case_id: int = Field(default=0, primary_key=True, sa_column_kwargs={"autoincrement": False})
