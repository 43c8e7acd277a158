"""
Who is to be told what, and when: worked out from a history by the words of the protocol of reminders, with nothing of
the program's own.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from typing import NamedTuple

from tests.db.follow_up.reminder_history import (
    PLACES,
    STAFF,
    Event,
    Place,
    month_later,
)

DAY = timedelta(days=1)
URGENT = frozenset({"visit_due", "visit_overdue"})


class About(NamedTuple):
    """
    What a reminder speaks of, as a person reads it.
    """

    kind: str
    code: str
    detail: str = ""
    day: date | None = None


def as_read(about: About) -> About:
    """
    Without what stands in no message: since when an answer is awaited.
    """
    return about._replace(day=None) if about.kind == "awaited" else about


class Told(NamedTuple):
    """
    Somebody was told something, at the site's day of this moment.
    """

    at: datetime
    who: str
    about: About


def reaction(seed: int | None, who: str, about: About, times: int) -> str:
    """
    What somebody does about a reminder that they are told for so many times: the same in every run. Nothing without a
    seed.
    """
    if seed is None:
        return ""
    random = Random(f"{seed} {who} {about} {times}")  # noqa: S311  a schedule, no secret
    return random.choices(["", "done", "day", "week", "until", "mute", "mute_kind"], [60, 10, 12, 8, 6, 3, 0.6])[0]


SNOOZES = {"day": DAY, "week": 7 * DAY, "until": 17 * DAY}
MUTED_FOR = 25 * DAY


@cache
def window_of(baseline: date) -> tuple[date, date]:
    """
    The first day on which a baseline is from 6 to 18 months old, and the first on which it is older.
    """
    day = baseline + 150 * DAY
    while month_later(day, -6) < baseline:
        day += DAY
    entered = day
    day += 300 * DAY
    while month_later(day, -18) <= baseline:
        day += DAY
    return entered, day


@dataclass
class Subject:
    """
    A case as far as reminders go.
    """

    name: str
    code: str
    place: Place
    kind: str
    opener: str
    touched: date
    opened: date
    awaited: dict[str, date]
    washout: date | None = None
    baseline: date | None = None
    decides: bool = False
    stage: str = "screening"
    partner: "Subject | None" = None
    is_signed: bool = False
    infused: date | None = None
    moved: dict[int, date] = field(default_factory=dict)
    settled: set[int] = field(default_factory=set)

    def window(self) -> tuple[date, date] | None:
        """
        As `window_of` the baseline.
        """
        return None if self.baseline is None else window_of(self.baseline)

    def turns(self) -> list[date]:
        """
        The days on which time alone changes a criterion.
        """
        found = [] if self.washout is None else [month_later(self.washout, 6)]
        window = self.window()
        return [*found, *(window if window and self.decides else ())]

    def is_eligible(self, today: date) -> bool:
        """
        Whether all is answered, and the waits are over.
        """
        window = self.window()
        is_washed_out = self.washout is None or month_later(self.washout, 6) <= today
        is_in_window = not self.decides or window is None or window[0] <= today < window[1]
        return not self.awaited and is_washed_out and is_in_window

    def true(self, today: date, awaited_for: int = 7, untouched_for: int = 14, ahead: int = 30) -> Iterator[About]:
        """
        What somebody is to be reminded of, today.
        """
        is_open = self.stage in {"screening", "signed"}
        if self.stage == "screening":
            for item, since in self.awaited.items():
                if (today - since).days > awaited_for:
                    yield About("awaited", self.code, item, since)
            if (today - self.touched).days >= untouched_for:
                yield About("untouched", self.code, day=self.touched)
        if is_open:
            window = self.window()
            if window and window[1] - ahead * DAY <= today < window[1]:
                yield About("baseline", self.code, day=window[1])
            reached = [turn for turn in self.turns() if self.opened < turn <= today]
            if reached and self.touched < max(reached):
                yield About("recheck", self.code, day=max(reached))
            yield from self._pair(today)
        if self.stage == "included" and self.infused:
            yield from self._visits(self.infused, today)

    def _pair(self, today: date) -> Iterator[About]:
        donor = self.partner
        if self.kind == "recipient" and donor is not None and donor.stage in {"screening", "signed"}:
            is_eligible = self.is_eligible(today) and donor.is_eligible(today)
            if is_eligible and not (self.is_signed and donor.is_signed):
                yield About("pair_unsigned", self.code, donor.code)

    def _visits(self, infused: date, today: date) -> Iterator[About]:
        for month in (3, 6, 9, 12, 24):
            due = month_later(infused, month)
            opens, closes = due - 14 * DAY, due + 14 * DAY
            planned = self.moved.get(month, due)
            if month in self.settled or today < opens:
                continue
            if today > closes:
                yield About("visit_overdue", self.code, str(month))
            elif today >= planned:
                yield About("visit_due", self.code, str(month), planned)
            else:
                yield About("visit_opens", self.code, str(month), opens)


@dataclass
class Oracle:
    """
    Goes through a history and says who is told what at each look.
    """

    seed: int | None = None
    subjects: dict[str, Subject] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    blocked: set[str] = field(default_factory=set)
    unreachable: set[str] = field(default_factory=set)
    muted: dict[tuple[str, str, str], datetime | None] = field(default_factory=dict)
    ledger: dict[About, dict[str, str]] = field(default_factory=dict)
    digests: set[tuple[str, int, date]] = field(default_factory=set)
    times: Counter[tuple[str, About]] = field(default_factory=Counter)

    def happen(self, event: Event) -> None:
        """
        Take note of an event.
        """
        match event.what:
            case "opened":
                self._open(event)
            case "deactivated":
                self.away.add(event.who)
            case "reactivated":
                self.away.discard(event.who)
            case "blocked":
                self.blocked.add(event.who)
            case "returned":
                self.blocked.discard(event.who)
                self.unreachable.discard(event.who)
            case _:
                self._change(event, self.subjects[event.who])

    def _open(self, event: Event) -> None:
        number, kind, filled = event.about
        place = PLACES[number]
        day = place.day(event.at)
        same = sum(one.kind == kind and one.place is place for one in self.subjects.values())
        code = f"{number:02d}-{'R' if kind == 'recipient' else 'D'}-{same + 1:03d}"
        waits = {name: filled[name] for name in ("washout", "baseline", "decides") if name in filled}
        awaited = dict.fromkeys(filled["awaited"], day)
        self.subjects[event.who] = Subject(event.who, code, place, kind, event.other, day, day, awaited, **waits)

    def _change(self, event: Event, one: Subject) -> None:
        if not self.can_happen(event):
            return
        other = self.subjects.get(event.other)
        both = [one] if other is None else [one, other]
        day = one.place.day(event.at)
        match event.what:
            case "linked" if other:
                one.partner, other.partner = other, one
            case "signed" | "included" | "ended":
                for each in both:
                    each.stage, each.is_signed = event.what, event.what == "signed" or each.is_signed
            case "corrected":
                for each in (one, one.partner):
                    if each is not None and each.is_signed:
                        each.is_signed, each.stage = False, "screening"
            case "answered" | "awaited again":
                one.awaited.pop(event.about, None)
                one.awaited |= {event.about: day} if event.what == "awaited again" else {}
            case _:
                self._visit(event, one)
        for each in both:
            each.touched = day

    def _visit(self, event: Event, one: Subject) -> None:
        match event.what:
            case "infused":
                one.infused = event.about
            case "moved":
                one.moved[event.about[0]] = event.about[1]
            case "done" | "missed":
                one.settled.add(event.about)
            case "undone":
                one.settled.discard(event.about)

    def can_happen(self, event: Event) -> bool:
        """
        Whether the program would let anybody do this now: nobody signs who is not eligible, or visits whom they lost.
        """
        one, other = self.subjects.get(event.who), self.subjects.get(event.other)
        if one is None:
            return True
        today = one.place.day(event.at)
        both = [one, other] if other else [one]
        match event.what:
            case "answered" | "awaited again" | "linked":
                return all(each.stage == "screening" for each in both)
            case "corrected":
                return one.is_signed and one.stage == "signed"
            case "signed":
                is_ready = all(each.stage == "screening" and each.is_eligible(today) for each in both)
                return is_ready and one.partner is other
            case "included":
                return all(each.stage == "signed" for each in both)
            case "infused":
                return one.stage == "included" and one.infused is None
            case "done" | "missed" | "moved" | "undone":
                return self._visit_can_happen(event, one, today)
        return one.stage != "ended"

    def _visit_can_happen(self, event: Event, one: Subject, today: date) -> bool:
        if one.stage != "included" or one.infused is None:
            return False
        month = event.about[0] if event.what == "moved" else event.about
        if event.what == "undone":
            return month in one.settled
        return month not in one.settled and (event.what != "moved" or event.about[1] >= today)

    def look(self, now: datetime) -> list[Told]:
        """
        What people are told at this moment.
        """
        for who, kind in self.unmuted(now):
            self.muted = {key: until for key, until in self.muted.items() if key[:2] != (who, kind)}
        waiting: dict[tuple[str, Place], list[About]] = {}
        for place in PLACES.values():
            if self._is_quiet(place, now):
                continue
            today = place.day(now)
            true = {about: one for one in self.subjects.values() if one.place is place for about in one.true(today)}
            self._forget(place, set(true))
            for about, one in true.items():
                states = self.ledger.setdefault(about, {})
                states |= {who: "untold" for who, state in states.items() if state != "closed" and state <= str(today)}
                self._assign(about, one, place)
                for who in [who for who, state in states.items() if state == "untold"]:
                    waiting.setdefault((who, place), []).append(about)
        told: list[Told] = []
        for (who, place), abouts in waiting.items():
            told += [Told(now, who, about) for about in self._ready(who, place, abouts, now)]
        delivered = [one for one in told if one.who not in self.blocked]
        self.unreachable |= {one.who for one in told} & self.blocked
        for one in sorted(delivered, key=str):
            self._react(one)
        return [one._replace(about=as_read(one.about)) for one in delivered]

    def unmuted(self, now: datetime) -> list[tuple[str, str]]:
        """
        Who wants which kinds again by now, about every case.
        """
        return [(who, kind) for (who, kind, _), until in self.muted.items() if until is not None and until <= now]

    def _is_quiet(self, place: Place, now: datetime) -> bool:
        clock = f"{now.astimezone(place.zone):%H:%M}"
        begin, end = place.quiet
        return begin <= clock < end if begin < end else not end <= clock < begin

    def _forget(self, place: Place, true: set[About]) -> None:
        """
        What is true no longer need not be told. A pair that is so again is told again; the rest is told once.
        """
        for about in [about for about in self.ledger if about not in true]:
            if about.code[:2] == f"{place.number:02d}":
                left = {who: "closed" for who, state in self.ledger[about].items() if state != "untold"}
                self.ledger[about] = {} if about.kind == "pair_unsigned" else left

    def _assign(self, about: About, one: Subject, place: Place) -> None:
        """
        For those whose business it is now, unless it was given to somebody who can be told.
        """
        role = "investigator" if about.kind == "pair_unsigned" else "coordinator"
        able = {r: [who for who in STAFF if self._is_able(who, r, place)] for r in (role, "administrator")}
        states = self.ledger[about]
        for who in [who for who, state in states.items() if state == "untold"]:
            if who not in {*able[role], *able["administrator"]}:
                del states[who]
        if states:
            return
        concerned = able[role] or able["administrator"]
        if role == "coordinator" and one.opener in concerned:
            concerned = [one.opener]
        for who in concerned:
            is_muted = (who, about.kind, "") in self.muted or (who, about.kind, one.code) in self.muted
            states[who] = "closed" if is_muted else "untold"

    def _is_able(self, who: str, role: str, place: Place) -> bool:
        held, site = STAFF[who]
        return held == role and site in {None, place.number} and who not in self.away | self.unreachable

    def _ready(self, who: str, place: Place, abouts: list[About], now: datetime) -> list[About]:
        """
        All of it, where it is a working day and the first message of the day; else what is urgent.
        """
        today = place.day(now)
        is_digest = str(today.isoweekday()) in place.weekdays and (who, place.number, today) not in self.digests
        ready = [about for about in abouts if is_digest or about.kind in URGENT]
        if who not in self.blocked and any(about.kind not in URGENT for about in ready):
            self.digests.add((who, place.number, today))
        return ready

    def _react(self, told: Told) -> None:
        about, who = told.about, told.who
        self.times[who, as_read(about)] += 1
        self.ledger[about][who] = "closed"
        action = reaction(self.seed, who, as_read(about), self.times[who, as_read(about)])
        if action in SNOOZES:
            self.ledger[about][who] = str(PLACES[int(about.code[:2])].day(told.at) + SNOOZES[action])
        elif action in {"mute", "mute_kind"}:
            code = about.code if action == "mute" else ""
            self.muted[who, about.kind, code] = None if code else told.at + MUTED_FOR
            for other, states in self.ledger.items():
                if other.kind == about.kind and code in {"", other.code} and who in states:
                    states[who] = "closed"
