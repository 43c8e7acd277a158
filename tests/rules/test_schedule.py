"""
When follow-up visits are due, and how a visit stands on what was recorded of it.
"""

from calendar import monthrange
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.months import add_months
from bot.rules.schedule import (
    WIDEST_WINDOW,
    WINDOW_DAYS,
    Recorded,
    Standing,
    VisitEntry,
    VisitState,
    Window,
    last_standing,
    schedule,
    standing,
)
from bot.rules.versions import LATEST

DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))
MARGINS = st.integers(0, WIDEST_WINDOW)
INFUSED = date(2026, 2, 10)
WINDOW = Window(date(2026, 5, 10), date(2026, 4, 26), date(2026, 5, 24))


@pytest.mark.parametrize(
    ("infused", "due"),
    [
        ("2026-02-10", ["2026-05-10", "2026-08-10", "2026-11-10", "2027-02-10", "2028-02-10"]),
        ("2026-08-31", ["2026-11-30", "2027-02-28", "2027-05-31", "2027-08-31", "2028-08-31"]),
        ("2027-08-31", ["2027-11-30", "2028-02-29", "2028-05-31", "2028-08-31", "2029-08-31"]),
        ("2028-02-29", ["2028-05-29", "2028-08-29", "2028-11-29", "2029-02-28", "2030-02-28"]),
        ("2026-11-30", ["2027-02-28", "2027-05-30", "2027-08-30", "2027-11-30", "2028-11-30"]),
        ("2026-12-31", ["2027-03-31", "2027-06-30", "2027-09-30", "2027-12-31", "2028-12-31"]),
    ],
)
def test_visits_are_due_on_the_same_day_of_later_months(infused: str, due: list[str]) -> None:
    """
    After 3, 6, 9, 12 and 24 calendar months; at the end of a month that has no such day.
    """
    planned = schedule(LATEST.visits, date.fromisoformat(infused), 14)
    assert list(planned) == [3, 6, 9, 12, 24]
    assert [window.due.isoformat() for window in planned.values()] == due
    for window in planned.values():
        assert (window.opens, window.closes) == (window.due - timedelta(14), window.due + timedelta(14))


def test_the_protocol_says_what_is_looked_at() -> None:
    """
    Tolerance and malignancies at each visit, the response from 3 to 12 months, the end of follow-up at 24.
    """
    looked = {visit.month: set(visit.looks_at) for visit in LATEST.visits}
    assert all({"tolerance", "malignancy"} <= found for found in looked.values())
    assert [month for month, found in looked.items() if "response" in found] == [3, 6, 9, 12]
    assert [month for month, found in looked.items() if "end_of_follow_up" in found] == [24]


@given(DAYS, MARGINS)
def test_every_schedule_keeps_its_order(infused: date, margin: int) -> None:
    """
    Whatever the day and the window, visits follow the infusion and one another, and no two windows overlap.
    """
    windows = list(schedule(LATEST.visits, infused, margin).values())
    assert infused < windows[0].opens
    for before, after in pairwise(windows):
        assert before.closes < after.opens
    for window in windows:
        assert window.opens <= window.due <= window.closes


@given(DAYS, DAYS, MARGINS)
def test_a_later_infusion_never_makes_a_visit_earlier(one: date, other: date, margin: int) -> None:
    """
    However months are clamped at their ends.
    """
    early, late = (schedule(LATEST.visits, day, margin) for day in sorted((one, other)))
    for month, window in early.items():
        assert window.due <= late[month].due


@given(DAYS)
def test_the_day_of_the_month_stays_or_is_the_last(infused: date) -> None:
    """
    A month without such a day gives its last one, and no day of the next.
    """
    for month, window in schedule(LATEST.visits, infused, 0).items():
        length = monthrange(window.due.year, window.due.month)[1]
        assert window.due.day == min(infused.day, length)
        assert (window.due.year - infused.year) * 12 + window.due.month - infused.month == month


@pytest.mark.parametrize(
    ("today", "state"),
    [
        ("2026-04-25", VisitState.UPCOMING),
        ("2026-04-26", VisitState.OPEN),
        ("2026-05-09", VisitState.OPEN),
        ("2026-05-10", VisitState.DUE_TODAY),
        ("2026-05-11", VisitState.OPEN),
        ("2026-05-24", VisitState.OPEN),
        ("2026-05-25", VisitState.OVERDUE),
    ],
)
def test_an_untouched_visit_goes_with_the_calendar(today: str, state: VisitState) -> None:
    """
    From upcoming to overdue, both ends of the window counting as open.
    """
    assert standing(WINDOW, []).state(date.fromisoformat(today)) is state


@pytest.mark.parametrize(
    ("today", "state"),
    [
        ("2026-04-20", VisitState.RESCHEDULED),
        ("2026-05-10", VisitState.RESCHEDULED),
        ("2026-05-20", VisitState.DUE_TODAY),
        ("2026-05-21", VisitState.OPEN),
        ("2026-05-25", VisitState.OVERDUE),
    ],
)
def test_a_moved_visit_is_due_on_its_new_day(today: str, state: VisitState) -> None:
    """
    Until its window ends.
    """
    moved = VisitEntry(Recorded.RESCHEDULED, date(2026, 5, 20), WINDOW)
    assert standing(WINDOW, [moved]).state(date.fromisoformat(today)) is state


@pytest.mark.parametrize(
    ("day", "state"),
    [
        ("2026-04-25", VisitState.DONE_OUTSIDE),
        ("2026-04-26", VisitState.DONE),
        ("2026-05-24", VisitState.DONE),
        ("2026-05-25", VisitState.DONE_OUTSIDE),
    ],
)
def test_a_visit_done_out_of_its_window_says_so(day: str, state: VisitState) -> None:
    """
    Both ends of the window are in time.
    """
    done = VisitEntry(Recorded.DONE, date.fromisoformat(day), WINDOW)
    assert standing(WINDOW, [done]).state(date(2027, 1, 1)) is state


def test_a_move_out_of_the_present_window_lapses() -> None:
    """
    When the window goes elsewhere, the visit is due on its own day again.
    """
    moved = VisitEntry(Recorded.RESCHEDULED, date(2026, 5, 20), WINDOW)
    elsewhere = Window(date(2026, 7, 10), date(2026, 6, 26), date(2026, 7, 24))
    assert standing(elsewhere, [moved]) == Standing(elsewhere, elsewhere.due)


def test_an_ended_follow_up_keeps_what_is_done() -> None:
    """
    What is still ahead is no longer planned; what was done or missed stays so.
    """
    for entries, state in (
        ([], VisitState.ENDED),
        ([VisitEntry(Recorded.DONE, date(2026, 5, 10), WINDOW)], VisitState.DONE),
        ([VisitEntry(Recorded.MISSED, None, WINDOW)], VisitState.MISSED),
    ):
        assert standing(WINDOW, entries).state(date(2026, 5, 25), has_ended=True) is state


@st.composite
def _windows(draw: st.DrawFn) -> Window:
    due = draw(st.dates(date(2026, 1, 1), date(2026, 3, 31)))
    margin = timedelta(draw(MARGINS))
    return Window(due, due - margin, due + margin)


_ENTRIES = st.lists(
    st.builds(
        VisitEntry,
        st.sampled_from([Recorded.DONE, Recorded.RESCHEDULED]),
        st.dates(date(2026, 1, 1), date(2026, 4, 1)),
        _windows(),
    )
    | st.builds(VisitEntry, st.sampled_from([Recorded.MISSED, Recorded.UNDONE]), st.none(), _windows()),
    max_size=12,
)


@given(_windows(), _ENTRIES, st.booleans())
def test_a_state_is_never_two_things(window: Window, entries: list[VisitEntry], has_ended: bool) -> None:  # noqa: FBT001  drawn
    """
    Day after day a visit has one state, and what it shows goes with it: before the window it is not open, after it
    not, and it is due on one day only.
    """
    stands = standing(window, entries)
    due = 0
    for offset in range(-120, 120):
        today = window.due + timedelta(offset)
        state = stands.state(today, has_ended=has_ended)
        due += state is VisitState.DUE_TODAY
        if state in {VisitState.OPEN, VisitState.DUE_TODAY}:
            assert window.holds(today)
        assert (state is VisitState.OVERDUE) <= (today > window.closes)
        pending = state not in {VisitState.DONE, VisitState.DONE_OUTSIDE, VisitState.MISSED}
        assert pending is stands.is_pending
        assert (state is VisitState.ENDED) is (pending and has_ended)
    assert due == (stands.is_pending and not has_ended)


@given(_windows(), _windows(), _ENTRIES)
def test_moving_a_window_never_touches_what_is_done(before: Window, after: Window, entries: list[VisitEntry]) -> None:
    """
    A corrected infusion, or another window, leaves a visit that is done as it was: day, window and state.
    """
    one, other = standing(before, entries), standing(after, entries)
    assert (one.kind is Recorded.DONE) is (other.kind is Recorded.DONE)
    if one.kind is Recorded.DONE:
        assert one == other
    else:
        assert other.window == after


@given(_windows(), _ENTRIES)
def test_only_the_last_facts_count(window: Window, entries: list[VisitEntry]) -> None:
    """
    However often something was recorded and taken back, the visit stands as if only what still holds had been said.
    """
    at = last_standing(entries)
    assert standing(window, entries) == standing(window, [] if at is None else [entries[at]])


@given(_windows(), _ENTRIES, _ENTRIES.map(lambda found: [one for one in found if one.kind is not Recorded.UNDONE]))
def test_taking_back_undoes_exactly_one_record(
    window: Window, entries: list[VisitEntry], more: list[VisitEntry]
) -> None:
    """
    As many undone as recorded bring back how it stood before.
    """
    back = [VisitEntry(Recorded.UNDONE, None, window)] * len(more)
    assert standing(window, [*entries, *more, *back]) == standing(window, entries)


def test_months_are_counted_from_the_infusion_and_not_from_the_visit_before() -> None:
    """
    31 August, clamped in November and February, is 31 May and 31 August again.
    """
    infused = date(2026, 8, 31)
    assert schedule(LATEST.visits, infused, 0)[9].due == add_months(infused, 9) == date(2027, 5, 31)


def test_no_wider_windows_would_stay_apart() -> None:
    """
    From 1 February to 1 May it is 89 days: with the widest windows the next opens the day after the last closes, with
    wider ones they overlap. Unless a site has set something else, a fortnight is in time.
    """
    infused = date(2025, 11, 1)
    for days, gap in ((WIDEST_WINDOW, timedelta(days=1)), (WIDEST_WINDOW + 1, timedelta(days=-1))):
        windows = schedule(LATEST.visits, infused, days)
        assert windows[6].opens - windows[3].closes == gap
    assert WINDOW_DAYS == 14


@pytest.mark.parametrize(
    ("kinds", "at"),
    [
        ("", None),
        ("U", None),
        ("D", 0),
        ("DU", None),
        ("MRD", 2),
        ("MRDU", 1),
        ("MRUU", None),
        ("UMRUD", 4),
    ],
)
def test_the_last_that_still_stands(kinds: str, at: int | None) -> None:
    """
    Each undoing takes back the last of those before it; where nothing stands, there is none.
    """
    letters = {"D": Recorded.DONE, "M": Recorded.MISSED, "R": Recorded.RESCHEDULED, "U": Recorded.UNDONE}
    assert last_standing([VisitEntry(letters[kind], WINDOW.due, WINDOW) for kind in kinds]) == at
