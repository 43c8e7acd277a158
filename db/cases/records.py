"""
The record of a case: its answers as they stand, and what the protocol makes of them. Answers are only ever added.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from msgspec import field
from msgspec.structs import replace
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules import file_form
from bot.rules.assessment import Assessment, assess
from bot.rules.evaluate import evaluator
from bot.rules.expressions import Expression
from bot.rules.frozen import Frozen
from bot.rules.items import Item, Ticked, Value
from bot.rules.kleene import Truth
from bot.rules.protocol import Population
from bot.rules.versions import PROTOCOLS
from db.base.tables import Case, Site, Source
from db.cases import given as rows
from db.cases import partners
from db.cases.given import GivenAnswer
from db.cases.partners import Borrowed


class Record(Frozen):
    """
    A case with its answers in the order given, assessed as of the day that it is at its site. `old_after` says after
    how many days a result is old there, by examination.
    """

    case: Case
    population: Population
    answers: tuple[GivenAnswer, ...]
    as_of: date
    zone: ZoneInfo
    borrowed: Mapping[str, Borrowed] = field(default_factory=dict)
    old_after: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def current(self) -> dict[str, GivenAnswer]:
        """
        The answer that counts for each item, the last given last.
        """
        return rows.standing(self.answers)

    @cached_property
    def facts(self) -> dict[str, Value]:
        """
        The values by item: the case's own, and those that linked cases lend.
        """
        return _facts(self.population, self._given, self.borrowed.items())

    @cached_property
    def _given(self) -> tuple[tuple[str, str | None], ...]:
        return tuple((given.item, given.text) for given in self.current.values())

    @cached_property
    def awaited(self) -> frozenset[str]:
        """
        The items answered "not available yet".
        """
        return frozenset(given.item for given in self.current.values() if given.text is None)

    @cached_property
    def assessment(self) -> Assessment:
        """
        What the protocol makes of the answers.
        """
        return _assessed(self.population, self._given, tuple(self.borrowed.items()), self.as_of)

    def before(self, revision: int) -> "Record":
        """
        The same record without the answers from this revision on.
        """
        return replace(self, answers=tuple(given for given in self.answers if given.revision < revision))

    def supposing(self, values: Mapping[str, object]) -> "Record":
        """
        The record as it would be with these values in file form, whoever else has or lends another. Nothing is stored.
        """
        last = self.answers[-1].revision if self.answers else 0
        given = (
            GivenAnswer(key, file_form.dumps(raw), revision, 0, datetime.min.replace(tzinfo=UTC), Source.ASKED)
            for revision, (key, raw) in enumerate(values.items(), start=last + 1)
        )
        lent = {key: one for key, one in self.borrowed.items() if key not in values}
        return replace(self, answers=(*self.answers, *given), borrowed=lent)

    def truth(self, expression: Expression) -> Truth:
        """
        Whether an expression is true of the answers.
        """
        return evaluator(expression)(self.facts, self.as_of)

    def raw(self, item: str) -> object:
        """
        The answer that counts for an item in file form; None where there is none yet.
        """
        if item in self.borrowed:
            return self.borrowed[item].value
        given = self.current.get(item)
        return None if given is None or given.text is None else file_form.loads(given.text)

    def replaces(self, item: str, raw: object) -> bool:
        """
        Whether an answer in file form would take the place of a value: the result of an option that was awaited does
        not. Raises BadValueError.
        """
        value = None if raw is None else self.population.item[item].read(raw)
        completes = isinstance(value, Ticked) and value.completes(self.facts.get(item))
        return self.raw(item) is not None and not completes

    def revision_of(self, item: str) -> int | None:
        """
        Which answer counts for an item; None where there is none.
        """
        given = self.current.get(item)
        return None if given is None else given.revision

    def local(self, time: datetime) -> datetime:
        """
        A time on the site's clock.
        """
        return time.astimezone(self.zone)

    def local_day(self, time: datetime) -> date:
        """
        What day a time was at the site.
        """
        return self.local(time).date()

    @property
    def path(self) -> tuple[str, ...]:
        """
        The items in the order in which they were first answered.
        """
        return tuple(key for key in dict.fromkeys(given.item for given in self.answers) if key in self.current)

    @cached_property
    def old_on(self) -> dict[str, date]:
        """
        The day from which on the result of an item is old, where its site has set one.
        """
        found = {}
        for item, given in self.current.items():
            days = self.old_after.get(given.examined.by or "")
            if given.text is not None and given.examined.on is not None and days is not None:
                found[item] = given.examined.on + timedelta(days=days + 1)
        return found

    @cached_property
    def old(self) -> frozenset[str]:
        """
        The items whose result is old today.
        """
        return frozenset(item for item, day in self.old_on.items() if day <= self.as_of)

    @cached_property
    def digest(self) -> str:
        """
        A hash over all that the assessment rests on: the case, its answers and what is lent to it, and the rules. On
        what day a result was found it does not rest.
        """
        content = [
            self.case.code,
            self.case.protocol,
            self.population.fingerprint,
            [
                [given.revision, given.item, given.text, *([] if given.repeats is None else [given.repeats])]
                for given in self.answers
                if given.source != Source.DATED
            ],
            sorted((key, str(lent.value), lent.code) for key, lent in self.borrowed.items()),
        ]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


@lru_cache(4096)
def _read(item: Item, text: str) -> Value:
    return item.read(file_form.loads(text))


def _facts(
    population: Population, given: Iterable[tuple[str, str | None]], borrowed: Iterable[tuple[str, Borrowed]]
) -> dict[str, Value]:
    own = {key: _read(population.item[key], text) for key, text in given if text is not None}
    return own | {key: lent.value for key, lent in borrowed if key in population.item}


@lru_cache(256)
def _assessed(
    population: Population,
    given: tuple[tuple[str, str | None], ...],
    borrowed: tuple[tuple[str, Borrowed], ...],
    as_of: date,
) -> Assessment:
    """
    What the protocol makes of answers as they are stored. The same answers give the same, so it is worked out once for
    them: the next turn of a case begins with what the last one came to.
    """
    return assess(
        population,
        _facts(population, given, borrowed),
        as_of,
        awaited={key for key, text in given if text is None},
        linked={key: lent.value for key, lent in borrowed if key not in population.item},
    )


_AT_HAND = "answers_at_hand"


async def bring(session: AsyncSession, *, case_ids: list[int]) -> None:
    """
    Read the answers of these cases in one go. The next look at each finds them at hand.
    """
    session.info[_AT_HAND] = await rows.of_cases(session, case_ids)


async def load(
    session: AsyncSession, *, case: Case, now: datetime, until: Mapping[int, int] = partners.NOTHING
) -> Record:
    """
    The record of a case as of today. `until` as in `partners.lent`.
    """
    site = await session.get_one(Site, case.site_id)
    zone = ZoneInfo(site.time_zone)
    population = PROTOCOLS[case.protocol].population(case.kind)
    answers = session.info.get(_AT_HAND, {}).pop(case.id, None)
    if answers is None:
        await session.flush()  # another turn in this transaction may have answered
        answers = (await rows.of_cases(session, [case.id]))[case.id]
    today = now.astimezone(zone).date()
    lent = (
        await partners.lent(session, case=case, population=population, as_of=today, until=until) if case.links else {}
    )
    return Record(case, population, tuple(answers), today, zone, lent, json.loads(site.old_after))
