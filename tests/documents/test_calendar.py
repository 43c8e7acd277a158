"""
The calendar file is one that ordinary calendars read, and a later one replaces what an earlier one said.
"""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Event

from bot.documents.calendar import AllDay, calendar_file

NOW = datetime(2026, 5, 10, 9, 30, tzinfo=UTC)
EVENT = AllDay(
    uid="01-R-003-month-6@nct02213705",
    day=date(2026, 12, 31),
    summary="01-R-003 · visite du mois 6",
    description="Fenêtre : 17 déc. 2026 - 14 janv. 2027 ; fixée par le centre\nÀ évaluer : tolérance, réponse",
    sequence=3,
    changed_at=NOW - timedelta(days=2),
)
TEXT = st.text(st.characters(exclude_categories=["C", "Z"]) | st.sampled_from(" ;,\\:\n"), max_size=300).filter(
    lambda text: "\\N" not in text
)
"""But for one thing: icalendar reads a capital N behind a backslash as a line break, also where that is escaped."""


def _events(content: bytes) -> list[Event]:
    return [event for event in Calendar.from_ical(content).walk("VEVENT") if isinstance(event, Event)]


def test_an_event_comes_back_as_it_was() -> None:
    """
    An all-day event on its day, with all that a calendar needs to tell it from others and to bring it up to date.
    """
    content = calendar_file([EVENT], name="Suivi", now=NOW)
    calendar = Calendar.from_ical(content)
    (event,) = _events(content)
    assert (calendar["version"], str(calendar["x-wr-calname"])) == ("2.0", "Suivi")
    assert calendar["prodid"]
    assert event["uid"] == EVENT.uid
    assert event.decoded("dtstart") == EVENT.day
    assert event.decoded("dtend") == date(2027, 1, 1)
    assert event["dtstart"].params["value"] == "DATE"
    assert (event.decoded("dtstamp"), event.decoded("last-modified")) == (NOW, EVENT.changed_at)
    assert event.decoded("sequence") == 3
    assert str(event["summary"]) == EVENT.summary
    assert str(event["description"]) == EVENT.description
    assert event["status"] == "CONFIRMED"


def test_lines_end_and_fold_as_the_standard_says() -> None:
    """
    CRLF everywhere, and no line of more than 75 bytes, letters with accents whole.
    """
    content = calendar_file([EVENT], name="Suivi", now=NOW)
    lines = content.split(b"\r\n")
    assert lines[-1] == b""
    assert b"\n" not in b"".join(lines)
    assert any(line.startswith(b" ") for line in lines)
    for line in lines:
        assert len(line) <= 75
        line.decode()


def test_a_cancelled_visit_leaves_the_calendar() -> None:
    """
    Under the same UID, so that the event of an earlier file goes.
    """
    cancelled = AllDay(EVENT.uid, EVENT.day, EVENT.summary, "", 4, NOW, is_cancelled=True)
    (event,) = _events(calendar_file([cancelled], name="Suivi", now=NOW))
    assert (event["uid"], event["status"], event.decoded("sequence")) == (EVENT.uid, "CANCELLED", 4)


@given(TEXT, TEXT, st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 10_000))
def test_any_words_and_days_survive(summary: str, description: str, day: date, sequence: int) -> None:
    """
    Commas, semicolons, backslashes and line breaks are escaped, and read back as they were.
    """
    event = AllDay("x@y", day, summary, description, sequence, NOW)
    content = calendar_file([event, EVENT], name="Suivi", now=NOW)
    found, other = _events(content)
    assert str(found["summary"]) == summary
    assert str(found["description"]) == description
    assert (found.decoded("dtstart"), found.decoded("sequence")) == (day, sequence)
    assert other["uid"] == EVENT.uid
