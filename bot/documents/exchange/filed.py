"""
A case as other programs are given it: its code, where it stands, and every answer ever, the newest last.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from bot.rules.protocol import Population


@dataclass(frozen=True)
class Entry:
    """
    One answer. `raw` is its file form, None for "not available yet".
    """

    item: str
    raw: object
    revision: int
    person: int
    at: datetime
    source: str
    reason: str | None = None


@dataclass(frozen=True)
class Filed:
    """
    A case as of a day. `site` and each entry's `person` are the numbers by which the project knows them.
    """

    code: str
    population: Population
    version: str
    site: int
    stage: str
    verdict: str
    as_of: date
    entries: tuple[Entry, ...]

    @cached_property
    def current(self) -> dict[str, object]:
        """
        The answer that counts for each item, in file form, in the order in which items are asked.
        """
        newest = {entry.item: entry.raw for entry in self.entries}
        return {item.key: newest[item.key] for item in self.population.items if item.key in newest}
