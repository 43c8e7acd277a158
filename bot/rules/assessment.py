"""
Assess a case: what its answers say of each criterion as of a day, what is missing, and when time alone changes it.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from bot.rules.criteria import Judged, Status
from bot.rules.evaluate import Facts
from bot.rules.expressions import MonthsBefore, MonthsPassed
from bot.rules.months import add_months
from bot.rules.protocol import Population
from bot.rules.values import Value


class Verdict(StrEnum):
    """
    The verdict on a case.
    """

    ELIGIBLE = "eligible"
    NOT_ELIGIBLE = "not_eligible"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Assessment:
    """
    What the answers say as of a day.

    `statuses` holds every criterion and lettered part by id; `missing` the items that can still matter; `awaited` those
    of them that were answered "not available yet", or only in part; `asks` for each missing item, in the order in which
    they are asked, the open criteria that want it; `on_limit` the items whose value lies on a limit, or may;
    `recheck_on` the first later day on which a criterion changes though no answer does; `set_aside` the items whose
    answers count for nothing, their gate being closed.
    """

    as_of: date
    verdict: Verdict
    statuses: dict[str, Status]
    missing: tuple[str, ...]
    awaited: tuple[str, ...]
    asks: dict[str, tuple[str, ...]]
    queries: tuple[str, ...]
    on_limit: tuple[str, ...]
    recheck_on: date | None
    set_aside: tuple[str, ...] = ()

    def ids(self, population: Population, status: Status) -> tuple[str, ...]:
        """
        The numbered criteria that have this status.
        """
        return tuple(criterion.id for criterion in population.criteria if self.statuses[criterion.id] is status)

    @property
    def to_ask(self) -> tuple[str, ...]:
        """
        The missing items that are not awaited, in the order in which they are asked.
        """
        return tuple(key for key in self.asks if key not in self.awaited)


def read_answers(population: Population, answers: Mapping[str, object], as_of: date) -> dict[str, Value]:
    """
    The values of answers in file form; those that are None are left out.

    Raises KeyError for a key that is no item's, BadValueError for a value that its item does not take.
    """
    items = population.item
    facts = {key: items[key].read(raw) for key, raw in answers.items() if raw is not None or key not in items}
    for item in population.dates:
        if item.key in facts:
            item.check_past(facts[item.key], as_of)
    return facts


def assess(
    population: Population,
    facts: Facts,
    as_of: date,
    *,
    awaited: AbstractSet[str] = frozenset(),
    linked: Mapping[str, Any] | None = None,
) -> Assessment:
    """
    Assess values as of a day. `awaited` are keys answered "not available yet"; `linked` holds facts of another case.
    """
    answered = {**facts, **linked} if linked else facts
    set_aside = population.set_aside(facts, as_of)
    if set_aside:
        facts = {key: value for key, value in facts.items() if key not in set_aside}
    found = [(judged, *judged.judge(facts, as_of)) for judged in population.judged]
    statuses = {judged.id: status for judged, status, _ in found}
    asks = _asks(population, [(judged, wanted) for judged, _, wanted in found], facts, as_of)
    counting = {**facts, **linked} if linked else facts
    return Assessment(
        as_of=as_of,
        verdict=_verdict([statuses[criterion.id] for criterion in population.criteria]),
        statuses=statuses,
        missing=tuple(key for key in population.item if key in asks),
        awaited=tuple(key for key in asks if key in awaited or key in facts),
        asks=asks,
        queries=tuple(
            query.id
            for query, is_raised in population.raised
            if is_raised(answered if query.of_set_aside else counting, as_of)
        ),
        on_limit=_on_limit(population, facts),
        recheck_on=_recheck_on(population, facts, as_of, statuses),
        set_aside=set_aside,
    )


def _verdict(numbered: list[Status]) -> Verdict:
    if Status.FAIL in numbered:
        return Verdict.NOT_ELIGIBLE
    return Verdict.INCOMPLETE if Status.UNKNOWN in numbered else Verdict.ELIGIBLE


def _asks(
    population: Population, wanted: Iterable[tuple[Judged, frozenset[str]]], facts: Facts, as_of: date
) -> dict[str, tuple[str, ...]]:
    """
    For each relevant item, the unknown criteria that want it, and then their lettered parts.
    """
    found: dict[str, list[str]] = {}
    lettered: list[tuple[str, frozenset[str]]] = []
    for judged, keys in wanted:
        if judged.is_numbered:
            for key in keys:
                found.setdefault(key, []).append(judged.id)
        else:
            lettered.append((judged.id, keys))
    for id_, keys in lettered:
        for key in keys & found.keys():
            found[key].append(id_)
    gates = population.gates
    return {
        key: tuple(found[key])
        for key in population.order
        if key in found and (key not in gates or gates[key](facts, as_of) is True)
    }


def _on_limit(population: Population, facts: Facts) -> tuple[str, ...]:
    return tuple(key for key, is_on in population.limits if key in facts and is_on(facts[key]))


def _recheck_on(population: Population, facts: Facts, as_of: date, statuses: dict[str, Status]) -> date | None:
    """
    The first day after `as_of` on which a numbered criterion's status differs, among the days on which a wait turns.
    """
    turns = {day for wait in population.waits if wait.item.key in facts for day in _turns(wait, facts[wait.item.key])}
    for day in sorted(turn for turn in turns if turn > as_of):
        for judged in population.judged:
            if judged.is_numbered and judged.judge(facts, day)[0] is not statuses[judged.id]:
                return day
    return None


def changed_on(population: Population, facts: Facts, day: date) -> dict[str, Status]:
    """
    The numbered criteria that time alone brings to another status on this day, with that status.
    """
    aside = population.set_aside(facts, day)
    counting = {key: value for key, value in facts.items() if key not in aside}
    old, new = (
        {judged.id: judged.judge(counting, one)[0] for judged in population.judged if judged.is_numbered}
        for one in (day - timedelta(days=1), day)
    )
    return {id_: status for id_, status in new.items() if status is not old[id_]}


def leaves_window(population: Population, facts: Facts, as_of: date) -> date | None:
    """
    The first day on which a date that lies in its window, or is going to, lies in it no longer; None where none does.
    """
    waits = [wait for wait in population.waits if isinstance(wait, MonthsBefore) and wait.item.key in facts]
    found = [_turns(wait, facts[wait.item.key]) for wait in waits]
    return min((left for _, left in found if as_of < left), default=None)


def _turns(wait: MonthsPassed | MonthsBefore, value: date) -> list[date]:
    """
    The days on which the comparison can change for this value.
    """
    if isinstance(wait, MonthsPassed):
        return [add_months(value, wait.months)]
    entered = _first_day(value, wait.latest)
    left = _first_day(value + timedelta(days=1), wait.earliest)
    return [entered, left]


def _first_day(value: date, months: int) -> date:
    """
    The first day from which `months` earlier is `value` or after. Clamping makes that later than adding months where
    the month is shorter: six months before 28 February is 28 August, so 31 August is reached on 1 March.
    """
    day = add_months(value, months)
    return day if add_months(day, -months) >= value else day + timedelta(days=1)
