"""
The answers of a case, to change one.
"""

from dataclasses import dataclass

from bot.rules.items import Item
from bot.turn import View
from db.cases.records import Record

REASONS = ("typo", "new", "source", "other")
"""Why an answer may be changed."""


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
