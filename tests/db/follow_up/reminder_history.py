"""
Two invented years at two sites, as plain events: what the trial's staff do, and when. Neither the database nor the
rules are asked: the driver makes these events happen, and the oracle works out from them who is to be told what.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

AWAITABLE = {
    "recipient": ("cd4", "platelets", "haemoglobin", "lvef", "spap", "paco2", "creatinine_clearance"),
    "donor": ("positive_pcr", "lidocaine_allergy"),
}
"""Items that matter until they are answered, in somebody for whom all else is well."""


@dataclass(frozen=True)
class Place:
    """
    A site, with its quiet hours and the weekdays on which people work.
    """

    number: int
    zone: ZoneInfo
    quiet: tuple[str, str]
    weekdays: str

    def at(self, day: date, clock: str) -> datetime:
        """
        The moment at which the clock on the wall shows this time.
        """
        return datetime.combine(day, time.fromisoformat(clock), self.zone).astimezone(UTC)

    def day(self, moment: datetime) -> date:
        """
        What day a moment is there.
        """
        return moment.astimezone(self.zone).date()


PLACES = {
    1: Place(1, ZoneInfo("Europe/Paris"), ("19:00", "08:00"), "12345"),
    2: Place(2, ZoneInfo("Pacific/Auckland"), ("00:00", "09:30"), "12346"),
}

STAFF: dict[str, tuple[str, int | None]] = {
    "Ada": ("coordinator", 1),
    "Ben": ("coordinator", 1),
    "Cleo": ("coordinator", 1),
    "Ines": ("investigator", 1),
    "Juan": ("investigator", 1),
    "Kim": ("investigator", None),
    "Dora": ("coordinator", 2),
    "Emil": ("coordinator", 2),
    "Lea": ("investigator", 2),
    "Zoe": ("administrator", None),
}
"""Everyone's role, and at which site; None for all."""


@dataclass(frozen=True)
class Event:
    """
    Something that happens, to a case or to a person.
    """

    at: datetime
    what: str
    who: str
    about: Any = None
    other: str = ""


@dataclass
class History:
    """
    All that happens, and the moments at which the program looks whether anybody is to be told.
    """

    begins: date
    ends: date
    events: list[Event] = field(default_factory=list)
    looks: list[datetime] = field(default_factory=list)


@dataclass
class Author:
    """
    Invents a history. The same random numbers make the same one.
    """

    random: Random
    begins: date
    ends: date
    numbers: dict[tuple[int, str], int] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    def write(self, *, cases: int) -> History:
        """
        So many cases at two sites, their staff coming and going.
        """
        pairs = cases * 3 // 10
        for at in range(pairs):
            self._pair(1 + at % 2, is_included=at % 3 != 0)
        for at in range(cases - 2 * pairs):
            self._single(1 + at % 2)
        self._absences()
        last = datetime.combine(self.ends, time(), UTC)
        events = sorted((event for event in self.events if event.at < last), key=lambda event: event.at)
        return History(self.begins, self.ends, events, list(self._looks()))

    def _happen(self, place: Place, day: date, what: str, who: str, about: object = None, *, other: str = "") -> None:
        """
        At any time of the day there, quiet hours included, and never in the moment of a look.
        """
        clock = f"{self.random.randrange(24):02d}:{self.random.randrange(60):02d}"
        at = place.at(day, clock) + timedelta(seconds=self.random.randrange(1, 59), microseconds=len(self.events))
        self.events.append(Event(at, what, who, about, other))

    def _some_day(self, *, before_end: int = 30) -> date:
        return self.begins + timedelta(days=self.random.randrange((self.ends - self.begins).days - before_end))

    def _open(self, place: Place, kind: str, day: date, filled: dict[str, Any]) -> str:
        number = self.numbers.get((place.number, kind), 0) + 1
        self.numbers[place.number, kind] = number
        name = f"{place.number}{kind}{number}"
        openers = [one for one, (role, site) in STAFF.items() if (role, site) == ("coordinator", place.number)]
        self._happen(place, day, "opened", name, (place.number, kind, filled), other=self.random.choice(openers))
        return name

    def _awaiting(self, kind: str, most: int) -> dict[str, Any]:
        items = self.random.sample(AWAITABLE[kind], self.random.randrange(most + 1))
        return {"awaited": items}

    def _answers(self, place: Place, name: str, day: date, items: list[str], *, never: float) -> date:
        """
        The results come in one by one, some are asked for again, some never come. The day after the last.
        """
        last = day
        for item in items:
            at = day + timedelta(days=self.random.choice([1, 3, 6, 7, 8, 9, 12, 20, 45]))
            if self.random.random() < 0.2:
                self._happen(place, at, "awaited again", name, item)
                at += timedelta(days=self.random.choice([2, 8, 10, 30]))
            if self.random.random() >= never:
                self._happen(place, at, "answered", name, item)
                last = max(last, at)
        return last + timedelta(days=1)

    def _single(self, number: int) -> None:
        place, day = PLACES[number], self._some_day()
        kind = self.random.choice(["recipient", "recipient", "donor"])
        filled = self._awaiting(kind, 2 if kind == "recipient" else 1)
        if kind == "recipient":
            filled |= self._wait(day)
        name = self._open(place, kind, day, filled)
        after = self._answers(place, name, day, filled["awaited"], never=0.2)
        if self.random.random() < 0.7:
            end = after + timedelta(days=self.random.choice([0, 5, 13, 14, 20, 60, 200, 400]))
            self._happen(place, end, "ended", name)

    def _wait(self, day: date) -> dict[str, Any]:
        """
        Nothing to wait for; or a washout; or a baseline that decides, or decides nothing.
        """
        match self.random.randrange(4):
            case 0:
                return {"washout": day - timedelta(days=self.random.randrange(1, 182))}
            case 1:
                return {"baseline": self._baseline(day), "decides": True}
            case 2:
                return {"baseline": self._baseline(day), "decides": False}
        return {}

    def _baseline(self, day: date) -> date:
        """
        On the last day of a month as often as not.
        """
        found = day - timedelta(days=self.random.randrange(10, 600))
        if self.random.random() < 0.5:
            found = found.replace(day=1) - timedelta(days=1)
        return found

    def _pair(self, number: int, *, is_included: bool) -> None:
        random, place = self.random, PLACES[number]
        day = self.begins + timedelta(days=random.randrange(60)) if is_included else self._some_day()
        recipient = {**self._awaiting("recipient", 1), **({} if is_included else self._wait(day))}
        donor = self._awaiting("donor", 1)
        names = self._open(place, "recipient", day, recipient), self._open(place, "donor", day, donor)
        ready = day + timedelta(days=1)
        for name, filled in zip(names, (recipient, donor), strict=True):
            ready = max(ready, self._answers(place, name, day + timedelta(days=1), filled["awaited"], never=0.05))
        linked = day + timedelta(days=random.choice([1, 4, 10]))
        self._happen(place, linked, "linked", names[0], other=names[1])
        ready = max(ready, linked) + timedelta(days=random.choice([1, 2, 5, 9, 40]))
        if not is_included:
            if random.random() < 0.3:
                self._happen(place, ready, "ended", random.choice(names))
            return
        self._happen(place, ready, "signed", names[0], other=names[1])
        if random.random() < 0.3:
            self._happen(place, ready + timedelta(days=7), "corrected", names[random.randrange(2)])
            ready += timedelta(days=20)
            self._happen(place, ready, "signed", names[0], other=names[1])
        ready += timedelta(days=random.choice([2, 5]))
        self._happen(place, ready, "included", names[0], other=names[1])
        self._follow_up(place, names[0], ready + timedelta(days=random.choice([2, 9])))

    def _follow_up(self, place: Place, name: str, day: date) -> None:
        random = self.random
        if random.random() < 0.5:  # the last day of the month, or of the next: months are not equally long
            first = (day.replace(day=1) + timedelta(days=random.choice([32, 62]))).replace(day=1)
            day = first - timedelta(days=1)
        self._happen(place, day, "infused", name, day)
        stops = day + timedelta(days=random.randrange(60, 700)) if random.random() < 0.2 else None
        for month in (3, 6, 9, 12, 24):
            due = month_later(day, month)
            at = due + timedelta(days=random.choice([-13, -6, -1, 0, 0, 1, 6, 14, 15, 16, 30]))
            match random.randrange(6):
                case 0:
                    moved = due + timedelta(days=random.randrange(-8, 15))
                    self._happen(place, due - timedelta(days=10), "moved", name, (month, moved))
                    self._happen(place, max(at, moved), "done", name, month)
                case 1:
                    self._happen(place, max(at, due), "missed", name, month)
                    if random.random() < 0.5:
                        self._happen(place, max(at, due) + timedelta(days=3), "undone", name, month)
                case 2:
                    pass
                case _:
                    self._happen(place, at, "done", name, month)
        if stops is not None:
            self._happen(place, stops, "ended", name)

    def _absences(self) -> None:
        """
        At each site one coordinator is shut out now and then, and another blocks the bot: never the administrator.
        """
        for number, absent, blocking in ((1, "Ben", "Cleo"), (2, "Dora", "Emil")):
            day = self.begins + timedelta(days=self.random.randrange(20, 60))
            while day < self.ends:
                back = day + timedelta(days=self.random.choice([2, 9, 25]))
                self._happen(PLACES[number], day, "deactivated", absent)
                self._happen(PLACES[number], back, "reactivated", absent)
                # Now and then both are away at once.
                day = back + timedelta(days=self.random.choice([-1, 3, 20]))
                self._happen(PLACES[number], day, "blocked", blocking)
                back = day + timedelta(days=self.random.choice([3, 12, 30]))
                self._happen(PLACES[number], back, "returned", blocking)
                day = back + timedelta(days=self.random.randrange(20, 60))

    def _looks(self) -> Iterator[datetime]:
        """
        The minute in which the quiet hours end, at each site, the one before and others; on some days none.
        """
        found: set[datetime] = set()
        down = {self.begins + timedelta(days=self.random.randrange(400)) for _ in range(6)}
        down |= {day + timedelta(days=1) for day in list(down)[:3]}
        for place in PLACES.values():
            begin, end = place.quiet
            for at in range((self.ends - self.begins).days):
                day = self.begins + timedelta(days=at)
                if day not in down:
                    others = [end, end, end, before(end), "13:07", begin, before(begin), "02:30", "18:30"]
                    found |= {place.at(day, clock) for clock in (end, self.random.choice(others))}
        yield from sorted(found)


def before(clock: str) -> str:
    """
    The minute before.
    """
    return f"{datetime.combine(date(2026, 1, 2), time.fromisoformat(clock)) - timedelta(minutes=1):%H:%M}"


def month_later(day: date, months: int) -> date:
    """
    So many calendar months later, or earlier, on the last day of the month where it is shorter.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))
