"""
What Telegram handed over, what is to be said, and what each chat has in focus.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, text
from sqlmodel import Field

from db.base.tables.row import TableRow, partial
from db.base.types import UtcDateTime, now

# Indexes over the few rows that somebody looks for stay small, however many there are in all.


class UpdateState(StrEnum):
    """
    How far an update has been worked: received, its effect committed, its reply shown; or set aside as one that fails.
    """

    RECEIVED = "received"
    DONE = "done"
    SHOWN = "shown"
    SET_ASIDE = "set_aside"


UNSHOWN = text("state != 'shown'")
"""The updates that still need something done."""


UNSENT = text("sent_at IS NULL AND set_aside_at IS NULL")
"""The notices that are still to be sent."""


class Notice(TableRow, table=True):
    """
    Something that a person is told without having asked: a catalogue key, and what it speaks of as JSON. It is sent
    after the transaction that wrote it, and again until it is known to be sent: not before `not_before`, and after too
    many attempts no more.
    """

    __tablename__ = "notices"
    __table_args__ = (partial("ix_notices_unsent", "id", where=UNSENT),)

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="people.id")
    key: str
    about: str = "{}"
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    attempts: int = 0
    not_before: datetime | None = Field(default=None, sa_type=UtcDateTime)
    set_aside_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class InboxUpdate(TableRow, table=True):
    """
    An update that Telegram handed over, committed before it is confirmed. The payload goes once the work is done.
    """

    __tablename__ = "inbox"
    __table_args__ = (partial("ix_inbox_unshown", "chat_id", "update_id", where=UNSHOWN),)

    update_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    chat_id: int = Field(sa_type=BigInteger)
    message_id: int | None = Field(default=None, sa_type=BigInteger)
    payload: str
    state: str = UpdateState.RECEIVED
    received_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    reference: str | None = None


class Lease(TableRow, table=True):
    """
    What only one replica does at a time; `until` is in seconds of the database's own clock.
    """

    __tablename__ = "leases"

    name: str = Field(primary_key=True)
    holder: str | None = None
    until: float


class Pace(TableRow, table=True):
    """
    From when on a further message may be sent in a chat, and until when Telegram wants it left alone; both in seconds
    of the database's own clock.
    """

    __tablename__ = "paces"

    chat_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    next_at: float
    alone_until: float


class Chat(TableRow, table=True):
    """
    What a private chat has in focus. `screen` names what its one card shows, `draft` holds what was chosen or typed for
    whatever case but is no answer yet. `card_for` is the question on the card, `card_shown_at` when it was shown: text
    that was received before, or for another question, is not an answer to this one. `card_date` is Telegram's own date
    of the card as it is: text that is not younger was written for an earlier one.
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
