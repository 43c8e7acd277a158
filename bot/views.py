"""
What there is to show, before it has words: a view names what a screen is about and holds the facts it shows.

Handlers make views, rendering gives them words in a person's language.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.rules.items import Item
from db.records import Record
from db.tables import Case

REASONS = ("typo", "new", "source", "other")
"""Why an answer may be changed."""


@dataclass(frozen=True)
class Note:
    """
    One line above the card: a catalogue key and what it speaks of; an item of a kind of case with its answer in file
    form, or something else by name.
    """

    key: str
    item: Item | None = None
    kind: str = ""
    raw: object = None
    name: str = ""


@dataclass(frozen=True)
class Home:
    """
    Nothing in focus: what can be done. `in_screening` counts the open cases.
    """

    in_screening: int
    may_screen: bool


@dataclass(frozen=True)
class ChooseKind:
    """
    Recipient or donor?
    """


@dataclass(frozen=True)
class CaseList:
    """
    A page of the cases being screened.
    """

    cases: Sequence[Case]
    page: int
    has_more: bool


@dataclass(frozen=True)
class ChooseLanguage:
    """
    English or French?
    """


@dataclass(frozen=True)
class Help:
    """
    What the bot does and how. `case` is the one in focus, to return to.
    """

    may_screen: bool
    case: Case | None = None


@dataclass(frozen=True)
class Welcome:
    """
    The first words to a new member.
    """


@dataclass(frozen=True)
class Refusal:
    """
    The only words to a stranger.
    """


@dataclass(frozen=True)
class Apology:
    """
    Something went wrong here; `reference` finds the log line.
    """

    reference: str


@dataclass(frozen=True)
class Question:
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


@dataclass(frozen=True)
class Why:
    """
    Which criteria ask for an item, how they are read, and with which limits.
    """

    record: Record
    item: Item


@dataclass(frozen=True)
class Settled:
    """
    The verdict is settled as not eligible, though questions are left.
    """

    record: Record


@dataclass(frozen=True)
class Summary:
    """
    The verdict, why, and what is missing. `in_full` shows every criterion. `may_screen` offers to go on.
    """

    record: Record
    in_full: bool
    may_screen: bool


@dataclass(frozen=True)
class Sections:
    """
    The answers by section, to change one.
    """

    record: Record


@dataclass(frozen=True)
class Section:
    """
    The answers of one section.
    """

    record: Record
    name: str


@dataclass(frozen=True)
class ChooseReason:
    """
    Why an answer is to be changed.
    """

    record: Record
    item: Item


@dataclass(frozen=True)
class Changed:
    """
    What the last answer of a record changed.
    """

    before: Record
    after: Record
    item: Item


View = (
    Home
    | ChooseKind
    | CaseList
    | ChooseLanguage
    | Help
    | Welcome
    | Refusal
    | Apology
    | Question
    | Why
    | Settled
    | Summary
    | Sections
    | Section
    | ChooseReason
    | Changed
)


@dataclass(frozen=True)
class Reply:
    """
    What to say once the work is committed. `fresh` shows the card anew at the end of the chat; `toast` is a word on the
    press of a button, as a catalogue key; `tidy` takes the person's own message out of the chat.
    """

    view: View
    note: Note | None = None
    toast: str | None = None
    fresh: bool = False
    tidy: bool = False


def asked(case: Case, item: str) -> str:
    """
    A question, by what it is about: an answer is taken only for the one that the card shows.
    """
    return f"{case.id}:{case.revision}:{item}"


def question_of(view: View) -> str | None:
    """
    What the card asks, if it asks.
    """
    return asked(view.record.case, view.item.key) if isinstance(view, Question) else None
