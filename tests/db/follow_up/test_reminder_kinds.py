"""
Each kind of reminder at its limits: the day before, the day, what was settled by then, muted, put off.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import pytest

from db.base.engine import Database
from db.follow_up import reminders
from db.follow_up.due import ReminderKind
from tests.db.follow_up.reminder_history import PLACES, STAFF, Event, month_later
from tests.db.follow_up.reminder_oracle import DAY, URGENT, About, Told
from tests.db.follow_up.reminder_trial import Trial

PARIS = PLACES[1]
WEDNESDAY, SUNDAY = date(2026, 6, 10), date(2026, 6, 21)
_ELSEWHERE = {ReminderKind.UNSETTLED, ReminderKind.OLD_RESULT, ReminderKind.PROPOSED}
KINDS = [kind.value for kind in ReminderKind if kind not in _ELSEWHERE]
"""Those that a day brings everywhere: whoever is included and not eligible any more, and a proposal, are told of every
week, and results are old only where a site says so (tests/chat)."""
_DECISIONS = (("12:00", "signed"), ("13:00", "included"))
INVESTIGATORS = {"Ines", "Juan", "Kim"}


def event(day: date, clock: str, what: str, about: object = None, *, who: str = "recipient", other: str = "") -> Event:
    """
    Something that happens at this time in Paris.
    """
    return Event(PARIS.at(day, clock), what, who, about, other)


def opened(day: date, *, kind: str = "recipient", **filled: object) -> Event:
    """
    A case opened by Ada.
    """
    return event(day, "10:00", "opened", (1, kind, {"awaited": [], **filled}), who=kind, other="Ada")


def infused(day: date) -> list[Event]:
    """
    A recipient who is followed from this day on.
    """
    before = day - 2 * DAY
    decided = [
        event(before, clock, what, other="donor") for clock, what in (("12:00", "signed"), ("13:00", "included"))
    ]
    return [*pair(before), *decided, event(day, "12:00", "infused", day)]


def pair(day: date, clock: str = "11:00") -> list[Event]:
    """
    A recipient and a donor who are eligible.
    """
    return [opened(day), opened(day, kind="donor"), event(day, clock, "linked", other="donor")]


def story(kind: str, day: date) -> tuple[list[Event], Event, About]:
    """
    What leads to a reminder of this kind on this day, what settles it in that day's night, and what it says.
    """
    ended = event(day, "06:00", "ended")
    match kind:
        case "awaited":
            answered = event(day, "06:00", "answered", "cd4")
            return [opened(day - 8 * DAY, awaited=["cd4"])], answered, About(kind, "01-R-001", "cd4")
        case "untouched":
            touched = event(day, "06:00", "answered", "cd4")
            return [opened(day - 14 * DAY)], touched, About(kind, "01-R-001", day=day - 14 * DAY)
        case "recheck":
            touched = event(day, "06:00", "answered", "cd4")
            return [opened(day - 20 * DAY, washout=month_later(day, -6))], touched, About(kind, "01-R-001", day=day)
        case "baseline":
            leaves = day + 30 * DAY
            baseline = month_later(leaves, -18) - DAY
            return [opened(day - 20 * DAY, baseline=baseline)], ended, About(kind, "01-R-001", day=leaves)
        case "pair_unsigned":
            signed = event(day, "06:00", "signed", other="donor")
            return pair(day - DAY, "20:00"), signed, About(kind, "01-R-001", "01-D-001")
        case "visit_opens":
            done = event(day, "06:00", "done", 3)
            return infused(month_later(day + 14 * DAY, -3)), done, About(kind, "01-R-001", "3", day)
        case "visit_due":
            return infused(month_later(day, -3)), event(day, "06:00", "missed", 3), About(kind, "01-R-001", "3", day)
        case "visit_overdue":
            return infused(month_later(day - 15 * DAY, -3)), ended, About(kind, "01-R-001", "3")
    raise KeyError(kind)


async def told(trial: Trial, happenings: Iterable[Event], looks: Iterable[tuple[date, str]], kind: str) -> list[Told]:
    """
    What is told of this kind at these looks, while this happens.
    """
    found: list[Told] = []
    moments: list[tuple[datetime, Event | None]] = [(one.at, one) for one in happenings]
    moments += [(PARIS.at(day, clock), None) for day, clock in looks]
    for now, happening in sorted(moments, key=lambda moment: moment[0]):
        trial.now = now
        if happening is not None:
            await trial.happen(happening)
        else:
            found += [one for one in await trial.look() if one.about.kind == kind]
    return found


def daily(first: date, days: int) -> list[tuple[date, str]]:
    """
    The end of the quiet hours on so many days.
    """
    return [(first + at * DAY, "08:00") for at in range(days)]


def concerned(kind: str) -> set[str]:
    """
    Whose business it is.
    """
    return INVESTIGATORS if kind == "pair_unsigned" else {"Ada"}


@pytest.fixture
async def trial(database: Database) -> Trial:
    """
    Staff, and no case yet.
    """
    made = Trial([database], PARIS.at(date(2026, 1, 5), "09:00"))
    await made.staff()
    return made


@pytest.mark.parametrize("kind", KINDS)
async def test_it_is_told_on_its_day_when_the_quiet_hours_end(trial: Trial, kind: str) -> None:
    """
    Not the day before, not a minute early, not twice.
    """
    before, _, about = story(kind, WEDNESDAY)
    early = [(WEDNESDAY - DAY, "08:00"), (WEDNESDAY - DAY, "18:59"), (WEDNESDAY, "00:30"), (WEDNESDAY, "07:59")]
    assert await told(trial, before, early, kind) == []
    found = await told(trial, [], [(WEDNESDAY, "08:00")], kind)
    assert {one.who for one in found} == concerned(kind)
    assert {one.about for one in found} == {about}
    assert len(found) == len(concerned(kind))
    assert await told(trial, [], [(WEDNESDAY, "08:01"), *daily(WEDNESDAY + DAY, 5)], kind) == []


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_settled_by_then_is_not_told(trial: Trial, kind: str) -> None:
    """
    In the night before.
    """
    before, settling, _ = story(kind, WEDNESDAY)
    assert await told(trial, [*before, settling], [(WEDNESDAY, "07:59"), *daily(WEDNESDAY, 7)], kind) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", [0, 1])
async def test_a_muted_kind_is_not_told(trial: Trial, kind: str, case: int) -> None:
    """
    About this case, or about any; the others still hear of it.
    """
    before, *_ = story(kind, WEDNESDAY)
    await told(trial, before, [(WEDNESDAY - DAY, "08:00")], kind)
    who = min(concerned(kind))
    await trial.commit(
        lambda session: reminders.mute(
            session, person_id=trial.people[who], kind=ReminderKind(kind), case_id=case, now=trial.now
        )
    )
    found = await told(trial, [], daily(WEDNESDAY, 7), kind)
    assert {one.who for one in found} == concerned(kind) - {who}


@pytest.mark.parametrize("kind", KINDS)
async def test_put_off_it_is_told_once_more_on_that_day(trial: Trial, kind: str) -> None:
    """
    If it is still true; and what is settled by then is not.
    """
    before, settling, about = story(kind, WEDNESDAY)
    assert await told(trial, before, daily(WEDNESDAY, 1), kind)
    await put_off(trial, WEDNESDAY + 2 * DAY)
    assert await told(trial, [], daily(WEDNESDAY + DAY, 1), kind) == []
    found = await told(trial, [], daily(WEDNESDAY + 2 * DAY, 6), kind)
    assert [(one.about, PARIS.day(one.at)) for one in found] == [(about, WEDNESDAY + 2 * DAY)] * len(concerned(kind))
    await put_off(trial, WEDNESDAY + 9 * DAY)
    after = [Event(PARIS.at(WEDNESDAY + 8 * DAY, "22:00"), settling.what, settling.who, settling.about, settling.other)]
    assert await told(trial, after, daily(WEDNESDAY + 8 * DAY, 6), kind) == []


async def put_off(trial: Trial, until: date) -> None:
    """
    Everyone puts off all that is open.
    """
    for name in STAFF:
        await trial.put_off(name, until)


@pytest.mark.parametrize("kind", KINDS)
async def test_on_a_sunday_only_what_is_urgent_is_told(trial: Trial, kind: str) -> None:
    """
    The rest on Monday.
    """
    before, *_ = story(kind, SUNDAY)
    found = await told(trial, before, [*daily(SUNDAY - DAY, 1), *daily(SUNDAY, 2)], kind)
    day = SUNDAY if kind in URGENT else SUNDAY + DAY
    assert {PARIS.day(one.at) for one in found} == {day}


@pytest.mark.parametrize("kind", KINDS)
async def test_after_days_of_downtime_what_is_still_true_is_told_once(trial: Trial, kind: str) -> None:
    """
    The program was off from the day before until Friday.
    """
    before, _, about = story(kind, WEDNESDAY)
    found = await told(trial, before, [*daily(WEDNESDAY - DAY, 1), *daily(WEDNESDAY + timedelta(days=2), 4)], kind)
    assert {one.about for one in found} == {about}
    assert len(found) == len(concerned(kind))
