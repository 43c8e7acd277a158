"""
A coordinator who does anything at any time: whatever the order of taps, texts and restarts, every answer is filed under
the question that the person answered, once, and the chat shows what is stored.
"""

import os
import random
from dataclasses import dataclass, field

import pytest
from sqlmodel import col, select

from bot.catalogues import LANGUAGES
from bot.emulator.chat import Message
from bot.emulator.html import parse_html
from bot.render import render
from bot.rules import file_form
from bot.rules.criteria import Status
from bot.rules.items import BloodPressure, Bool, Choice, Date, Item, Number, Several
from bot.screens.dating import Dating
from bot.screens.menus import Help
from bot.settings import Settings
from bot.taps import AWAITED, NONE, Confirm, Done, New, Pick, SayExamined, Toggle, decode
from bot.texts import words
from bot.turn import View
from db.base.tables import Case, PersonRole
from db.cases.records import Record, load
from tests.chat.conversation import RECIPIENT, asked, data, item_of, trail, view_of
from tests.chat.staff import add_member
from tests.conftest import COORDINATOR, Chatter, Clinic
from tests.thorough import thorough

STEPS = int(os.environ.get("WALK_STEPS", "375"))
"""Of each of the four long walks; raise it for a longer run."""

WALKS = [
    pytest.param(backend, seed, marks=thorough("long walks"))
    for backend, seed in (("sqlite", 6), ("postgresql", 2), ("sqlite", 8), ("postgresql", 4))
]
"""Each is taken on one database."""

SHORT = 100

MOST_CASES = 5
TYPED = {
    "age": ["45", "17", "70", "15", "forty"],
    "mrss": ["22", "15", "52"],
    "cyclophosphamide_last_dose": ["3 mai 2025", "yesterday", "tomorrow", "31/2/2025"],
    "baseline_pft_date": ["hier", "1/1/2026", "1/6/2026"],
    "haemoglobin": ["12", "122", "7 g/dL", "112 g/L"],
    "pao2": ["80", "8 kPa", "7,9 kPa", "125"],
    "bp_first": ["165/112", "120/80", "112/165"],
    "bp_second": ["170/100", "120/80", "12"],
    "dlco": ["58", "66", "29", "5"],
    "fvc": ["70", "80"],
}


@dataclass(frozen=True)
class State:
    """
    What is stored of cases, by code, and what the chat has to show.
    """

    records: dict[str, Record]
    view: View


def is_projected(record: Record, said: str) -> None:
    """
    Check that what lists show of a case is what a fresh assessment says.
    """
    case, fresh = record.case, record.assessment
    assert (case.verdict, case.answered, case.to_ask, case.awaited, case.recheck_on) == (
        fresh.verdict,
        len(record.facts),
        len(fresh.to_ask),
        len(fresh.awaited),
        fresh.recheck_on,
    ), f"{case.code} after {said}"
    for ids, status in ((case.failing, Status.FAIL), (case.open, Status.UNKNOWN)):
        assert ids.split() == list(fresh.ids(record.population, status)), f"{case.code} after {said}"


@dataclass
class Walk:
    """
    One person, one chat, a seed.
    """

    clinic: Clinic
    person: Chatter
    random: random.Random
    old: list[tuple[Message, str]] = field(default_factory=list)
    now: State = field(default_factory=lambda: State({}, Help(may_screen=True)))
    said: str = ""
    answered: int = 0

    async def state(self) -> State:
        """
        What is stored, read anew.
        """
        async with self.clinic.application.database.transaction() as session:
            now = self.clinic.application.worker.clock()
            cases = (await session.exec(select(Case).order_by(col(Case.id)))).all()
            records = {case.code: await load(session, case=case, now=now) for case in cases}
            return State(records, await view_of(self.clinic, session, self.person.user_id))

    async def step(self) -> None:
        """
        Do something, and check everything.
        """
        card = self.person.card
        self.now = await self.state()
        action = self.random.choices(
            [
                self.answer,
                self.press_present,
                self.press_old,
                self.type_anything,
                self.change_typed,
                self.command,
                self.restart,
            ],
            [58, 16, 10, 5, 2, 8, 1],
        )[0]
        self.said = action.__name__
        allowed = await action(card)
        self.old += [(self.person.card, one) for one in data(self.person.card)]
        await self.check(self.now, allowed)

    async def answer(self, card: Message) -> set[tuple[str, str]]:
        """
        Answer the question on the card, if there is one: by a button of it, or typed.
        """
        key = asked(card)
        if key is None:
            if self.now.records and self.random.random() < 0.5:
                # Most screens lead away from the questions; this way back keeps the walk near them.
                self.said = f"/resume {self.random.choice(list(self.now.records))}"
                await self.person.say(self.said)
                return set()
            return await self.press_present(card)
        case = self.case_on(card)
        item = item_of(case.kind, key)
        if isinstance(item, Number | BloodPressure | Date) and self.random.random() < 0.9:
            self.said = self.random.choice(TYPED.get(key, [str(RECIPIENT.get(key, "80"))]))
            await self.person.say(self.said)
        else:
            own = [one for one in data(card) if isinstance(decode(one), Pick | Toggle | Done | Confirm)]
            self.said = self.random.choice(own)
            await self.person.tap(self.said, card)
        return {(case.code, key)}

    def case_of(self, tap: Pick | Toggle | Done | Confirm | SayExamined) -> Case:
        """
        The case that a button belongs to.
        """
        return next(record.case for record in self.now.records.values() if record.case.id == tap.case)

    def case_on(self, card: Message) -> Case:
        """
        The case whose question is on the card.
        """
        taps = (decode(one) for one in data(card))
        return self.case_of(next(tap for tap in taps if isinstance(tap, Pick | Toggle | Done | Confirm)))

    async def press_present(self, card: Message) -> set[tuple[str, str]]:
        """
        Press any button of the card.
        """
        presses = data(card)
        if len(self.now.records) >= MOST_CASES:
            presses = [one for one in presses if not isinstance(decode(one), New)]
        if not presses:
            return await self.command(card)
        return await self.press(card, self.random.choice(presses))

    async def press_old(self, card: Message) -> set[tuple[str, str]]:
        """
        Press a button of an earlier card. It answers at most the question that stands there now, if it is its own.
        """
        if not self.old:
            return await self.press_present(card)
        message, one = self.random.choice(self.old)
        return await self.press(message, one)

    async def press(self, message: Message, one: str) -> set[tuple[str, str]]:
        """
        Press a button. One that answers may answer its own item of its own case alone.
        """
        self.said = one
        tap = decode(one)
        if isinstance(tap, New) and len(self.now.records) >= MOST_CASES:
            return set()
        allowed = set()
        if isinstance(tap, Pick | Done | Confirm) and self.case_of(tap).revision == tap.revision:
            allowed = {(self.case_of(tap).code, tap.item)}
        if isinstance(tap, SayExamined) and self.case_of(tap).revision == tap.revision:
            # The result that was stored last is given a day or a source.
            code = self.case_of(tap).code
            allowed = {(code, self.now.records[code].answers[-1].item)}
        await self.person.tap(one, message)
        return allowed

    async def type_anything(self, card: Message) -> set[tuple[str, str]]:
        """
        Type what may or may not be an answer to what is asked.
        """
        self.said = self.random.choice(["45", "yes", "non", "58 %", "165/112", "hier", "none", "Marie Dupont", "1-r-1"])
        key = asked(card)
        allowed = set() if key is None else {(self.case_on(card).code, key)}
        view = self.now.view
        if isinstance(view, Dating):
            allowed = {(view.record.case.code, view.record.answers[-1].item)}  # its source, in words
        await self.person.say(self.said)
        return allowed

    async def change_typed(self, _: Message) -> set[tuple[str, str]]:
        """
        Change a message typed before, as Telegram lets people do: it answers nothing, whatever it says now.
        """
        self.said = self.random.choice(["45", "yes", "58 %"])
        user = {"id": self.person.user_id, "is_bot": False, "first_name": "Test"}
        message = {"message_id": 1, "date": 1, "edit_date": 2, "text": self.said, "from": user}
        self.person.api.put({"edited_message": message | {"chat": {"id": user["id"], "type": "private"}}})
        await self.person.look()
        return set()

    async def command(self, _: Message) -> set[tuple[str, str]]:
        """
        Give any command.
        """
        codes = list(self.now.records) or ["01-R-001"]
        commands = ["/start", "/help", "/cases", "/status", "/cancel", "/language", "/find", "/whatif dlco=58"]
        commands += [f"/resume {self.random.choice(codes)}", f"/status {self.random.choice(codes)}"] * 3
        if len(codes) < MOST_CASES:
            commands += ["/new recipient", "/new donor"]
        self.said = self.random.choice(commands)
        await self.person.say(self.said)
        return set()

    async def restart(self, _: Message) -> set[tuple[str, str]]:
        """
        Stop and start the program.
        """
        await self.clinic.restart()
        return set()

    async def check(self, before: State, allowed: set[tuple[str, str]]) -> None:
        """
        All that must be so after whatever happened.
        """
        state = await self.state()
        added = []
        for code, record in state.records.items():
            known = (
                [(given.item, given.text) for given in before.records[code].answers] if code in before.records else []
            )
            found = [(given.item, given.text) for given in record.answers]
            assert found[: len(known)] == known, f"{self.said} rewrote answers"
            for item, value in found[len(known) :]:
                added.append((code, item))
                self.is_what_was_said(record.population.item[item], value)
            assert record.case.revision == len(found)
            assert [given.revision for given in record.answers] == list(range(1, len(found) + 1))
            is_projected(record, self.said)
        assert len(added) <= 1, f"{self.said} stored {added}"
        assert set(added) <= allowed, f"{self.said} was filed under {added}, not {allowed}"
        self.answered += len(added)
        self.shows(state.view)

    def is_what_was_said(self, item: Item, value: str | None) -> None:
        """
        The value stored is the one pressed.
        """
        tap = decode(self.said)
        if not isinstance(tap, Pick):
            return
        raw = None if value is None else file_form.loads(value)
        match item:
            case _ if tap.choice == AWAITED:
                assert raw is None
            case Bool():
                assert raw is (tap.choice == "yes")
            case Choice():
                assert raw == tap.choice
            case Several():
                assert (tap.choice, raw) == (NONE, [])

    def shows(self, view: View) -> None:
        """
        There is one card besides any reports, and on it, below any note, is what is stored.
        """
        chat = self.person.api.chat(self.person.user_id)
        messages = [message for message in chat if message.file is None or message.buttons]  # a score has a picture
        assert len(messages) == 1, f"{self.said} left {[message.text[:30] for message in messages]}"
        card = messages[0]
        expected = [render(view, words(language)) for language in LANGUAGES]
        texts = [parse_html(one.html)[0].rstrip() for one in expected]
        matching = [
            one
            for one, text in zip(expected, texts, strict=True)
            if card.text.rstrip() == text or card.text.rstrip().endswith(f"\n\n{text}")
        ]
        assert matching, f"after {self.said} the card says {card.text!r}, and not {texts[0]!r}"
        labels = [[button.label for button in row] for row in card.buttons]
        assert labels in [[[button.label for button in row] for row in one.rows] for one in matching]


async def walk(settings: Settings, *, seed: int, steps: int) -> int:
    """
    Walk so many steps on an empty database, and check each; how many of them stored an answer.
    """
    clinic = Clinic(settings)
    await clinic.start()
    # Only a coordinator: an administrator on the loose hands out invitations, which stand in the chat, and loses roles.
    person = await add_member(clinic, COORDINATOR, (PersonRole.COORDINATOR, 1))
    await person.say("/start")
    walker = Walk(clinic, person, random.Random(seed))  # noqa: S311  no secret
    try:
        for _ in range(steps):
            await walker.step()
        entries = [entry for entry in await trail(clinic) if entry.action == "answer"]
        assert len(entries) == walker.answered
    finally:
        await clinic.stop()
    return walker.answered


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_on_a_short_walk_everything_is_filed_where_it_belongs(settings: Settings) -> None:
    """
    The first steps of a long one.
    """
    assert await walk(settings, seed=6, steps=SHORT) > SHORT // 10


@pytest.mark.parametrize(("backend", "seed"), WALKS)
async def test_whatever_a_person_does_is_filed_where_it_belongs(settings: Settings, seed: int) -> None:
    """
    Typing, pressing present and old buttons, going back, editing, pausing, opening other cases, restarting.
    """
    assert await walk(settings, seed=seed, steps=STEPS) > STEPS // 15
