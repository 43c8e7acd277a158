"""
A calendar file (RFC 5545) with an all-day event for each visit, for the calendars that people use already.

Events keep their UID for good; a later file replaces what an earlier one said, by SEQUENCE and LAST-MODIFIED.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from icalendar import Event

_PRODUCT = "-//NCT02213705//Screening bot//EN"


@dataclass(frozen=True)
class AllDay:
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
    from icalendar import Calendar  # noqa: PLC0415  a start need not wait for it

    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    for event in events:
        calendar.add_component(_event(event, now))
    return bytes(calendar.to_ical())


def _event(event: AllDay, now: datetime) -> "Event":
    from icalendar import Event  # noqa: PLC0415  as above

    component = Event()
    component.add("uid", event.uid)
    component.add("dtstamp", now)
    component.add("dtstart", event.day)
    component.add("dtend", event.day + timedelta(days=1))
    component.add("summary", event.summary)
    component.add("description", event.description)
    component.add("sequence", event.sequence)
    component.add("last-modified", event.changed_at)
    component.add("status", "CANCELLED" if event.is_cancelled else "CONFIRMED")
    component.add("transp", "TRANSPARENT")
    return component
