"""
Sites, and the people who work there.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field

from db.base.tables.row import TableRow
from db.base.types import UtcDateTime, now


class PersonRole(StrEnum):
    """
    What a person may do.
    """

    ADMINISTRATOR = "administrator"
    COORDINATOR = "coordinator"
    INVESTIGATOR = "investigator"
    MONITOR = "monitor"


class Site(TableRow, table=True):
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


class Person(TableRow, table=True):
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


class Membership(TableRow, table=True):
    """
    A role that a person has at a site; at every site where `site_id` is empty.
    """

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("person_id", "role", "site_id"),)

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="people.id", index=True)
    role: str
    site_id: int | None = Field(default=None, foreign_key="sites.id")


class Invitation(TableRow, table=True):
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


class WrongCode(TableRow, table=True):
    """
    A stranger presented a code that opens nothing. Many in a short time shut the door for a day.
    """

    __tablename__ = "wrong_codes"

    id: int = Field(default=None, primary_key=True)
    telegram_id: int = Field(sa_type=BigInteger, index=True)
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Authenticator(TableRow, table=True):
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
