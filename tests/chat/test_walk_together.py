"""
Several people at one site who do anything at any time, now and then at once: whatever they link, choose, sign, end,
infuse and record, what is stored agrees with itself.
"""

import os
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

import pyotp
import pytest
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.application import remind
from bot.emulator.chat import Message
from bot.screens.authenticator import NewSecret
from bot.screens.decisions import WhyDecide
from bot.screens.endings import AskDay, Ending
from bot.screens.infusions import AskInfusion
from bot.screens.proposals import ConfirmProposal
from bot.screens.questions import Question
from bot.screens.quick import WhyQuick
from bot.screens.reminders import AskSnooze
from bot.screens.signing import Sign
from bot.screens.visits import AskVisitDay
from bot.settings import Settings
from bot.taps import (
    Choose,
    Confirm,
    Decide,
    Done,
    End,
    Go,
    Infuse,
    LinkWith,
    Listed,
    New,
    NewDonor,
    OpenCase,
    Pick,
    Propose,
    TakeBack,
    Tap,
    Visited,
    decode,
)
from bot.turn import View
from db.base.tables import Answer as StoredAnswer
from db.base.tables import (
    AuditEntry,
    Authenticator,
    Case,
    Decision,
    DecisionKind,
    InboxUpdate,
    Person,
    PersonRole,
    Stage,
    Tally,
    UpdateState,
    VisitRecord,
)
from db.base.tables import Link as StoredLink
from db.cases import decisions, records
from db.cases.records import Record
from db.follow_up import planned
from db.trail import audit
from db.upkeep import facts
from tests.chat.conversation import data, skip, view_of
from tests.chat.staff import add_member, said
from tests.chat.test_visits import included
from tests.chat.test_walk import SHORT, TYPED, WALKS, is_projected
from tests.chat.ward import NOW, give_app
from tests.conftest import Chatter, Clinic

STEPS = int(os.environ.get("WALK_STEPS", "300"))
"""Of each walk; raise it for a long run."""

MOST_CASES = 8
ACTING = Choose | Decide | End | Propose | OpenCase | Infuse | LinkWith | Visited
"""Buttons that are pressed more often: they are rare, and everything depends on them."""


LISTED = "age"
"""What is typed with its name where no question is open."""


@dataclass
class Together:
    """
    The people, where they have been, and what was stored before.
    """

    clinic: Clinic
    people: list[Chatter]
    random: random.Random
    old: dict[int, list[tuple[Message, str]]] = field(default_factory=dict)
    answers: dict[int, int] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    async def step(self) -> None:
        """
        Let somebody, or two of them at once, do something; then check everything.
        """
        happening = self.random.choices([self.one, self.both, self.time, self.restart], [84, 10, 5, 1])[0]
        allowed = await happening()
        for person in self.people:
            self.old.setdefault(person.user_id, []).extend((person.card, one) for one in data(person.card))
        await self.check(allowed)

    async def one(self) -> set[tuple[int, str]]:
        """
        One of them acts.
        """
        person = self.random.choice(self.people)
        allowed = await self.act(person)
        await person.look()
        return allowed

    async def both(self) -> set[tuple[int, str]]:
        """
        All act before any is answered.
        """
        allowed = [await self.act(person) for person in self.people]
        await self.people[0].look()
        return set().union(*allowed)

    async def time(self) -> set[tuple[int, str]]:
        """
        Time passes: half a minute, hours or weeks; who is to be reminded is.
        """
        assert self.clinic.now is not None
        self.clinic.now += self.random.choice([timedelta(seconds=30), timedelta(hours=5), timedelta(days=9)])
        self.log.append(f"time {self.clinic.now}")
        await remind(self.clinic.application.worker)
        await self.clinic.application.quiet()
        return set()

    async def restart(self) -> set[tuple[int, str]]:
        """
        The program ends and starts.
        """
        self.log.append("restart")
        await self.clinic.restart()
        return set()

    async def act(self, person: Chatter) -> set[tuple[int, str]]:
        """
        Press something on the card, or something old; answer what is asked; give a command. The answers that this may
        store, by case and item.
        """
        async with self.clinic.application.database.transaction() as session:
            view = await view_of(self.clinic, session, person.user_id)
        is_asked = isinstance(view, Sign | NewSecret | AskDay | AskInfusion | AskVisitDay | AskSnooze)
        weights = [20, 5, 70, 5] if is_asked else [50, 12, 15, 23]
        how = self.random.choices(["present", "old", "text", "command"], weights)[0]
        if how == "text":
            return await self.type(person)
        if how == "present" and (presses := self.buttons(person.card)):
            return self.press(person, person.card, self.random.choice(presses))
        if how == "old" and (known := self.old.get(person.user_id)):
            return self.press(person, *self.random.choice(known))
        self.send(person, await self.command())
        return set()

    def buttons(self, card: Message) -> list[str]:
        """
        What to press, the rarer the more often.
        """
        found = []
        for one in data(card):
            tap = decode(one)
            weight = 4 if isinstance(tap, ACTING) else 1
            if isinstance(tap, Go) and tap.screen.code in {"sign", "include", "infusion", "visit"}:
                weight = 8
            found += [one] * weight
        return found

    def press(self, person: Chatter, message: Message, one: str) -> set[tuple[int, str]]:
        """
        Press a button. One that answers may answer its own item of its own case alone.
        """
        tap = decode(one)
        if isinstance(tap, New | NewDonor) and len(self.answers) >= MOST_CASES:
            return set()
        self.log.append(f"{person.user_id} presses {one}")
        person.api.press(person.user_id, message.id, one)
        return _may_answer(tap)

    def send(self, person: Chatter, text: str) -> None:
        """
        Type something.
        """
        self.log.append(f"{person.user_id} says {text}")
        person.api.send(person.user_id, text, first_name="Test")

    async def type(self, person: Chatter) -> set[tuple[int, str]]:
        """
        Type what the card asks for, right or wrong.
        """
        async with self.clinic.application.database.transaction() as session:
            view = await view_of(self.clinic, session, person.user_id)
            text = await self.text_for(session, person, view)
        self.send(person, text)
        match view:
            case Question(record=record, item=item):
                return {(record.case.id, item.key)}
            case WhyQuick(entry=entry):  # whatever it is, it is a reason, and stores the list
                return {(entry.record.case.id, LISTED)}
        return set()

    async def text_for(self, session: AsyncSession, person: Chatter, view: View) -> str:
        """
        Something that fits a view, or does not.
        """
        assert self.clinic.now is not None
        match view:
            case Sign() | NewSecret():
                query = select(Authenticator).join(Person, col(Person.id) == col(Authenticator.person_id))
                app = (await session.exec(query.where(Person.telegram_id == person.user_id))).first()
                right = pyotp.TOTP(app.secret).at(self.clinic.now) if app else "123456"
                return self.random.choices([right, "000000", "hello"], [8, 1, 1])[0]
            case WhyDecide() | Ending() | ConfirmProposal() | WhyQuick():
                return self.random.choice(["the family is moving abroad", "Marie Dupont called", "123456"])
            case AskDay() | AskInfusion() | AskVisitDay() | AskSnooze():
                day = self.clinic.now + timedelta(days=self.random.choice([-40, -3, 0, 0, 5, 80]))
                return f"{day:%d/%m/%Y}"
            case Question(item=item):
                return self.random.choice(TYPED.get(item.key, ["45", "80", "yes"]))
        return self.random.choice(["1-r-1", "01-D-001", "hello", "45", "incomplete", f"{LISTED}=50"])

    async def command(self) -> str:
        """
        Any command, with codes of cases that there are.
        """
        async with self.clinic.application.database.transaction() as session:
            codes = list((await session.exec(select(Case.code).order_by(col(Case.id)))).all())
        one, recipient = self.random.choice(codes), self.random.choice([code for code in codes if "R" in code])
        donor = self.random.choice([code for code in codes if "D" in code])
        assert self.clinic.now is not None
        day = f"{self.clinic.now - timedelta(days=self.random.choice([0, 2, 100])):%d/%m/%Y}"
        pair = [f"/link {donor} {recipient}", f"/unlink {recipient} {donor}", f"/pair {recipient}"]
        deciding = [f"/decide {recipient}", f"/sign {donor}", f"/sign {recipient}", "/sign", "/authenticator"]
        following = [
            f"/infused {recipient} {day}",
            *[f"/visits {recipient}"] * 4,
            "/agenda",
            "/agenda month",
            "/reminders",
        ]
        reading = ["/start", "/cases", f"/status {one}", f"/resume {one}", f"/history {one}", "/dashboard", "/cancel"]
        return self.random.choice(self.random.choice([pair, deciding, deciding, following, following, reading]))

    async def check(self, allowed: set[tuple[int, str]]) -> None:
        """
        All that must be so after whatever happened.
        """
        last = "; ".join(self.log[-3:])
        now = self.clinic.application.worker.clock()
        async with self.clinic.application.database.transaction() as session:
            cases = (await session.exec(select(Case).order_by(col(Case.id)))).all()
            found = {case.id: await records.load(session, case=case, now=now) for case in cases}
            self.check_answers(found, allowed, last)
            await _check_projections(session, found, last)
            await _check_sign_offs(session, found, last)
            await _check_trail(session, last)
        for person in self.people:
            assert not any("reference" in text for text in said(person)), last

    def check_answers(self, found: dict[int, Record], allowed: set[tuple[int, str]], last: str) -> None:
        """
        No answer but to the question that somebody answered.
        """
        for case_id, record in found.items():
            assert [given.revision for given in record.answers] == list(range(1, record.case.revision + 1)), last
            for given in record.answers[self.answers.get(case_id, 0) :]:
                assert (case_id, given.item) in allowed, f"{given.item} by {last}"
            self.answers[case_id] = record.case.revision


def _may_answer(tap: Tap | None) -> set[tuple[int, str]]:
    match tap:
        case Pick() | Done() | Confirm():
            return {(tap.case, tap.item)}
        case Listed() | TakeBack():  # the one list that these people type is of one value
            return {(tap.case, LISTED)}
    return set()


async def _check_projections(session: AsyncSession, found: dict[int, Record], last: str) -> None:
    """
    Lists, counts of links and tallies say what the rows say.
    """
    counted: Counter[tuple[int, str, str, str]] = Counter()
    for record in found.values():
        case = record.case
        is_projected(record, last)
        ours = StoredLink.donor_id if case.kind == "donor" else StoredLink.recipient_id
        held = (
            select(func.count()).select_from(StoredLink).where(ours == case.id, col(StoredLink.unlinked_at).is_(None))
        )
        assert (await session.exec(held)).one() == case.links, last
        counted[case.site_id, case.kind, case.stage, case.verdict] += 1
    rows = (await session.exec(select(Tally).where(Tally.number != 0))).all()
    assert {(row.site_id, row.kind, row.stage, row.verdict): row.number for row in rows} == counted, last


async def _check_sign_offs(session: AsyncSession, found: dict[int, Record], last: str) -> None:
    """
    Each that holds is one of what is stored now, and each signed case has one.
    """
    for record in found.values():
        case = record.case
        if case.sign_off is None:
            assert case.stage not in {Stage.SIGNED, Stage.SCREEN_FAILURE}, last
            continue
        decision = await session.get_one(Decision, case.sign_off)
        assert case.id in {decision.case_id, decision.partner_id}, last
        subjects = await decisions.subjects_of(session, decision=decision, now=record.answers[-1].at)
        assert decisions.digest_of(subjects) == decision.digest, last
        assert decision.person_id is not None, last
        if case.stage in {Stage.SIGNED, Stage.INCLUDED}:
            assert decision.kind == DecisionKind.SIGNED, last
        assert (case.stage == Stage.SCREEN_FAILURE) <= (decision.kind == DecisionKind.SCREEN_FAILURE), last


async def _check_trail(session: AsyncSession, last: str) -> None:
    """
    Every decision, visit and answer has its entry in the audit trail, one for each case that it is about.
    """
    written: Counter[str] = Counter((await session.exec(select(AuditEntry.action))).all())
    expected: Counter[str] = Counter()
    for decision in (await session.exec(select(Decision))).all():
        expected[f"decision.{decision.kind}"] += 1 if decision.partner_id is None else 2
    expected.update(f"visit.{kind}" for kind in (await session.exec(select(VisitRecord.kind))).all())
    expected["answer"] = (await session.exec(select(func.count()).select_from(StoredAnswer))).one()
    kinds = ("decision.", "visit.", "answer")
    assert {action: number for action, number in written.items() if action.startswith(kinds)} == +expected, last


async def _check_at_the_end(clinic: Clinic, steps: int) -> None:
    """
    The trail verifies, no update was set aside, and the plan of visits is the one worked out anew.
    """
    worker = clinic.application.worker
    async with clinic.application.database.transaction() as session:
        assert await facts.verify(session, key=worker.audit_key) > steps // 10
        aside = select(InboxUpdate).where(InboxUpdate.state == UpdateState.SET_ASIDE)
        assert (await session.exec(aside)).all() == []
        audit.use_key(session, worker.audit_key)
        followed = (await session.exec(select(Case).where(Case.kind == "recipient"))).all()
        before = [_planned(await planned.rows(session, case=case)) for case in followed]
        await planned.rebuild(session, margin=worker.deployment.study.window, now=worker.clock())
        assert [_planned(await planned.rows(session, case=case)) for case in followed] == before


def _planned(rows: object) -> object:
    assert isinstance(rows, dict)
    return [row.model_dump(exclude={"changed_at"}) for row in rows.values()]


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_after_some_decisions_of_several_people_what_is_stored_agrees(settings: Settings) -> None:
    """
    The first steps of a long walk.
    """
    await _walk(settings, seed=6, steps=SHORT)


@pytest.mark.parametrize(("backend", "seed"), WALKS)
async def test_whatever_several_people_decide_what_is_stored_agrees(settings: Settings, seed: int) -> None:
    """
    A coordinator, and two investigators of whom one screens as well, with a recipient, three donors, and two recipients
    who are included.
    """
    kinds = await _walk(settings, seed=seed, steps=STEPS)
    assert kinds[DecisionKind.SIGNED]
    assert len(kinds) > 4


async def _walk(settings: Settings, *, seed: int, steps: int) -> Counter[DecisionKind]:
    """
    Let them do so many things, and check after each; the decisions that were made.
    """
    clinic = Clinic(settings, now=NOW)
    await clinic.start()
    chance = random.Random(seed)  # noqa: S311  no secret
    roles = [
        (PersonRole.COORDINATOR,),
        (PersonRole.INVESTIGATOR,),
        (PersonRole.COORDINATOR, PersonRole.INVESTIGATOR),
    ]
    people = [
        await add_member(clinic, 501 + number, *((role, 1) for role in held)) for number, held in enumerate(roles)
    ]
    try:
        for kind in ("recipient", "donor", "donor"):
            await skip(clinic, people[0], kind)
        await skip(clinic, people[0], "donor", until="positive_pcr")
        await people[0].say("/link 01-R-001 01-D-001")
        followed = await included(clinic, infused="2026-01-30")
        await included(clinic)
        for person in people:
            await person.say("/pair 01-R-001")
        await people[2].say(f"/visits {followed}")
        for person in people[1:]:
            await give_app(clinic, person.user_id)
        walk = Together(clinic, people, chance)
        async with clinic.application.database.transaction() as session:
            walk.answers = dict((await session.exec(select(Case.id, Case.revision))).all())
        for _ in range(steps):
            await walk.step()
        await _check_at_the_end(clinic, steps)
        async with clinic.application.database.transaction() as session:
            return Counter((await session.exec(select(Decision.kind))).all())
    finally:
        await clinic.stop()
