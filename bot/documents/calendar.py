"""
A calendar file (RFC 5545) with an all-day event for each visit, for the calendars that people use already.

Events keep their UID for good; a later file replaces what an earlier one said, by SEQUENCE and LAST-MODIFIED.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from bot.rules.frozen import Frozen

_PRODUCT = "-//NCT02213705//Screening bot//EN"


class AllDay(Frozen):
    """
    An event of one day. A cancelled one takes the event that an earlier file made out of the calendar.
    """

    uid: str
    day: date
    summary: str
    description: str
    sequence: int
    changed_at: datetime
    is_cancelled: bool = False


def calendar_file(events: Iterable[AllDay], *, name: str, now: datetime) -> bytes:
    """
    The file. `name` is the calendar's; `now` is when it is made.
    """
    from icalendar import Calendar, Event  # noqa: PLC0415  a start need not wait for it

    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    for event in events:
        component = Event()
        for property_, value in _properties(event, now).items():
            component.add(property_, value)
        calendar.add_component(component)
    return bytes(calendar.to_ical())


def _properties(event: AllDay, now: datetime) -> dict[str, object]:
    return {
        "uid": event.uid,
        "dtstamp": now,
        "dtstart": event.day,
        "dtend": event.day + timedelta(days=1),
        "summary": event.summary,
        "description": event.description,
        "sequence": event.sequence,
        "last-modified": event.changed_at,
        "status": "CANCELLED" if event.is_cancelled else "CONFIRMED",
        "transp": "TRANSPARENT",
    }
