"""
What may happen between a reminder's being due and its being read: nights, questions, people who leave or block the bot.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from telegram.error import BadRequest, InvalidToken

from bot.wire.speaker import Saying, Shown
from db.base.engine import Database
from db.base.tables import (
    Case,
    Chat,
    DecisionKind,
    Membership,
    Person,
    Site,
)
from db.cases import decisions, records
from db.delivery import notices
from db.follow_up import reminders
from db.follow_up.staff import hours
from db.people import people, sites
from db.trail.audit import PROGRAM
from tests.db.follow_up.reminder_history import PLACES, STAFF
from tests.db.follow_up.reminder_oracle import DAY, Told
from tests.db.follow_up.reminder_trial import Trial
from tests.db.follow_up.test_reminder_kinds import (
    INVESTIGATORS,
    PARIS,
    daily,
    event,
    opened,
    pair,
)

WEDNESDAY, SATURDAY = date(2026, 6, 10), date(2026, 6, 13)


@pytest.fixture
async def trial(database: Database) -> Trial:
    """
    Staff, and no case yet.
    """
    made = Trial([database], PARIS.at(date(2026, 1, 5), "09:00"))
    await made.staff()
    return made


async def look(trial: Trial, day: date, clock: str = "08:00") -> list[tuple[str, str]]:
    """
    Who is told of what at this moment in Paris.
    """
    trial.now = PARIS.at(day, clock)
    return names(await trial.look())


def names(told: list[Told]) -> list[tuple[str, str]]:
    """
    Whom, and of which kind.
    """
    return sorted((one.who, one.about.kind) for one in told)


async def awaiting(trial: Trial, day: date) -> None:
    """
    A case of Ada's with an answer that is brought up on this day.
    """
    happening = opened(day - 8 * DAY, awaited=["cd4"])
    trial.now = happening.at
    await trial.happen(happening)


async def ask(trial: Trial, who: str, at: datetime) -> None:
    """
    Show somebody a question.
    """

    async def show(session: AsyncSession) -> None:
        person = await session.get_one(Person, trial.people[who])
        chat = Chat(chat_id=person.telegram_id, card_for="1:1:cd4", card_shown_at=at)
        await session.merge(chat)

    await trial.commit(show)


async def absent(trial: Trial, *left: str) -> None:
    """
    Nobody but these can be reached.
    """

    async def leave(session: AsyncSession) -> None:
        for name in STAFF.keys() - set(left):
            (await session.get_one(Person, trial.people[name])).unreachable_at = trial.now

    await trial.commit(leave)


def failing(trial: Trial, who: str, error: Exception) -> Callable[[], None]:
    """
    Telegram answers with this error to whatever is sent to somebody; until what is returned is called.
    """
    say, chat_id = trial.speaker.say, 100 + list(STAFF).index(who)

    async def refuse(saying: Saying) -> Shown | None:
        if saying.chat_id == chat_id:
            raise error
        return await say(saying)

    trial.speaker.say = refuse  # type: ignore[method-assign]

    def mend() -> None:
        trial.speaker.say = say  # type: ignore[method-assign]

    return mend


async def test_what_waits_for_a_question_into_the_night_comes_in_the_morning(trial: Trial) -> None:
    """
    Quiet hours hold for the sending too, and so do weekends.
    """
    await awaiting(trial, WEDNESDAY)
    await ask(trial, "Ada", PARIS.at(WEDNESDAY, "18:55"))
    assert await look(trial, WEDNESDAY, "18:58") == []
    assert await look(trial, WEDNESDAY, "19:30") == []
    assert await look(trial, WEDNESDAY + DAY, "07:59") == []
    assert await look(trial, WEDNESDAY + DAY) == [("Ada", "awaited")]
    assert await look(trial, WEDNESDAY + DAY, "08:01") == []


async def test_what_waits_over_a_weekend_comes_with_the_rest_on_monday(trial: Trial) -> None:
    """
    In one message, although the first was written on Friday.
    """
    await awaiting(trial, SATURDAY - DAY)
    await ask(trial, "Ada", PARIS.at(SATURDAY - DAY, "18:55"))
    assert await look(trial, SATURDAY - DAY, "18:58") == []
    assert await look(trial, SATURDAY, "10:00") == []
    await awaiting(trial, SATURDAY + DAY)
    before = len(trial.api.chat(100))
    assert await look(trial, SATURDAY + 2 * DAY) == [("Ada", "awaited"), ("Ada", "awaited")]
    assert len(trial.api.chat(100)) == before + 1


async def test_an_older_message_that_still_waits_goes_into_the_next(trial: Trial) -> None:
    """
    One message and not two once the question is answered, and nothing twice.
    """
    await awaiting(trial, WEDNESDAY)
    await ask(trial, "Ada", PARIS.at(WEDNESDAY, "08:00"))
    assert await look(trial, WEDNESDAY) == []
    await awaiting(trial, WEDNESDAY + DAY)
    await ask(trial, "Ada", PARIS.at(WEDNESDAY + DAY, "08:00"))
    assert await look(trial, WEDNESDAY + DAY) == []
    before = len(trial.api.chat(100))
    assert await look(trial, WEDNESDAY + DAY, "08:30") == [("Ada", "awaited"), ("Ada", "awaited")]
    assert len(trial.api.chat(100)) == before + 1
    assert await look(trial, WEDNESDAY + 2 * DAY) == []


@pytest.mark.parametrize("how", ["deactivated", "without the role", "blocked"])
async def test_who_leaves_before_it_is_sent_is_not_told_and_others_are(trial: Trial, how: str) -> None:
    """
    The message was written, and waited for a question.
    """
    await awaiting(trial, WEDNESDAY)
    await ask(trial, "Ada", PARIS.at(WEDNESDAY, "08:00"))
    assert await look(trial, WEDNESDAY) == []

    async def leave(session: AsyncSession) -> None:
        person_id = trial.people["Ada"]
        if how == "deactivated":
            await people.deactivate(session, person_id=person_id, by=PROGRAM, now=trial.now)
        elif how == "without the role":
            held = (await session.exec(select(Membership).where(Membership.person_id == person_id))).one()
            await people.remove_role(session, membership_id=held.id, by=PROGRAM, now=trial.now)
        else:
            trial.api.block(100)
            notices.add(session, person_id=person_id, key="notice.reactivated", now=trial.now)

    await trial.commit(leave)
    await look(trial, WEDNESDAY, "08:05")
    found = await look(trial, WEDNESDAY, "09:00") + await look(trial, WEDNESDAY, "09:01")
    assert found == [("Ben", "awaited"), ("Cleo", "awaited")]


async def test_where_nobody_can_be_told_it_waits(trial: Trial) -> None:
    """
    Until somebody is there again: on the day after at the latest.
    """
    await awaiting(trial, WEDNESDAY)
    await absent(trial)
    assert await look(trial, WEDNESDAY) == []
    assert await look(trial, WEDNESDAY + DAY) == []
    await trial.happen(event(WEDNESDAY + DAY, "12:00", "returned", who="Cleo"))
    assert await look(trial, WEDNESDAY + 2 * DAY) == [("Cleo", "awaited")]


async def test_administrators_stand_in_where_nobody_else_is_left(trial: Trial) -> None:
    """
    For the coordinators, and for the investigators.
    """
    await awaiting(trial, WEDNESDAY)
    await absent(trial, "Zoe")
    for happening in pair(WEDNESDAY - 2 * DAY)[1:]:
        trial.now = happening.at
        await trial.happen(happening)
    assert await look(trial, WEDNESDAY) == [("Zoe", "awaited")]
    trial.now = PARIS.at(WEDNESDAY, "12:00")
    await trial.happen(event(WEDNESDAY, "12:00", "answered", "cd4"))
    assert await look(trial, WEDNESDAY + DAY) == [("Zoe", "pair_unsigned")]


async def test_a_person_whose_chat_is_gone_is_stood_in_for(trial: Trial) -> None:
    """
    Telegram does not call that "blocked".
    """
    await awaiting(trial, WEDNESDAY)
    failing(trial, "Ada", BadRequest("Chat not found"))
    assert await look(trial, WEDNESDAY) == []
    assert await look(trial, WEDNESDAY, "08:01") == [("Ben", "awaited"), ("Cleo", "awaited")]


async def test_a_token_that_is_refused_loses_nothing(trial: Trial) -> None:
    """
    The program ends; with a token that is taken it sends what it could not.
    """
    await awaiting(trial, WEDNESDAY)
    mend = failing(trial, "Ada", InvalidToken())
    with pytest.raises(InvalidToken):
        await look(trial, WEDNESDAY)
    mend()
    assert await look(trial, WEDNESDAY, "09:00") == [("Ada", "awaited")]


async def test_one_message_for_two_sites_where_it_is_morning_together(trial: Trial) -> None:
    """
    For an investigator of all sites.
    """
    for number, place in PLACES.items():

        async def set_alike(session: AsyncSession, number: int = number) -> None:
            site = (await session.exec(select(Site).where(Site.number == number))).one()
            values = {"time_zone": "Europe/Paris", "quiet_from": "19:00", "quiet_until": "08:00", "weekdays": "12345"}
            await sites.change(session, site=site, values=values, by=PROGRAM, now=trial.now)

        await trial.commit(set_alike)
        for happening in pair(WEDNESDAY - DAY, "20:00"):
            about: Any = happening.about and (place.number, *happening.about[1:])
            trial.now = happening.at
            await trial.happen(type(happening)(happening.at, happening.what, happening.who, about, happening.other))
    before = len(trial.api.chat(105))
    assert ("Kim", "pair_unsigned") in await look(trial, WEDNESDAY)
    assert len(trial.api.chat(105)) == before + 1
    assert "Reminders: 2 cases" in trial.api.chat(105)[-1].text


async def test_put_off_before_it_was_told_it_waits(trial: Trial) -> None:
    """
    Somebody saw it in /reminders on Saturday.
    """
    await awaiting(trial, SATURDAY)
    assert await look(trial, SATURDAY, "10:00") == []
    await trial.put_off("Ada", SATURDAY + 4 * DAY)
    assert [await look(trial, *one) for one in daily(SATURDAY + 2 * DAY, 2)] == [[], []]
    assert await look(trial, SATURDAY + 4 * DAY) == [("Ada", "awaited")]


async def test_a_pair_without_its_donor_is_none_until_the_donor_is_back(trial: Trial) -> None:
    """
    Nobody signs a donor who has withdrawn; and what was told is told again when it is so again.
    """
    for happening in pair(WEDNESDAY - DAY, "20:00"):
        trial.now = happening.at
        await trial.happen(happening)
    everyone = [(name, "pair_unsigned") for name in sorted(INVESTIGATORS)]
    assert await look(trial, WEDNESDAY) == everyone
    trial.now = PARIS.at(WEDNESDAY, "10:00")
    await trial.happen(event(WEDNESDAY, "10:00", "ended", who="donor"))
    assert await look(trial, WEDNESDAY, "10:01") == []
    await look(trial, WEDNESDAY, "10:02")
    await decide(trial, DecisionKind.REOPENED, "01-D-001")
    assert await look(trial, WEDNESDAY + DAY) == everyone


async def decide(trial: Trial, kind: DecisionKind, code: str) -> None:
    """
    An investigator's decision about a case.
    """

    async def act(session: AsyncSession) -> None:
        case = (await session.exec(select(Case).where(Case.code == code))).one()
        record = await records.load(session, case=case, now=trial.now)
        await decisions.decide(session, kind=kind, subjects=[record], by=PROGRAM, now=trial.now)

    await trial.commit(act)


async def test_an_answer_that_changes_nothing_tells_of_a_pair_but_once(trial: Trial) -> None:
    """
    It is the same pair, still unsigned.
    """
    for happening in pair(WEDNESDAY - DAY, "20:00"):
        trial.now = happening.at
        await trial.happen(happening)
    assert len(await look(trial, WEDNESDAY)) == len(INVESTIGATORS)
    trial.now = PARIS.at(WEDNESDAY, "10:00")
    await trial.happen(event(WEDNESDAY, "10:00", "answered", "cd4"))
    assert [await look(trial, *one) for one in daily(WEDNESDAY + DAY, 2)] == [[], []]


async def test_what_is_settled_leaves_the_list(trial: Trial) -> None:
    """
    At once, and not at the next sweep; and what is put off stays in it.
    """
    await awaiting(trial, WEDNESDAY)
    assert await look(trial, WEDNESDAY)
    assert await listed(trial, "Ada") == ["awaited"]
    await trial.put_off("Ada", WEDNESDAY + 3 * DAY)
    assert await listed(trial, "Ada") == ["awaited"]
    await trial.happen(event(WEDNESDAY, "20:00", "answered", "cd4"))
    assert await listed(trial, "Ada") == []


async def listed(trial: Trial, who: str) -> list[str]:
    """
    What is open for somebody.
    """
    found: list[str] = []

    async def read(session: AsyncSession) -> None:
        rows = await reminders.of_person(
            session,
            person_id=trial.people[who],
            sites=None,
            limit=9,
            now=trial.now,
            timing=trial.workers[0].deployment.timing,
        )
        found.extend(row.kind for _, some in rows for row in some)

    await trial.commit(read)
    return found


@pytest.mark.parametrize(
    ("name", "kinds"), [("Ada", ["awaited", "untouched"]), ("Ben", []), ("Ines", []), ("Zoe", []), ("Dora", [])]
)
async def test_what_will_come_is_listed_for_those_whom_it_concerns(trial: Trial, name: str, kinds: list[str]) -> None:
    """
    Case by case: a colleague's are the colleague's.
    """
    await awaiting(trial, WEDNESDAY)
    trial.now = PARIS.at(WEDNESDAY - 2 * DAY, "10:00")
    await trial.look()
    found: list[str] = []

    async def read(session: AsyncSession) -> None:
        ahead = await reminders.ahead(
            session,
            person_id=trial.people[name],
            sites=None,
            until=WEDNESDAY + 12 * DAY,
            now=trial.now,
            timing=trial.workers[0].deployment.timing,
        )
        found.extend(one.kind for one, _ in ahead)

    await trial.commit(read)
    assert found == kinds


async def test_everyone_elses_reminders_come_to_whoever_is_left_and_are_listed(trial: Trial) -> None:
    """
    While the case's own coordinator cannot be reached.
    """
    await awaiting(trial, WEDNESDAY)
    await absent(trial, "Ben")
    assert await look(trial, WEDNESDAY) == [("Ben", "awaited")]
    assert await listed(trial, "Ben") == ["awaited"]
    assert await listed(trial, "Ada") == []


@pytest.mark.parametrize(
    ("quiet", "clock", "is_quiet"),
    [
        (("19:00", "08:00"), "18:59", False),
        (("19:00", "08:00"), "19:00", True),
        (("19:00", "08:00"), "23:59", True),
        (("19:00", "08:00"), "00:00", True),
        (("19:00", "08:00"), "07:59", True),
        (("19:00", "08:00"), "08:00", False),
        (("12:00", "14:00"), "11:59", False),
        (("12:00", "14:00"), "12:00", True),
        (("12:00", "14:00"), "14:00", False),
        (("00:00", "00:00"), "00:00", False),
        (("00:00", "00:00"), "03:00", False),
        (("02:30", "03:00"), "02:45", True),
    ],
)
@pytest.mark.parametrize("day", [date(2026, 6, 10), date(2026, 10, 25)])
def test_quiet_hours_hold_across_midnight_and_within_a_day(
    quiet: tuple[str, str], clock: str, *, is_quiet: bool, day: date
) -> None:
    """
    On the clock of the site, also on the day on which an hour comes twice; the same time twice is never quiet.
    """
    site = Site(number=1, name="", time_zone="Europe/Paris", quiet_from=quiet[0], quiet_until=quiet[1])
    for fold in (0, 1):
        at = PARIS.at(day, clock).astimezone(PARIS.zone).replace(fold=fold)
        assert hours(site, at).is_quiet is is_quiet
        assert hours(site, at).today == day


@pytest.mark.parametrize(
    ("day", "works_here", "works_there"),
    [(SATURDAY - DAY, True, False), (SATURDAY, False, False), (SATURDAY + DAY, False, True)],
)
def test_weekdays_are_those_of_the_site(day: date, *, works_here: bool, works_there: bool) -> None:
    """
    It is Saturday in Auckland while it is Friday in Paris.
    """
    here = Site(number=1, name="", time_zone="Europe/Paris")
    there = Site(number=2, name="", time_zone="Pacific/Auckland")
    at = PARIS.at(day, "18:00")
    assert (hours(here, at).today, hours(here, at).is_working_day) == (day, works_here)
    assert (hours(there, at).today, hours(there, at).is_working_day) == (day + DAY, works_there)


async def test_a_blocked_bot_is_told_of_to_one_colleague_once(trial: Trial) -> None:
    """
    However many messages are refused.
    """
    await awaiting(trial, WEDNESDAY)
    trial.api.block(100)
    for at in range(3):
        await look(trial, WEDNESDAY + at * DAY)
    found = [
        (name, message.text)
        for at, name in enumerate(STAFF, start=100)
        for message in trial.api.chat(at)
        if "has blocked the bot" in message.text
    ]
    assert found == [("Ben", "Ada has blocked the bot; their reminders now come to you.")]
    async with trial.databases[0].transaction() as session:
        query = select(Person.name).where(col(Person.unreachable_at).is_not(None))
        assert (await session.exec(query)).all() == ["Ada"]
