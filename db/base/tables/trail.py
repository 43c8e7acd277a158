"""
The audit trail, which is only ever added to; keys, permits, and what is left of cases that were taken out.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlmodel import Field

from db.base.tables.row import TableRow
from db.base.types import UtcDateTime, now


class AuditEntry(TableRow, table=True):
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


class AuditHead(TableRow, table=True):
    """
    The newest audit entry: one row, locked while entries are added, so that the chain never forks.
    """

    __tablename__ = "audit_head"

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    sequence: int = 0
    seal: str = ""


class EncryptionKey(TableRow, table=True):
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


class Permit(TableRow, table=True):
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


class LogLine(TableRow, table=True):
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
