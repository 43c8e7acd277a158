"""
What another version of the rules would make of a case: the dry run of an amendment.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.rules.assessment import Assessment, Verdict, assess
from bot.rules.criteria import Status
from bot.rules.items import BadValueError, Date, Value
from bot.rules.protocol import Population


@dataclass(frozen=True, slots=True)
class Change:
    """
    A criterion or lettered part whose status differs. None: one of the versions has no such criterion.
    """

    id: str
    before: Status | None
    after: Status | None


@dataclass(frozen=True, slots=True)
class Amended:
    """
    A case under two versions of the rules. `unread` are the items whose answers the later one does not take.
    """

    before: Verdict
    after: Verdict
    changes: tuple[Change, ...]
    unread: tuple[str, ...]


def amended(
    before: Assessment, population: Population, answers: Mapping[str, object], lent: Mapping[str, Value]
) -> Amended:
    """
    A case as assessed, and what the same answers in file form come to under a population of another version. `lent` are
    values of linked cases. What that version does not take counts as unanswered.
    """
    facts: dict[str, Value] = {}
    unread: list[str] = []
    for key, raw in answers.items():
        try:
            facts[key] = _read(population, key, raw, before.as_of)
        except (KeyError, BadValueError):
            unread.append(key)
    own = {key: value for key, value in lent.items() if key in population.item}
    after = assess(population, facts | own, before.as_of, linked=lent)
    return Amended(before.verdict, after.verdict, _changes(before.statuses, after.statuses), tuple(unread))


def _read(population: Population, key: str, raw: object, as_of: date) -> Value:
    item = population.item[key]
    value = item.read(raw)
    if isinstance(item, Date):
        item.check_past(value, as_of)
    return value


def _changes(before: Mapping[str, Status], after: Mapping[str, Status]) -> tuple[Change, ...]:
    ids = dict.fromkeys([*before, *after])
    found = (Change(id_, before.get(id_), after.get(id_)) for id_ in ids)
    return tuple(change for change in found if change.before is not change.after)
