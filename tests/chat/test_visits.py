"""
The follow-up in the chat: the infusion, the visits, the agenda and its calendar file.
"""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from icalendar import Calendar, Event
from sqlalchemy import delete
from sqlmodel import select

from bot import taps
from bot.emulator.chat import Message
from bot.rules.protocol import Kind
from bot.rules.versions import LATEST
from bot.screens.infusions import InfusionScreen
from bot.screens.visits import OFF_DAY, VisitScreen, VisitsScreen
from bot.texts import words
from db.base.tables import (
    Case,
    DecisionKind,
    Membership,
    PersonRole,
    Site,
    VisitRecord,
)
from db.cases import cases, decisions, records
from db.follow_up import agenda, infusions, planned
from db.trail import audit
from db.trail.audit import Actor
from tests.chat.conversation import WELL, data, everything, fill, find, trail
from tests.conftest import Chatter, Clinic
from tests.db.rows import ANY_DEVIATION

INCLUDED = datetime(2026, 2, 1, 9, tzinfo=UTC)


def at(text: str) -> datetime:
    """
    In the morning of a day.
    """
    return datetime.fromisoformat(f"{text}T08:00:00+00:00")


@pytest.fixture
def clinic_time(clinic: Clinic) -> Clinic:
    """
    The clinic on 1 February 2026.
    """
    clinic.now = INCLUDED
    return clinic


async def decide(clinic: Clinic, code: str, kind: DecisionKind) -> None:
    """
    Store a decision of an investigator.
    """
    async with clinic.application.database.transaction() as session:
        audit.use_key(session, clinic.application.worker.audit_key)
        case = (await session.exec(select(Case).where(Case.code == code))).one()
        now = clinic.application.worker.clock()
        record = await records.load(session, case=case, now=now)
        by = Actor(1, PersonRole.INVESTIGATOR)
        await decisions.decide(session, kind=kind, subjects=[record], by=by, now=now)


async def included(clinic: Clinic, *, site: int = 1, kind: Kind = Kind.RECIPIENT, infused: str = "") -> str:
    """
    The code of a case that was included, and infused on a day if one is given.
    """
    async with clinic.application.database.transaction() as session:
        audit.use_key(session, clinic.application.worker.audit_key)
        place = (await session.exec(select(Site).where(Site.number == site))).first()
        if place is None:
            place = Site(number=site, name=f"Site {site:02d}", time_zone="Europe/Paris")
            session.add(place)
            await session.flush()
        now, by = clinic.application.worker.clock(), Actor(1, PersonRole.INVESTIGATOR)
        case = await cases.open_new(session, kind=kind, site=place, protocol=LATEST, by=by, now=now)
        record = await fill(session, case, WELL[kind], person_id=1, now=now)
        await decisions.decide(session, kind=DecisionKind.SIGNED, subjects=[record], by=by, now=now)
        await decisions.decide(session, kind=DecisionKind.INCLUDED, subjects=[record], by=by, now=now)
        if infused:
            day = date.fromisoformat(infused)
            record = await records.load(session, case=case, now=at(infused))
            about = {"record": record, "margin": 14, "by": by, "now": at(infused), "accepted": ANY_DEVIATION}
            await infusions.infuse(session, day=day, expected=0, reason="recorded_late", **about)
        return case.code


async def become(clinic: Clinic, *roles: PersonRole) -> None:
    """
    Give the first person these roles at the first site, and no others.
    """
    async with clinic.application.database.transaction() as session:
        await session.exec(delete(Membership))
        session.add_all([Membership(person_id=1, role=role, site_id=1) for role in roles])


async def recorded(clinic: Clinic) -> list[tuple[int, str, str | None, str | None]]:
    """
    What is stored of visits: month, kind, day, detail.
    """
    async with clinic.application.database.transaction() as session:
        rows = (await session.exec(select(VisitRecord).order_by("id"))).all()
        return [(row.month, row.kind, row.day.isoformat() if row.day else None, row.detail) for row in rows]


async def days(clinic: Clinic, code: str) -> list[str]:
    """
    The days for which visits are planned, or on which they took place.
    """
    async with clinic.application.database.transaction() as session:
        case = (await session.exec(select(Case).where(Case.code == code))).one()
        return [row.day.isoformat() for row in (await planned.rows(session, case=case)).values()]


def events(message: Message) -> dict[str, Event]:
    """
    The events of the calendar file in a message, by their UID.
    """
    assert message.file is not None
    found = [one for one in Calendar.from_ical(message.file.content).walk("VEVENT") if isinstance(one, Event)]
    return {str(event["uid"]): event for event in found}


async def file_of(person: Chatter, text: str = "/agenda ics") -> Message:
    """
    The message with the calendar file that is handed over.
    """
    await person.say(text)
    return [message for message in person.api.chat(person.user_id) if message.file is not None][-1]


@pytest.mark.parametrize(
    ("command", "role"),
    [
        ("/infused 01-R-001 10/2/2026", PersonRole.COORDINATOR),
        ("/infused 1-r-1 10 février 2026", PersonRole.INVESTIGATOR),
        ("/infused 1 R 1 10 Feb 2026", PersonRole.COORDINATOR),
    ],
)
async def test_a_command_with_the_day_begins_the_follow_up(
    clinic_time: Clinic, coordinator: Chatter, command: str, role: PersonRole
) -> None:
    """
    Coordinators and investigators may; the visits are shown with their windows, and whose these are.
    """
    code = await included(clinic_time)
    await become(clinic_time, role)
    clinic_time.now = at("2026-02-12")
    assert "Is it right?" in (await coordinator.say(command)).text
    assert await days(clinic_time, code) == []
    card = await coordinator.press("Yes, store it")
    assert "infusion on 10 Feb 2026" in card.text
    assert "Month 3 · 10 May 2026 · upcoming" in card.text
    assert "26 Apr 2026 \N{EN DASH} 24 May 2026" in card.text
    assert "14 days before and after, set by the site; the protocol gives none" in card.text
    assert await days(clinic_time, code) == ["2026-05-10", "2026-08-10", "2026-11-10", "2027-02-10", "2028-02-10"]
    last = (await trail(clinic_time))[-1]
    assert (last.action, last.role, last.new) == ("decision.infused", role, "2026-02-10")


async def test_the_summary_leads_to_the_infusion_and_then_to_the_visits(
    clinic_time: Clinic, coordinator: Chatter
) -> None:
    """
    A button asks for the day, which is typed; mistakes are answered with what is expected.
    """
    code = await included(clinic_time)
    clinic_time.now = at("2026-02-12")
    await coordinator.say(f"/status {code}")
    card = await coordinator.press("Infusion")
    assert "On which day was the infusion?" in card.text
    for text, answer in (("58", "Not understood. Type a date"), ("13/2/2026", "in the future")):
        card = await coordinator.say(text)
        assert answer in card.text.splitlines()[0]
        assert "On which day was the infusion?" in card.text
    await coordinator.say("yesterday")
    await coordinator.press("Yes, store it")
    assert (await days(clinic_time, code))[0] == "2026-05-11"
    await coordinator.press("Summary")
    assert not any("Infusion" in label for label in coordinator.labels)
    assert "01-R-001 · infusion on 11 Feb 2026" in (await coordinator.press("Visits")).text


async def test_a_day_before_the_inclusion_is_asked_about(clinic_time: Clinic, coordinator: Chatter) -> None:
    """
    It may be that the inclusion was recorded late: the person confirms, and the trail keeps that.
    """
    code = await included(clinic_time)
    card = await coordinator.say(f"/infused {code} 30/1/2026")
    assert "before the inclusion (1 Feb 2026)" in card.text
    assert await days(clinic_time, code) == []
    card = await coordinator.press("It took place; recorded here late")
    assert "Deviation: before the inclusion" in card.text
    assert (await days(clinic_time, code))[0] == "2026-04-30"
    assert (await trail(clinic_time))[-1].reason == "recorded_late"


async def test_only_an_included_recipient_is_infused(clinic_time: Clinic, coordinator: Chatter) -> None:
    """
    A donor, a case in screening, a case elsewhere and one that does not exist: nothing is stored.
    """
    donor = await included(clinic_time, kind=Kind.DONOR)
    elsewhere = await included(clinic_time, site=2)
    await coordinator.say("/new recipient")
    await become(clinic_time, PersonRole.COORDINATOR)
    before = await everything(clinic_time)
    for code in (donor, "01-R-001"):
        card = await coordinator.say(f"/infused {code} 1/2/2026")
        assert "only be recorded for an included recipient" in card.text
    said = [(await coordinator.say(f"/infused {code} 1/2/2026")).text for code in (elsewhere, "02-R-999")]
    assert said[0].replace(elsewhere, "X") == said[1].replace("02-R-999", "X")
    assert "There is no case" in said[0]
    for command in ("/visits 01-R-001", f"/visits {donor}"):
        assert "no visits are planned" in (await coordinator.say(command)).text
    said = [(await coordinator.say(f"/visits {code}")).text for code in (elsewhere, "02-R-999")]
    assert said[0].replace(elsewhere, "X") == said[1].replace("02-R-999", "X")
    assert await everything(clinic_time) == before


async def test_a_correction_asks_why_and_lists_what_moves(clinic_time: Clinic, coordinator: Chatter) -> None:
    """
    What is done stays; every other visit is named with its old day and its new one.
    """
    code = await included(clinic_time, infused="2026-02-10")
    clinic_time.now = at("2026-05-12")
    await coordinator.say(f"/visits {code}")
    await coordinator.press("Month 3")
    await coordinator.press("Done today")
    await coordinator.press("No remark")
    await coordinator.press("Correct the infusion")
    card = await coordinator.press("Typing error")
    assert "Recorded so far: 10 Feb 2026" in card.text
    assert "the day recorded already" in (await coordinator.say("10/2/2026")).text
    await coordinator.say("12/2/2026")
    card = await coordinator.press("Yes, store it")
    assert "corrected to Thursday 12 Feb 2026" in card.text
    assert "moved: 10 Aug 2026 → 12 Aug 2026" in card.text
    assert card.text.count("moved:") == 4
    assert "Month 3 · 12 May 2026 · done" in card.text
    last = (await trail(clinic_time))[-1]
    assert (last.old, last.new, last.reason) == ("2026-02-10", "2026-02-12", "typo")


async def test_a_correction_by_command_asks_why_and_whether(clinic_time: Clinic, coordinator: Chatter) -> None:
    """
    The day is kept while the reason is chosen; a second tap on the button corrects nothing twice.
    """
    code = await included(clinic_time, infused="2026-02-10")
    clinic_time.now = at("2026-02-20")
    await coordinator.say(f"/infused {code} 12/2/2026")
    await coordinator.press("Source document corrected")
    assert "Infusion on Thursday 12 Feb 2026" in coordinator.card.text
    store = find(coordinator.card, lambda tap: isinstance(tap, taps.Infuse))
    assert store is not None
    await coordinator.tap(store)
    before = await everything(clinic_time)
    await coordinator.tap(store)
    assert "earlier step" in coordinator.toasts[-1]
    assert await everything(clinic_time) == before
    assert (await days(clinic_time, code))[0] == "2026-05-12"


async def test_an_infusion_after_a_visit_that_is_done_is_refused(clinic_time: Clinic, coordinator: Chatter) -> None:
    """
    The visit is named, and what to do.
    """
    code = await included(clinic_time, infused="2026-02-10")
    clinic_time.now = at("2026-05-12")
    await coordinator.say(f"/visits {code}")
    await coordinator.press("Month 3")
    await coordinator.press("Done on another day")
    await coordinator.say("20/2/2026")
    await coordinator.press("Month 3 all the same")
    fitting = {words("en")(f"reason.missed.{one}").unescape() for one in OFF_DAY}
    offered = set(coordinator.labels)
    assert fitting <= offered
    assert offered.isdisjoint({"Could not be reached", "Declined to come", "Unwell or in hospital"})
    await coordinator.press("Clinical decision")
    await coordinator.press("Correct the infusion")
    await coordinator.press("Typing error")
    card = await coordinator.say("21/2/2026")
    assert "month 3 was done on Friday 20 Feb 2026, before that" in card.text
    assert (await days(clinic_time, code))[1] == "2026-08-10"


async def test_a_visit_done_today_takes_a_remark(clinic_time: Clinic, coordinator: Chatter) -> None:
    """
    Two taps; a second tap on the same button records nothing more.
    """
    code = await included(clinic_time, infused="2026-02-10")
    clinic_time.now = at("2026-05-10")
    await coordinator.say(f"/visits {code}")
    card = await coordinator.press("Month 3")
    assert "due today" in card.text
    assert "To be assessed: tolerance, malignancies, response" in card.text
    card = await coordinator.press("Done today")
    remark = find(card, lambda tap: isinstance(tap, taps.Visited) and tap.detail == "adverse_event")
    assert remark is not None
    card = await coordinator.tap(remark)
    assert "Month 3: done on Sunday 10 May 2026." in card.text
    assert "Adverse event reported" in card.text
    await coordinator.tap(remark)
    assert await recorded(clinic_time) == [(3, "done", "2026-05-10", "adverse_event")]


async def test_a_day_outside_the_window_is_said_and_kept(clinic_time: Clinic, coordinator: Chatter) -> None:
    """
    Before it is stored and afterwards. A day in the future, or before the infusion, is refused.
    """
    code = await included(clinic_time, infused="2026-02-10")
    clinic_time.now = at("2026-06-10")
    await coordinator.say(f"/visits {code}")
    assert "Month 3 · 10 May 2026 · overdue" in coordinator.card.text
    await coordinator.press("Month 3")
    assert not any("Move" in label for label in coordinator.labels)
    await coordinator.press("Done on another day")
    assert "in the future" in (await coordinator.say("11/6/2026")).text
    assert "before the infusion (Tuesday 10 Feb 2026)" in (await coordinator.say("9/2/2026")).text
    assert "Not understood" in (await coordinator.say("soon")).text
    card = await coordinator.say("25/5/2026")
    assert "Monday 25 May 2026: outside the visit's window" in card.text
    assert "26 Apr 2026 \N{EN DASH} 24 May 2026" in card.text
    assert "Which visit is meant?" in card.text
    await coordinator.press("Month 3 all the same")
    assert "Unwell or in hospital" in coordinator.labels
    card = await coordinator.say("the ward was closed")
    assert "done on Monday 25 May 2026, outside the window" in card.text
    assert "Month 3 · 25 May 2026 · done outside the window" in card.text


async def test_the_response_is_not_asked_about_at_the_end(clinic_time: Clinic, coordinator: Chatter) -> None:
    """
    The protocol assesses it from 3 to 12 months only.
    """
    code = await included(clinic_time, infused="2026-02-10")
    clinic_time.now = at("2028-02-10")
    await coordinator.say(f"/visits {code}")
    card = await coordinator.press("Month 24")
    assert "end of follow-up" in card.text
    await coordinator.press("Done today")
    assert not any("Response" in label for label in coordinator.labels)
    assert any("Partial" in label for label in coordinator.labels)


async def test_a_visit_is_moved_within_its_window(clinic_time: Clinic, coordinator: Chatter) -> None:
    """
    Not outside it, and not into the past.
    """
    code = await included(clinic_time, infused="2026-02-10")
    clinic_time.now = at("2026-05-02")
    await coordinator.say(f"/visits {code}")
    await coordinator.press("Month 3")
    await coordinator.press("Move")
    assert "outside the window" in (await coordinator.say("25/5/2026")).text
    assert "past" in (await coordinator.say("1/5/2026")).text
    card = await coordinator.say("20/5/2026")
    assert "Month 3: moved to Wednesday 20 May 2026" in card.text
    assert "Month 3 · 20 May 2026 · moved" in card.text


async def test_a_record_is_undone_with_a_reason(clinic_time: Clinic, coordinator: Chatter) -> None:
    """
    The visit stands as before; the records stay, and one more says why.
    """
    code = await included(clinic_time, infused="2026-02-10")
    clinic_time.now = at("2026-05-30")
    await coordinator.say(f"/visits {code}")
    await coordinator.press("Month 3")
    assert not any("Undo" in label for label in coordinator.labels)
    await coordinator.press("Missed")
    card = await coordinator.press("Could not be reached")
    assert "Month 3 · 10 May 2026 · missed" in card.text
    assert "Could not be reached" in card.text
    await coordinator.press("Month 3")
    assert not any("Done" in label for label in coordinator.labels)
    await coordinator.press("Undo")
    card = await coordinator.press("Typing error")
    assert "Month 3 · 10 May 2026 · overdue" in card.text
    assert await recorded(clinic_time) == [(3, "missed", None, "unreachable"), (3, "undone", None, "typo")]


async def test_a_visit_is_not_missed_before_its_window(clinic_time: Clinic, coordinator: Chatter) -> None:
    """
    Neither by the card nor by a button made up for it.
    """
    code = await included(clinic_time, infused="2026-02-10")
    clinic_time.now = at("2026-03-01")
    await coordinator.say(f"/visits {code}")
    await coordinator.press("Month 3")
    assert not any("Missed" in label for label in coordinator.labels)
    await coordinator.tap(taps.Go(1, VisitScreen(3, "missed")).data)
    await coordinator.tap(taps.Visited(1, 0, 3, "missed", None, "declined").data)
    await coordinator.tap("v:1:0:3:done:2026-02-30:none")
    assert await recorded(clinic_time) == []


@pytest.mark.parametrize("ending", sorted(decisions.ENDINGS))
async def test_an_end_keeps_what_is_done_and_reopening_brings_the_rest_back(
    clinic_time: Clinic, coordinator: Chatter, ending: DecisionKind
) -> None:
    """
    Nothing is planned or recorded any more, the agenda is empty; then it is all there again.
    """
    code = await included(clinic_time, infused="2026-02-10")
    clinic_time.now = at("2026-08-10")
    await coordinator.say(f"/visits {code}")
    await coordinator.press("Month 3")
    await coordinator.press("Done on another day")
    await coordinator.say("11/5/2026")
    await coordinator.press("No remark")
    await decide(clinic_time, code, ending)
    card = await coordinator.say(f"/visits {code}")
    assert "Month 3 · 11 May 2026 · done" in card.text
    assert card.text.count("no longer planned") == 4
    assert not any("Correct" in label for label in coordinator.labels)
    await coordinator.press("Month 6")
    assert not any(word in label for label in coordinator.labels for word in ("Done", "Missed", "Move", "Undo"))
    assert "No visits." in (await coordinator.say("/agenda")).text
    await decide(clinic_time, code, DecisionKind.REOPENED)
    assert "Month 6 · 10 Aug 2026 · due today" in (await coordinator.say(f"/visits {code}")).text
    assert code in (await coordinator.say("/agenda")).text


async def test_a_monitor_reads_and_records_nothing(clinic_time: Clinic, coordinator: Chatter) -> None:
    """
    The visits and the agenda are there, the buttons that record are not, and made-up ones do nothing.
    """
    code = await included(clinic_time, infused="2026-02-10")
    open_code = await included(clinic_time)
    await become(clinic_time, PersonRole.MONITOR)
    clinic_time.now = at("2026-05-10")
    before = await everything(clinic_time)
    await coordinator.say(f"/visits {code}")
    assert not any("Correct" in label for label in coordinator.labels)
    await coordinator.press("Month 3")
    assert coordinator.labels == ["📅 Visits"]
    await coordinator.tap(taps.Go(1, VisitScreen(3, "done", date(2026, 5, 10))).data)
    await coordinator.tap(taps.Visited(1, 0, 3, "done", date(2026, 5, 10), "none").data)
    await coordinator.tap(taps.Go(1, InfusionScreen(date(2026, 2, 11), "typo")).data)
    await coordinator.tap(taps.Infuse(1, 2, "typo", date(2026, 2, 11)).data)
    assert "does not allow" in (await coordinator.say(f"/infused {open_code} 10/5/2026")).text
    await coordinator.say(f"/status {open_code}")
    assert not any("Infusion" in label for label in coordinator.labels)
    assert code in (await coordinator.say("/agenda")).text
    assert await everything(clinic_time) == before
    assert await recorded(clinic_time) == []


async def test_the_agenda_shows_the_week_and_leads_to_the_cases(clinic_time: Clinic, coordinator: Chatter) -> None:
    """
    From the home screen: what is overdue first, then by day; the month shows more.
    """
    late = await included(clinic_time, infused="2026-02-10")
    soon = await included(clinic_time, infused="2026-03-20")
    later = await included(clinic_time, infused="2026-04-18")
    far = await included(clinic_time, infused="2026-04-28")
    clinic_time.now = at("2026-06-05")
    await coordinator.say("/start")
    card = await coordinator.press("Agenda")
    assert f"{late} M3 · overdue · until 24 May" in card.text
    assert f"{soon} M3 · upcoming · until 4 Jul" in card.text
    assert card.text.index(late) < card.text.index(soon)
    assert later not in card.text
    assert "set by the site" in card.text
    card = await coordinator.press("Month")
    assert later in card.text
    assert far not in card.text
    card = await coordinator.press(soon)
    assert f"{soon} · infusion on" in card.text


async def test_a_long_agenda_is_paged(clinic_time: Clinic, coordinator: Chatter) -> None:
    """
    Each page says how many are left, and every case comes once.
    """
    codes = {await included(clinic_time, infused="2026-02-10") for _ in range(14)}
    clinic_time.now = at("2026-05-10")
    card = await coordinator.say("/agenda month")
    first = {code for code in codes if code in card.text}
    assert len(first) == 12
    assert "+ 2" in card.text
    card = await coordinator.press("Next")
    assert {code for code in codes if code in card.text} == codes - first
    assert "+ " not in card.text
    await coordinator.press("Previous")
    assert "+ 2" in coordinator.card.text


async def test_the_agenda_keeps_to_ones_sites(clinic_time: Clinic, coordinator: Chatter) -> None:
    """
    With several sites each has its heading; a button of a case elsewhere opens nothing.
    """
    here = await included(clinic_time, infused="2026-02-10")
    there = await included(clinic_time, site=2, infused="2026-02-10")
    await become(clinic_time, PersonRole.COORDINATOR)
    clinic_time.now = at("2026-05-10")
    card = await coordinator.say("/agenda")
    assert here in card.text
    assert there not in card.text
    assert "Site 02" not in card.text
    assert set(events(await file_of(coordinator))) == {
        f"{here}-month-{month}@nct02213705" for month in (3, 6, 9, 12, 24)
    }
    await coordinator.tap(taps.OpenCase(2, VisitsScreen()).data)
    assert "earlier step" in coordinator.toasts[-1]
    async with clinic_time.application.database.transaction() as session:
        session.add(Membership(person_id=1, role=PersonRole.INVESTIGATOR, site_id=None))
    card = await coordinator.say("/agenda")
    assert card.text.index("Site 01") < card.text.index(here) < card.text.index("Site 02") < card.text.index(there)


@pytest.mark.parametrize("text", ["/agenda foo", "/agenda 01-R-001"])
async def test_another_word_after_agenda_is_answered(clinic_time: Clinic, coordinator: Chatter, text: str) -> None:
    """
    With what there is, and the week below.
    """
    clinic_time.now = at("2026-05-10")
    card = await coordinator.say(text)
    assert "/agenda month, /agenda ics" in card.text
    assert "No visits." in card.text


async def test_a_later_calendar_file_mends_the_earlier_one(clinic_time: Clinic, coordinator: Chatter) -> None:
    """
    Moved visits keep their UID with a higher sequence, ended ones are cancelled, done ones lie where they were done.
    """
    code = await included(clinic_time, infused="2026-02-10")
    clinic_time.now = at("2026-05-02")
    files = [events(await file_of(coordinator))]
    uid = f"{code}-month-3@nct02213705"
    assert files[0][uid].decoded("dtstart") == date(2026, 5, 10)
    assert "26 Apr 2026 \N{EN DASH} 24 May 2026" in str(files[0][uid]["description"])
    await coordinator.say(f"/infused {code} 12/2/2026")
    await coordinator.press("Typing error")
    await coordinator.press("Yes, store it")
    files.append(events(await file_of(coordinator)))
    assert [one.decoded("dtstart") for one in files[1].values()] == [
        date.fromisoformat(day) for day in await days(clinic_time, code)
    ]
    clinic_time.now = at("2026-05-13")
    await coordinator.say(f"/visits {code}")
    await coordinator.press("Month 3")
    await coordinator.press("Done today")
    await coordinator.press("No remark")
    await decide(clinic_time, code, DecisionKind.LOST)
    files.append(events(await file_of(coordinator)))
    assert files[2][uid].decoded("dtstart") == date(2026, 5, 13)
    assert [str(event["status"]) for event in files[2].values()] == ["CONFIRMED"] + 4 * ["CANCELLED"]
    await decide(clinic_time, code, DecisionKind.REOPENED)
    files.append(events(await file_of(coordinator)))
    assert {str(event["status"]) for event in files[3].values()} == {"CONFIRMED"}
    for earlier, later in pairwise(files):
        assert earlier.keys() == later.keys()
        for one in earlier:
            assert earlier[one].decoded("sequence") < later[one].decoded("sequence")
            assert earlier[one].decoded("last-modified") <= later[one].decoded("last-modified")


async def test_a_calendar_file_speaks_the_persons_language(clinic_time: Clinic) -> None:
    """
    With codes only; and where there is nothing to hand over, that is said.
    """
    person = await clinic_time.coordinator("fr")
    card = await person.say("/agenda ics")
    assert "pas de fichier agenda" in card.text
    await included(clinic_time, infused="2026-01-10")
    await person.say("/agenda mois")
    await person.press("Fichier agenda")
    message = [one for one in person.api.chat(person.user_id) if one.file is not None][-1]
    assert "5 visites, codes seulement" in message.text
    event = next(iter(events(message).values()))
    assert str(event["summary"]) == "01-R-001 · mois 3"
    assert "Fenêtre : 27 mars 2026 \N{EN DASH} 24 avr. 2026" in str(event["description"])
    assert "fixée par le centre" in str(event["description"])
    assert person.card.id > message.id


async def test_a_restart_anywhere_changes_nothing(clinic_time: Clinic, coordinator: Chatter) -> None:
    """
    Each screen of the follow-up comes back as it was, and its buttons go on working.
    """
    code = await included(clinic_time, infused="2026-02-10")
    clinic_time.now = at("2026-05-02")
    await coordinator.say(f"/infused {code} 12/2/2026")

    async def again() -> None:
        text, buttons = coordinator.card.text, data(coordinator.card)
        await clinic_time.restart()
        await coordinator.say("/start")
        assert (coordinator.card.text, data(coordinator.card)) == (text, buttons)

    for label in ("Typing error", "Return", "Month 3", "Move", "Return", "Missed", "Return", "Done today"):
        await again()
        await coordinator.press(label)
    await again()
    await coordinator.press("No remark")
    assert await recorded(clinic_time) == [(3, "done", "2026-05-02", "none")]


async def test_another_window_setting_moves_the_windows_at_the_start(clinic_time: Clinic, coordinator: Chatter) -> None:
    """
    The cards name the new one.
    """
    code = await included(clinic_time, infused="2026-02-10")
    clinic_time.settings = clinic_time.settings.model_copy(update={"follow_up_window_days": 7})
    await clinic_time.restart()
    card = await coordinator.say(f"/visits {code}")
    assert "3 May 2026 \N{EN DASH} 17 May 2026" in card.text
    assert "7 days before and after" in card.text


async def test_the_latest_day_of_ones_sites_begins_the_week(clinic_time: Clinic) -> None:
    """
    Where it is tomorrow already, tomorrow's window is open.
    """
    async with clinic_time.application.database.transaction() as session:
        session.add(Site(number=7, name="Kiritimati", time_zone="Pacific/Kiritimati"))
        await session.flush()
        now = datetime(2026, 5, 10, 20, tzinfo=UTC)
        assert await agenda.today(session, sites=frozenset({1}), now=now) == date(2026, 5, 10)
        assert await agenda.today(session, sites=None, now=now) == date(2026, 5, 10) + timedelta(1)
