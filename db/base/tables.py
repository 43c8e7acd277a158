"""
The tables. Answers, decisions and audit entries are only ever added; the database itself refuses to change them.
"""

from datetime import UTC, date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from db.base.types import UtcDateTime


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


class UpdateState(StrEnum):
    """
    How far an update has been worked: received, its effect committed, its reply shown; or set aside as one that fails.
    """

    RECEIVED = "received"
    DONE = "done"
    SHOWN = "shown"
    SET_ASIDE = "set_aside"


# Indexes over the few rows that somebody looks for stay small, however many there are in all.

UNSHOWN = text("state != 'shown'")
"""The updates that still need something done."""

UNSENT = text("sent_at IS NULL AND set_aside_at IS NULL")
"""The notices that are still to be sent."""

LINKED = text("unlinked_at IS NULL")
"""The links that hold."""

INCLUDED = text("included_at IS NOT NULL")
"""The cases that were included, whatever has become of them since."""

UNTOLD = text("sent_at IS NULL AND closed_at IS NULL")
"""The reminders that are still to be sent."""

SNOOZED = text("snoozed_until IS NOT NULL AND closed_at IS NULL")
"""The reminders that come again."""

PENDING = text("is_pending")
"""The follow-up visits that are still to take place."""

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


class Site(SQLModel, table=True):
    """
    A trial site. `time_zone` decides what day it is there. Nobody is reminded between `quiet_from` and `quiet_until`
    on its clock, nor, unless it is urgent, on other days than `weekdays` (1 is Monday). `old_after` says after how many
    days a result is old, by examination, as JSON.
    """

    __tablename__ = "sites"

    id: int = Field(default=None, primary_key=True)
    number: int = Field(unique=True)
    name: str
    time_zone: str
    quiet_from: str = "19:00"
    quiet_until: str = "08:00"
    weekdays: str = "12345"
    old_after: str = "{}"


class Person(SQLModel, table=True):
    """
    A member of the trial's staff, known by Telegram's numeric id and nothing else. `accepted_at` is when they accepted
    the privacy note: until then they see nothing but that. `unreachable_at` is when Telegram last refused a message to
    them, until they write again.
    """

    __tablename__ = "people"

    id: int = Field(default=None, primary_key=True)
    telegram_id: int = Field(sa_type=BigInteger, unique=True)
    name: str
    language: str
    is_active: bool = True
    joined_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    unreachable_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


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
    A code that makes whoever presents it first a member, at every site where `site_id` is empty. Only its hash is
    stored. The setup code has no inviter and never expires.
    """

    __tablename__ = "invitations"

    id: int = Field(default=None, primary_key=True)
    code_hash: str = Field(unique=True)
    roles: str
    site_id: int | None = Field(default=None, foreign_key="sites.id")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    redeemed_by: int | None = Field(default=None, foreign_key="people.id")
    redeemed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_by: int | None = Field(default=None, foreign_key="people.id")
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class WrongCode(SQLModel, table=True):
    """
    A stranger presented a code that opens nothing. Many in a short time shut the door for a day.
    """

    __tablename__ = "wrong_codes"

    id: int = Field(default=None, primary_key=True)
    telegram_id: int = Field(sa_type=BigInteger, index=True)
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Authenticator(SQLModel, table=True):
    """
    The secret that a person shares with their authenticator app. A code serves once: `last_step` is the time step of
    the last one used. `failures` counts the wrong ones since.
    """

    __tablename__ = "authenticators"

    person_id: int = Field(foreign_key="people.id", primary_key=True, sa_column_kwargs={"autoincrement": False})
    secret: str = Field(repr=False)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_step: int = 0
    failures: int = 0
    locked_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Case(SQLModel, table=True):
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
        Index("ix_cases_included", "kind", sqlite_where=INCLUDED, postgresql_where=INCLUDED),
        Index("ix_cases_remind", "site_id", "remind_on"),
        Index("ix_cases_one_missing", "site_id", "touched_at", sqlite_where=ONE_MISSING, postgresql_where=ONE_MISSING),
        Index("ix_cases_one_failing", "site_id", "touched_at", sqlite_where=ONE_FAILING, postgresql_where=ONE_FAILING),
        Index("ix_cases_open_query", "site_id", "touched_at", sqlite_where=OPEN_QUERY, postgresql_where=OPEN_QUERY),
        Index("ix_cases_awaited", "site_id", "touched_at", sqlite_where=AWAITED, postgresql_where=AWAITED),
        Index("ix_cases_deviation", "site_id", "touched_at", sqlite_where=DEVIATION, postgresql_where=DEVIATION),
        Index("ix_cases_proposal", "site_id", "touched_at", sqlite_where=PROPOSED, postgresql_where=PROPOSED),
        Index("ix_cases_old", "site_id", "old_on", sqlite_where=OLD, postgresql_where=OLD),
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


class Answer(SQLModel, table=True):
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


class Tally(SQLModel, table=True):
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


class Link(SQLModel, table=True):
    """
    A donor who is a candidate for a recipient. A donor belongs to one recipient at a time.
    """

    __tablename__ = "links"
    __table_args__ = (
        Index("ix_links_donor", "donor_id", unique=True, sqlite_where=LINKED, postgresql_where=LINKED),
        Index("ix_links_recipient", "recipient_id", sqlite_where=LINKED, postgresql_where=LINKED),
    )

    id: int = Field(default=None, primary_key=True)
    recipient_id: int = Field(foreign_key="cases.id")
    donor_id: int = Field(foreign_key="cases.id")
    linked_by: int = Field(foreign_key="people.id")
    linked_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    unlinked_by: int | None = Field(default=None, foreign_key="people.id")
    unlinked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Decision(SQLModel, table=True):
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


class VisitRecord(SQLModel, table=True):
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


class PlannedVisit(SQLModel, table=True):
    """
    A follow-up visit as it stands: a projection of the infusion, of what was recorded, and of the site's window.

    `day` is when it took place, or is to. `record_id` is the record that still holds, of kind `kind`. `margin` is the
    days on either side of the due day. `sequence` counts the changes, the last of them at `changed_at`. Whether the
    recipient is followed at all is the case's stage to say.
    """

    __tablename__ = "visits"
    __table_args__ = (
        Index("ix_visits_pending", "site_id", "opens", sqlite_where=PENDING, postgresql_where=PENDING),
        Index("ix_visits_margin", "margin", sqlite_where=PENDING, postgresql_where=PENDING),
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


class Notice(SQLModel, table=True):
    """
    Something that a person is told without having asked: a catalogue key, and what it speaks of as JSON. It is sent
    after the transaction that wrote it, and again until it is known to be sent: not before `not_before`, and after too
    many attempts no more.
    """

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_unsent", "id", sqlite_where=UNSENT, postgresql_where=UNSENT),)

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="people.id")
    key: str
    about: str = "{}"
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    attempts: int = 0
    not_before: datetime | None = Field(default=None, sa_type=UtcDateTime)
    set_aside_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Reminder(SQLModel, table=True):
    """
    Something of a case of which a person is reminded once. `key` names the occurrence: the same one is never raised
    twice for a person. `day` is when it fell due, `detail` what it speaks of besides the case.
    """

    __tablename__ = "reminders"
    __table_args__ = (
        UniqueConstraint("person_id", "key"),
        Index("ix_reminders_case", "case_id"),
        Index("ix_reminders_untold", "site_id", "day", sqlite_where=UNTOLD, postgresql_where=UNTOLD),
        Index("ix_reminders_snoozed", "site_id", "snoozed_until", sqlite_where=SNOOZED, postgresql_where=SNOOZED),
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


class MutedKind(SQLModel, table=True):
    """
    A kind of reminder that a person does not want: about one case, or about any where `case_id` is 0.
    """

    __tablename__ = "muted_kinds"

    person_id: int = Field(foreign_key="people.id", primary_key=True, sa_column_kwargs={"autoincrement": False})
    kind: str = Field(primary_key=True)
    case_id: int = Field(default=0, primary_key=True, sa_column_kwargs={"autoincrement": False})


class AuditEntry(SQLModel, table=True):
    """
    Who did what, when and why; `more` is what else the row tells, as JSON. `seal` is a keyed hash over the entry and
    the seal of the one before. `redaction` is there where a purge took out what the entry said: the entry that tells of
    it, and a keyed hash over what is left.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_entity", "entity", "sequence"),)

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
    more: str | None = None
    seal: str
    redaction: str | None = None


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
    __table_args__ = (
        Index("ix_inbox_unshown", "chat_id", "update_id", sqlite_where=UNSHOWN, postgresql_where=UNSHOWN),
    )

    update_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    chat_id: int = Field(sa_type=BigInteger)
    message_id: int | None = Field(default=None, sa_type=BigInteger)
    payload: str
    state: str = UpdateState.RECEIVED
    received_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    reference: str | None = None


class Lease(SQLModel, table=True):
    """
    What only one replica does at a time; `until` is in seconds of the database's own clock.
    """

    __tablename__ = "leases"

    name: str = Field(primary_key=True)
    holder: str | None = None
    until: float


class Pace(SQLModel, table=True):
    """
    From when on a further message may be sent in a chat, and until when Telegram wants it left alone; both in seconds
    of the database's own clock.
    """

    __tablename__ = "paces"

    chat_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    next_at: float
    alone_until: float


class Chat(SQLModel, table=True):
    """
    What a private chat has in focus. `screen` names what its one card shows, `draft` what is chosen or typed there but
    not yet an answer. `card_for` is the question on the card, `card_shown_at` when it was shown: text that was received
    before, or for another question, is not an answer to this one. `card_date` is Telegram's own date of the card as it
    is: text that is not younger was written for an earlier one.
    """

    __tablename__ = "chats"

    chat_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    screen: str = "home"
    case_id: int | None = Field(default=None, foreign_key="cases.id")
    draft: str | None = None
    card_message_id: int | None = Field(default=None, sa_type=BigInteger)
    card_for: str | None = None
    card_shown_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    card_date: datetime | None = Field(default=None, sa_type=UtcDateTime)


class EncryptionKey(SQLModel, table=True):
    """
    A key that has written into this database, with something that only this key can read.
    """

    __tablename__ = "encryption_keys"

    id: str = Field(primary_key=True)
    proof: str
    added_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class PermitKind(StrEnum):
    """
    What may be done, while it is permitted, to rows that otherwise are only ever added.
    """

    ROTATE = "rotate"
    PURGE = "purge"


class Permit(SQLModel, table=True):
    """
    Lets one transaction rewrite ciphertexts ("rotate"), or take out what was said of a case ("purge"). The database
    accepts one only on the heels of the audit entry that tells of it (`sequence`), and refuses to commit while one is
    there: `never` refers to a row that does not exist.
    """

    __tablename__ = "permits"
    __table_args__ = (
        ForeignKeyConstraint(["never"], ["audit_head.id"], deferrable=True, initially="DEFERRED"),
        CheckConstraint("never = 0", name="ck_permits_never"),
    )

    id: int = Field(default=None, primary_key=True)
    kind: str
    case_id: int | None = Field(default=None, foreign_key="cases.id")
    code: str | None = None
    sequence: int
    never: int = 0


class LogLine(SQLModel, table=True):
    """
    What the screening log keeps of a case whose data were taken out: that it was there, and why it went no further.
    """

    __tablename__ = "screening_log"

    code: str = Field(primary_key=True)
    kind: str
    site_id: int = Field(foreign_key="sites.id")
    number: int
    opened_on: date
    closed_on: date
    stage: str
    reason: str | None = None
    purged_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
