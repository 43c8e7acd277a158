"""
The tables. Answers and audit entries are only ever added; the database itself refuses to change them.
"""

from datetime import UTC, date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from db.types import UtcDateTime


def now() -> datetime:
    """
    The present time, aware, in UTC.
    """
    return datetime.now(UTC)


class PersonRole(StrEnum):
    """
    What a person may do.
    """

    ADMINISTRATOR = "administrator"
    COORDINATOR = "coordinator"
    INVESTIGATOR = "investigator"
    MONITOR = "monitor"


class Stage(StrEnum):
    """
    How far a case has come.
    """

    SCREENING = "screening"
    FINISHED = "finished"
    DISCARDED = "discarded"


class Source(StrEnum):
    """
    How an answer came to be.
    """

    ASKED = "asked"
    DERIVED = "derived"
    IMPORTED = "imported"
    QUICK_ENTRY = "quick_entry"


class UpdateState(StrEnum):
    """
    How far an update has been worked: received, its effect committed, its reply shown; or set aside as one that fails.
    """

    RECEIVED = "received"
    DONE = "done"
    SHOWN = "shown"
    SET_ASIDE = "set_aside"


UNSHOWN = text("state != 'shown'")
"""The few updates that still need something done: an index over these stays small."""


class Site(SQLModel, table=True):
    """
    A trial site. `time_zone` decides what day it is there.
    """

    __tablename__ = "sites"

    id: int = Field(default=None, primary_key=True)
    number: int = Field(unique=True)
    name: str
    time_zone: str


class Person(SQLModel, table=True):
    """
    A member of the trial's staff, known by Telegram's numeric id and nothing else.
    """

    __tablename__ = "people"

    id: int = Field(default=None, primary_key=True)
    telegram_id: int = Field(sa_type=BigInteger, unique=True)
    name: str
    language: str
    is_active: bool = True
    joined_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Membership(SQLModel, table=True):
    """
    A role that a person has at a site; at every site where `site_id` is empty.
    """

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("person_id", "role", "site_id"),)

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="people.id", index=True)
    role: str
    site_id: int | None = Field(default=None, foreign_key="sites.id")


class Invitation(SQLModel, table=True):
    """
    A code that makes whoever presents it first a member. Only its hash is stored.
    """

    __tablename__ = "invitations"

    id: int = Field(default=None, primary_key=True)
    code_hash: str = Field(unique=True)
    roles: str
    site_id: int | None = Field(default=None, foreign_key="sites.id")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    redeemed_by: int | None = Field(default=None, foreign_key="people.id")
    redeemed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Case(SQLModel, table=True):
    """
    A recipient or a donor being screened, known by its code only.

    `revision` counts the answers: a button shown at an earlier revision is stale. `in_full` says that a person chose to
    complete the record although the verdict is settled. The last block is a projection of the answers, written with
    them, for lists: `failing` and `open` hold criterion ids separated by spaces.
    """

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("site_id", "kind", "number"),
        Index("ix_cases_site_stage_touched", "site_id", "stage", "touched_at"),
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

    verdict: str
    assessed_on: date
    answered: int = 0
    to_ask: int = 0
    awaited: int = 0
    failing: str = ""
    open: str = ""
    recheck_on: date | None = Field(default=None, index=True)


class Answer(SQLModel, table=True):
    """
    An answer as entered, in file form as JSON text. No value: "not available yet". The newest of an item counts.
    """

    __tablename__ = "answers"

    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_column_kwargs={"autoincrement": False})
    revision: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    item: str
    value: str | None
    source: str = Source.ASKED
    reason: str | None = None
    person_id: int = Field(foreign_key="people.id")
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class AuditEntry(SQLModel, table=True):
    """
    Who did what, when and why. `seal` is a keyed hash over the entry and the seal of the one before.
    """

    __tablename__ = "audit_entries"

    sequence: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=UtcDateTime)
    actor: int | None = None
    role: str | None = None
    site: int | None = None
    action: str
    entity: str
    field: str | None = None
    old: str | None = None
    new: str | None = None
    reason: str | None = None
    seal: str


class AuditHead(SQLModel, table=True):
    """
    The newest audit entry: one row, locked while entries are added, so that the chain never forks.
    """

    __tablename__ = "audit_head"

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    sequence: int = 0
    seal: str = ""


class InboxUpdate(SQLModel, table=True):
    """
    An update that Telegram handed over, committed before it is confirmed. The payload goes once the work is done.
    """

    __tablename__ = "inbox"
    __table_args__ = (Index("ix_inbox_unshown", "update_id", sqlite_where=UNSHOWN, postgresql_where=UNSHOWN),)

    update_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    chat_id: int = Field(sa_type=BigInteger)
    message_id: int | None = Field(default=None, sa_type=BigInteger)
    payload: str
    state: str = UpdateState.RECEIVED
    received_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    reference: str | None = None


class Chat(SQLModel, table=True):
    """
    What a private chat has in focus. `screen` names what its one card shows, `draft` what is chosen or typed there but
    not yet an answer. `card_for` is the question on the card, `card_shown_at` when it was shown: text that was received
    before, or for another question, is not an answer to this one.
    """

    __tablename__ = "chats"

    chat_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    screen: str = "home"
    case_id: int | None = Field(default=None, foreign_key="cases.id")
    draft: str | None = None
    card_message_id: int | None = Field(default=None, sa_type=BigInteger)
    card_for: str | None = None
    card_shown_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
