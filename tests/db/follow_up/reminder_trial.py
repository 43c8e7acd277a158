"""
The program, driven through a history of events: the real queries, worker, notifier and Bot API, and a moved clock.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import event as events
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.application import remind
from bot.emulator.api import LocalBotApi
from bot.emulator.request import LocalRequest
from bot.engine.notifier import Notifier
from bot.engine.unit_of_work import UnitOfWork
from bot.engine.worker import Worker
from bot.rules import file_form
from bot.rules.protocol import Kind
from bot.rules.schedule import Recorded
from bot.rules.versions import LATEST
from bot.study import Study
from bot.terminal.well import WELL
from bot.texts import words
from bot.turn import Deployment
from bot.wire.client import TelegramBot
from bot.wire.speaker import Saying, Shown, Speaker
from db.base.engine import Database
from db.base.tables import (
    Answer,
    Case,
    DecisionKind,
    Membership,
    Person,
    Reminder,
    Site,
)
from db.cases import (
    answers,
    cases,
    decisions,
    pairs,
    projections,
    records,
)
from db.follow_up import infusions, planned, reminders, visits
from db.follow_up.due import ReminderKind, Timing
from db.people import people
from db.trail import audit
from db.trail.audit import PROGRAM, Actor
from tests.db.follow_up.reminder_history import (
    AWAITABLE,
    PLACES,
    STAFF,
    Event,
    History,
)
from tests.db.follow_up.reminder_oracle import (
    SNOOZES,
    About,
    Oracle,
    Told,
    reaction,
)
from tests.db.rows import ANY_DEVIATION, KEY

_MARGIN = 14
_FIRST_ID = 100
_DEADLY = 0.5
_QUERIES, _WORDS = 60, 7
_ANSWERS: dict[str, dict[str, Any]] = {
    "recipient": WELL[Kind.RECIPIENT]
    | {"fvc": 80, "heart_findings": [], "bp_first": "120/80", "bp_second": "120/80", "renal_findings": []},
    "donor": WELL[Kind.DONOR],
}
_DECIDING_BASELINE = {"dlco": Decimal(65), "tlc": Decimal(80), "baseline_fvc": Decimal(100)}
_LINES = {
    "visit_opens": r"(?P<code>\S+): the window of the month-(?P<detail>\d+) visit has been open since (?P<day>.*)\.",
    "visit_due": r"(?P<code>\S+): the month-(?P<detail>\d+) visit is due, (?P<day>.*)\.",
    "visit_overdue": r"(?P<code>\S+): the month-(?P<detail>\d+) visit is overdue; its window has closed\.",
    "awaited": r"(?P<code>\S+): still awaited: (?P<detail>.*)\.",
    "recheck": r"(?P<code>\S+): with time alone, from (?P<day>[^:]*): R-\S+ .* → (?:passes|fails|open)\. Look again\.",
    "baseline": r"(?P<code>\S+): the baseline lung function leaves its 6-to-18-month window on (?P<day>.*)\.",
    "untouched": r"(?P<code>\S+): nothing has been entered since (?P<day>.*)\.",
    "pair_unsigned": r"(?P<code>\S+) and (?P<detail>\S+): eligible on the data entered, and not signed off\.",
}
_PHRASES = {
    "visit_opens": r"month-(?P<detail>\d+) visit open since (?P<day>.*)",
    "visit_due": r"month-(?P<detail>\d+) visit due (?P<day>.*)",
    "visit_overdue": r"month-(?P<detail>\d+) visit overdue",
    "awaited": r"awaits (?P<detail>.*)",
    "recheck": r"R-\S+ → (?:passes|fails|open).* from (?P<day>.*)",
    "baseline": r"baseline leaves its window (?P<day>.*)",
    "untouched": r"untouched since (?P<day>.*)",
    "pair_unsigned": r"unsigned with (?P<detail>\S+)",
}
"""What stands behind the code of a case that is one of several."""

_ITEMS = {
    name: item
    for kind, items in AWAITABLE.items()
    for item in items
    for name in (
        words("en").label(LATEST.population(kind).item[item], kind).unescape(),
        words("en").brief(item, kind).unescape(),
    )
}


def read(html: str, today: date) -> list[About]:
    """
    What a message of this day reminds of.
    """
    found: list[About] = []
    for line in re.sub(r"<[^>]*>", "", html).split("\n"):
        if line[:1] in {"⏰", "❗"}:
            said = line[1:].strip()
            code, _, phrases = said.partition(": ")
            if in_full := _matches(_LINES, said):
                found += [_about(kind, about, today) for kind, about in in_full]
                continue
            for phrase in phrases.split("; "):
                ((kind, about),) = _matches(_PHRASES, phrase)
                details = about.get("detail", "").split(", ")
                found += [_about(kind, about | {"code": code, "detail": detail}, today) for detail in details]
    assert "…" not in html, "a message that was cut"
    return found


def _matches(patterns: dict[str, str], said: str) -> list[tuple[str, dict[str, str]]]:
    found = ((kind, re.fullmatch(pattern, said)) for kind, pattern in patterns.items())
    return [(kind, match.groupdict()) for kind, match in found if match]


def _about(kind: str, said: dict[str, str], today: date) -> About:
    detail, day = said.get("detail", ""), None
    if "day" in said:
        text = said["day"] if said["day"][-4:].isdigit() else f"{said['day']} {today.year}"
        day = datetime.strptime(text, "%d %b %Y").date()  # noqa: DTZ007  a date
    return About(kind, said["code"], _ITEMS[detail] if kind == "awaited" else detail, day)


class KilledError(BaseException):
    """
    The process is gone.
    """


@dataclass
class Fate:
    """
    When the process is to die: after so many statements and commits, or after so many moments before and after a
    message. None: it lives.
    """

    queries: int | None = None
    words: int | None = None

    def query(self) -> None:
        """
        A statement to the database, or a commit. Raises KilledError.
        """
        if self.queries is not None:
            self.queries -= 1
            self._end(self.queries)

    def word(self) -> None:
        """
        The moment before a message, or the one after. Raises KilledError.
        """
        if self.words is not None:
            self.words -= 1
            self._end(self.words)

    def _end(self, left: int) -> None:
        if left < 0:
            self.queries = self.words = None
            raise KilledError


class Witness(Speaker):
    """
    Speaks as the program does, and remembers what arrived.
    """

    def __init__(self, bot: TelegramBot, fate: Fate) -> None:
        super().__init__(bot)
        self.fate = fate
        self.said: list[tuple[int, str]] = []

    async def say(self, saying: Saying) -> Shown | None:
        """
        As Speaker.say.
        """
        self.fate.word()
        await asyncio.sleep(0)  # as the network would: others go on meanwhile
        shown = await super().say(saying)
        if shown is not None and saying.card is not None:
            self.said.append((saying.chat_id, saying.card.html))
        self.fate.word()
        return shown


@dataclass
class Trial:
    """
    The program on a database, in so many replicas, and the people who make a history happen.

    `seed` says what they do about reminders, None: nothing. `killer` says when the process is killed, once a look at
    most; `repeated` is how many messages came again at each look.
    """

    databases: Sequence[Database]
    now: datetime
    seed: int | None = None
    killer: Random | None = None
    api: LocalBotApi = field(default_factory=LocalBotApi)
    fate: Fate = field(default_factory=Fate)
    times: Counter[tuple[str, About]] = field(default_factory=Counter)
    kills: int = 0
    repeated: list[int] = field(default_factory=list)
    refreshed: list[date] = field(default_factory=list)

    def __post_init__(self) -> None:
        bot = TelegramBot("1:local", base_url="local:/bot", request=LocalRequest(self.api))
        deployment = Deployment("local_bot", Study(), Timing())
        self.speaker = Witness(bot, self.fate)
        self.workers = [
            Worker(UnitOfWork(database, KEY), bot, self.speaker, deployment, clock=lambda: self.now)
            for database in self.databases
        ]
        self.notifiers = [
            Notifier(worker.unit, worker.between_turns, self.speaker, deployment.timing, lambda: self.now)
            for worker in self.workers
        ]
        self.people: dict[str, int] = {}
        self.cases: dict[str, int] = {}
        for database in self.databases:
            events.listen(database.engine.sync_engine, "before_cursor_execute", lambda *_: self.fate.query())
            events.listen(database.engine.sync_engine, "commit", lambda *_: self.fate.query())

    async def commit(self, work: Callable[[AsyncSession], Awaitable[object]]) -> None:
        """
        Do something in a transaction, as one of the replicas.
        """
        await self.workers[0].commit(work)

    async def staff(self) -> None:
        """
        The sites and their people.
        """

        async def add(session: AsyncSession) -> None:
            sites = {}
            for place in PLACES.values():
                quiet_from, quiet_until = place.quiet
                site = Site(
                    number=place.number,
                    name=f"Site {place.number}",
                    time_zone=str(place.zone),
                    quiet_from=quiet_from,
                    quiet_until=quiet_until,
                    weekdays=place.weekdays,
                )
                session.add(site)
                await session.flush()
                sites[place.number] = site.id
            for at, (name, (role, number)) in enumerate(STAFF.items(), start=_FIRST_ID):
                person = Person(telegram_id=at, name=name, language="en", joined_at=self.now, accepted_at=self.now)
                session.add(person)
                await session.flush()
                site_id = None if number is None else sites[number]
                session.add(Membership(person_id=person.id, role=role, site_id=site_id))
                self.people[name] = person.id
            await audit.record(session, at=self.now, by=PROGRAM, action="site.open", entity="site 01")

        await self.commit(add)

    async def live(self, history: History) -> tuple[list[Told], list[Told]]:
        """
        Let it all happen. What people were to be told, and what they were told.
        """
        oracle = Oracle(self.seed)
        await self.staff()
        expected: list[Told] = []
        told: list[Told] = []
        moments: list[tuple[datetime, Event | None]] = [(one.at, one) for one in history.events]
        moments += [(look, None) for look in history.looks]
        for now, happening in sorted(moments, key=lambda moment: moment[0]):
            self.now = now
            if happening is not None:
                if oracle.can_happen(happening):
                    await self.happen(happening)
                oracle.happen(happening)
                continue
            for name, kind in oracle.unmuted(now):
                person = self.people[name]
                await self.commit(
                    lambda session, person=person, kind=kind: reminders.unmute(  # type: ignore[misc]
                        session, person_id=person, kind=ReminderKind(kind)
                    )
                )
            to_tell, were_told = oracle.look(now), await self.look()
            expected += to_tell
            told += were_told
            if Counter(to_tell) != Counter(were_told):
                break  # the rest would only follow from it
        return expected, told

    async def look(self) -> list[Told]:
        """
        The program looks, and sends; where it is killed it is started again. What people read, each once.
        """
        if self.killer is not None and self.killer.random() < _DEADLY:
            self.fate.queries, self.fate.words = self.killer.choice(
                [(self.killer.randrange(_QUERIES), None), (None, self.killer.randrange(_WORDS))]
            )
        is_done = False
        while not is_done:
            try:
                await self._look()
            except KilledError:
                self.kills += 1
            else:
                is_done = True
        self.fate.queries = self.fate.words = None
        said, self.speaker.said = self.speaker.said, []
        names = dict(zip(range(_FIRST_ID, _FIRST_ID + len(STAFF)), STAFF, strict=True))
        messages = [
            (names[chat_id], tuple(abouts)) for chat_id, html in said if (abouts := read(html, self.now.date()))
        ]
        once = messages if self.killer is None else list(dict.fromkeys(messages))
        self.repeated.append(len(messages) - len(once))
        told = [Told(self.now, who, about) for who, abouts in once for about in abouts]
        for one in sorted(told, key=str):
            await self._react(one)
        return told

    async def _look(self) -> None:
        days = [place.day(self.now) for place in PLACES.values()]
        if days != self.refreshed:
            await self.commit(lambda session: projections.refresh_due(session, now=self.now))
            self.refreshed = days
        await asyncio.gather(*(remind(worker) for worker in self.workers))
        await asyncio.gather(*map(_send_all, self.notifiers))

    async def _react(self, told: Told) -> None:
        if self.seed is None:
            return
        self.times[told.who, told.about] += 1
        action = reaction(self.seed, told.who, told.about, self.times[told.who, told.about])
        if not action:
            return

        async def act(session: AsyncSession) -> None:
            person_id, about = self.people[told.who], told.about
            details = {about.detail, str(about.day)} if about.kind in {"baseline", "untouched"} else {about.detail}
            query = select(Reminder, Case, Site).where(
                Reminder.person_id == person_id,
                Reminder.kind == about.kind,
                Reminder.case_id == Case.id,
                Case.code == about.code,
                Case.site_id == Site.id,
            )
            rows = [
                (row, case, site)
                for row, case, site in (await session.exec(query)).all()
                if row.closed_at is None
                and (row.day == about.day if about.kind == "recheck" else row.detail in details)
            ]
            ((row, case, site),) = rows
            kind = ReminderKind(row.kind)
            if action in SNOOZES:
                reminders.snooze(row, until=cases.today(site, self.now) + SNOOZES[action])
            elif action == "done":
                reminders.close(row, now=self.now)
            else:
                case_id = case.id if action == "mute" else 0
                await reminders.mute(session, person_id=person_id, kind=kind, case_id=case_id, now=self.now)

        await self.commit(act)

    async def put_off(self, who: str, until: date) -> None:
        """
        Somebody puts off all that is open for them.
        """

        async def act(session: AsyncSession) -> None:
            query = select(Reminder).where(Reminder.person_id == self.people[who], col(Reminder.closed_at).is_(None))
            for row in (await session.exec(query)).all():
                reminders.snooze(row, until=until)

        await self.commit(act)

    async def happen(self, happening: Event) -> None:
        """
        Let an event happen, through the program's own functions.
        """
        if happening.what == "blocked":
            self.api.block(_FIRST_ID + list(STAFF).index(happening.who))
        elif happening.what == "returned":
            self.api.send(_FIRST_ID + list(STAFF).index(happening.who), "/start")
        await self.commit(lambda session: self._happen(session, happening))

    async def _happen(self, session: AsyncSession, event: Event) -> None:
        if event.what == "opened":
            await self._open(session, event)
            return
        if event.who in STAFF:
            await self._come_and_go(session, event)
            return
        case = await session.get_one(Case, self.cases[event.who])
        record = await records.load(session, case=case, now=self.now)
        subjects = [record]
        if event.other:
            other = await session.get_one(Case, self.cases[event.other])
            subjects.append(await records.load(session, case=other, now=self.now))
        by = Actor(self.people["Ines"], "investigator")
        match event.what:
            case "answered" | "awaited again" | "corrected":
                await self._answer(session, record, event)
            case "linked":
                await pairs.link(session, recipient=case, donor=other, by=Actor(self.people["Ada"]), now=self.now)
            case "infused":
                about = {"record": record, "margin": _MARGIN, "by": by, "now": self.now, "accepted": ANY_DEVIATION}
                await infusions.infuse(session, day=event.about, expected=0, reason="recorded_late", **about)
            case "done" | "missed" | "moved" | "undone":
                await self._visit(session, record, event)
            case decision:
                kind = {"ended": DecisionKind.WITHDRAWN}.get(decision) or DecisionKind(decision)
                await decisions.decide(session, kind=kind, subjects=subjects, by=by, now=self.now)

    async def _open(self, session: AsyncSession, event: Event) -> None:
        number, kind, filled = event.about
        site = (await session.exec(select(Site).where(Site.number == number))).one()
        opener = self.people[event.other]
        case = await cases.open_new(
            session, kind=Kind(kind), site=site, protocol=LATEST, by=Actor(opener), now=self.now
        )
        self.cases[event.who] = case.id
        for revision, (item, raw) in enumerate(_filled(kind, filled).items(), start=1):
            text = None if raw is None else file_form.dumps(raw)
            session.add(
                Answer(case_id=case.id, revision=revision, item=item, value=text, person_id=opener, at=self.now)
            )
            case.revision = revision
        projections.project(await records.load(session, case=case, now=self.now))

    async def _answer(self, session: AsyncSession, record: records.Record, event: Event) -> None:
        item, kind = event.about, record.case.kind
        raw: object = None
        if event.what == "corrected":
            item, raw = "age", Decimal(46)
        elif event.what == "answered":
            raw = _ANSWERS[kind][item]
        await answers.add(session, record=record, item=item, raw=raw, by=Actor(self.people["Ada"]), now=self.now)

    async def _visit(self, session: AsyncSession, record: records.Record, event: Event) -> None:
        month, day = event.about if event.what == "moved" else (event.about, None)
        row = (await planned.rows(session, case=record.case))[month]
        kinds = {"moved": Recorded.RESCHEDULED}
        await visits.note(
            session,
            record=record,
            month=month,
            expected=row.sequence,
            kind=kinds.get(event.what) or Recorded(event.what),
            margin=_MARGIN,
            by=PROGRAM,
            now=self.now,
            day=record.as_of if event.what == "done" else day,
            detail="none",
            accepted=ANY_DEVIATION,
        )

    async def _come_and_go(self, session: AsyncSession, event: Event) -> None:
        person_id = self.people[event.who]
        match event.what:
            case "deactivated":
                await people.deactivate(session, person_id=person_id, by=PROGRAM, now=self.now)
            case "reactivated":
                await people.reactivate(session, person_id=person_id, by=PROGRAM, now=self.now)
            case "returned":
                (await session.get_one(Person, person_id)).unreachable_at = None


async def _send_all(notifier: Notifier) -> None:
    while await notifier.send():
        pass


def _filled(kind: str, filled: dict[str, Any]) -> dict[str, Any]:
    """
    Everything well, but for what is awaited and what has to be waited for.
    """
    found = dict(_ANSWERS[kind])
    if "washout" in filled:
        found |= {"cyclophosphamide_high_dose": True, "cyclophosphamide_last_dose": filled["washout"]}
    if "baseline" in filled:
        found |= {"baseline_pft_date": filled["baseline"], "baseline_fvc": Decimal(90)}
    if filled.get("decides"):
        found |= _DECIDING_BASELINE
    found |= dict.fromkeys(filled["awaited"])
    return {key: raw.isoformat() if isinstance(raw, date) else raw for key, raw in found.items()}
