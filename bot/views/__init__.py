"""
What there is to show, before it has words: a view names what a screen is about and holds the facts it shows.

Handlers make views, rendering gives them words in a person's language.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from bot.rules.items import Item
from db.base.tables import Case, Site
from db.cases.records import Record
from db.follow_up.visits import Followed

REASONS = ("typo", "new", "source", "other")
"""Why an answer may be changed."""


@dataclass(frozen=True)
class Note:
    """
    One line above the card: a catalogue key and what it speaks of; an item of a kind of case with its answer in file
    form, or something else by name, or a day.
    """

    key: str
    item: Item | None = None
    kind: str = ""
    raw: object = None
    name: str = ""
    day: date | None = None


@dataclass(frozen=True)
class View:
    """
    What every view is.
    """

    @property
    def asks(self) -> str | None:
        """
        What typed text would answer here, if anything: text that was sent for something else is not taken for it.
        """
        return None


@dataclass(frozen=True)
class Home(View):
    """
    Nothing in focus: what can be done. `in_screening` counts the open cases.
    """

    in_screening: int
    may_screen: bool
    may_administer: bool = False


@dataclass(frozen=True)
class ChooseKind(View):
    """
    Recipient or donor?
    """


@dataclass(frozen=True)
class ChooseCaseSite(View):
    """
    At which of one's sites is the case to be opened?
    """

    kind: str
    sites: Sequence[Site]


@dataclass(frozen=True)
class CaseList(View):
    """
    A page of the cases being screened.
    """

    cases: Sequence[Case]
    page: int
    has_more: bool


@dataclass(frozen=True)
class ChooseLanguage(View):
    """
    English or French?
    """


@dataclass(frozen=True)
class Help(View):
    """
    What the bot does and how. `case` is the one in focus, to return to; `commands` are those that this person may use.
    """

    may_screen: bool
    case: Case | None = None
    commands: tuple[str, ...] = ()


@dataclass(frozen=True)
class Welcome(View):
    """
    The first words to a new member.
    """


@dataclass(frozen=True)
class Refusal(View):
    """
    The only words to a stranger.
    """


@dataclass(frozen=True)
class Apology(View):
    """
    Something went wrong here; `reference` finds the log line.
    """

    reference: str


@dataclass(frozen=True)
class Told(View):
    """
    Something that a person is told without having asked: a catalogue key, and what it speaks of.
    """

    key: str
    about: dict[str, Any]


@dataclass(frozen=True)
class Question(View):
    """
    One item asked. `back` is the item asked before; `reason` is set while an answer is being changed; `ticked` are the
    options chosen so far; `unusual` a typed value to be confirmed, a `suggestion` if its unit was guessed.
    """

    record: Record
    item: Item
    back: str | None = None
    reason: str | None = None
    ticked: frozenset[str] = field(default_factory=frozenset)
    unusual: object = None
    is_suggestion: bool = False

    @property
    def asks(self) -> str:
        """
        As View.asks.
        """
        return asked(self.record.case, self.item.key)


@dataclass(frozen=True)
class Why(View):
    """
    Which criteria ask for an item, how they are read, and with which limits.
    """

    record: Record
    item: Item


@dataclass(frozen=True)
class Settled(View):
    """
    The verdict is settled as not eligible, though questions are left.
    """

    record: Record


@dataclass(frozen=True)
class Signed:
    """
    A sign-off that holds: its meaning, who signed and when.
    """

    kind: str
    about: str | None
    name: str
    at: datetime


@dataclass(frozen=True)
class Summary(View):
    """
    The verdict, why, and what is missing. `in_full` shows every criterion. `may_screen` offers to go on, `may_decide`
    to sign. `queries` are the open ones; `last_by` gave the last answer. `voided` is a sign-off that holds no longer,
    with when it ceased to. `follow_up` is the screen to go on with after inclusion, `visits` are those of a recipient.
    """

    record: Record
    in_full: bool
    may_screen: bool
    may_decide: bool = False
    queries: tuple[str, ...] = ()
    partners: tuple[Case, ...] = ()
    last_by: str | None = None
    signed: Signed | None = None
    follow_up: str | None = None
    visits: tuple[Followed, ...] = ()
    voided: Signed | None = None


@dataclass(frozen=True)
class Sections(View):
    """
    The answers by section, to change one.
    """

    record: Record


@dataclass(frozen=True)
class Section(View):
    """
    The answers of one section.
    """

    record: Record
    name: str


@dataclass(frozen=True)
class ChooseReason(View):
    """
    Why an answer is to be changed.
    """

    record: Record
    item: Item


@dataclass(frozen=True)
class Changed(View):
    """
    What the last answer of a record changed.
    """

    before: Record
    after: Record
    item: Item


@dataclass(frozen=True)
class Reply:
    """
    What to say once the work is committed. `fresh` shows the card anew at the end of the chat; `toast` is a word on the
    press of a button, as a catalogue key; `tidy` takes the person's own message out of the chat. `also` is a message of
    its own above the card, to be kept or passed on.
    """

    view: View
    note: Note | None = None
    toast: str | None = None
    fresh: bool = False
    tidy: bool = False
    also: View | None = None


def asked(case: Case, what: str) -> str:
    """
    A question, by what it is about: an answer is taken only for the one that the card shows.
    """
    return f"{case.id}:{case.revision}:{what}"
