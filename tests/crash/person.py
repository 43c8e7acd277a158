"""
A coordinator who reads the card and does what it asks, at random, and keeps a list of what was answered.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from bot.emulator.api import LocalBotApi
from bot.emulator.chat import ChatEvent, Message
from bot.rules.items import BloodPressure, Bool, Choice, Date, Item, Number, Several
from bot.rules.v1.recipient import POPULATION
from bot.screens.summary import DetailsScreen
from bot.taps import AWAITED, NONE, Complete, Confirm, Done, Finish, Go, New, Pick, Tap, Toggle, decode
from tests.crash.program import Focus, Stored

USER = 101
_SOON = 1.0


@dataclass
class Person:
    """
    Acts only on what the card shows. `hands` is held while acting, so that somebody else can hold the person still.
    `is_settled` tells whether nothing more is to come: an answer typed before the bot could know that its question had
    been seen is not taken then, and typed once more. `repeats` counts these. One who `leaves` ends
    the step first.
    """

    api: LocalBotApi
    random: Random
    answered: list[Stored] = field(default_factory=list)
    opened: int = 0
    hands: asyncio.Lock = field(default_factory=asyncio.Lock)
    patience: float = 30
    is_settled: Callable[[], Awaitable[bool]] | None = None
    repeats: int = 0
    leaves: bool = False
    _typed: str | None = None
    _newest: int = 0

    def __post_init__(self) -> None:
        self.api.on_change(self._see)

    def _see(self, event: ChatEvent) -> None:
        shown = event.message if event.kind in {"sent", "edited"} else None
        if shown is not None and shown.from_bot and (shown.id > self._newest or self.card is None):
            self._newest = shown.id

    def look_again(self) -> None:
        """
        Take what stands in the chat for what is to stand there: of two cards the lower one may have gone, when somebody
        pressed a button of the upper one.
        """
        if self.card is None:
            self._newest = max((message.id for message in self.api.chat(USER) if message.from_bot), default=0)

    @property
    def card(self) -> Message | None:
        """
        The newest message of the bot; None for the moment in which it is gone and the next one not there. One that the
        bot sent twice, since it did not hear that it had, may still stand above.
        """
        return next((message for message in self.api.chat(USER) if message.id == self._newest), None)

    @property
    def taps(self) -> list[Tap]:
        """
        What the card's buttons carry.
        """
        card = self.card
        found = [decode(button.data or "") for row in card.buttons for button in row] if card else []
        return [tap for tap in found if tap is not None]

    @property
    def question(self) -> Pick | None:
        """
        The case, revision and item of the question on the card, as its "not available yet" carries them.
        """
        return next((tap for tap in self.taps if isinstance(tap, Pick) and tap.choice == AWAITED), None)

    async def join(self, code: str) -> None:
        """
        Come in by the setup code.
        """
        await self._type(f"/start {code}")
        await self._until(lambda: any(isinstance(tap, New) for tap in self.taps))

    async def screen(self) -> None:
        """
        Open cases and answer questions until cancelled, or until the step is done after which they leave.
        """
        while not self.leaves:
            await self.step()

    async def step(self) -> None:
        """
        Do what the card asks for next, and wait until the bot has taken it in.
        """
        await self._until(lambda: self.card is not None)
        question = self.question
        if question is not None:
            await self._answer(question, POPULATION.item[question.item])
        elif settled := [tap for tap in self.taps if isinstance(tap, Complete | Finish)]:
            await self._press(self.random.choice(settled))
            await self._until(lambda: self.question is not None or self._sees_summary())
        else:
            await self._open()

    async def _open(self) -> None:
        known = max((one.case_id for one in self.answered), default=0)
        await self._type("/new recipient")
        self.opened += 1
        await self._until(lambda: self.question is not None and self.question.case > known)

    async def _answer(self, question: Pick, item: Item) -> None:
        if self.random.random() < 0.05:
            await self._press(question)
            value: object = None
        else:
            value = await self._give(question, item)
        self.answered.append(Stored(question.case, question.revision + 1, question.item, value))
        await self._until(lambda: self._is_past(question))

    def _is_past(self, question: Pick) -> bool:
        asked = self.question
        if asked is None:
            return any(
                isinstance(tap, Complete) or (isinstance(tap, Go) and tap.screen == DetailsScreen())
                for tap in self.taps
            )
        return (asked.case, asked.revision) == (question.case, question.revision + 1)

    def _sees_summary(self) -> bool:
        return any(isinstance(tap, Go) and tap.screen == DetailsScreen() for tap in self.taps)

    async def _give(self, question: Pick, item: Item) -> object:
        """
        Give some answer and return it in file form.
        """
        at = (question.case, question.revision, question.item)
        match item:
            case Bool():
                yes = self.random.random() < 0.5
                if self.random.random() < 0.3:
                    await self._type("yes" if yes else "no")
                else:
                    await self._press(Pick(*at, "yes" if yes else "no"), twice=self.random.random() < 0.2)
                return yes
            case Choice(options=options):
                choice = self.random.choice(options)
                await self._press(Pick(*at, choice))
                return choice
            case Several(options=options):
                return await self._tick(at, [option for option in options if self.random.random() < 0.2])
            case Date():
                day = datetime.now(UTC).date() - timedelta(days=self.random.randrange(1, 900))
                await self._type(day.isoformat())
                return day.isoformat()
            case BloodPressure():
                text = f"{self.random.randint(100, 200)}/{self.random.randint(60, 90)}"
                await self._type(text)
                return text
            case Number():
                return await self._number(item)
        raise TypeError(f"no answer for a {type(item).__name__}")

    async def _tick(self, at: tuple[int, int, str], wanted: list[str]) -> object:
        for option in wanted:
            await self._press(Toggle(*at, option, 1), twice=self.random.random() < 0.2)
            unticked = Toggle(*at, option, 0)
            await self._until(lambda tap=unticked: tap in self.taps)  # type: ignore[misc]
        await self._press(Done(*at) if wanted else Pick(*at, NONE), twice=self.random.random() < 0.2)
        return sorted(wanted)

    async def _number(self, item: Number) -> object:
        low, high = item.soft or item.hard
        is_unusual = high < item.hard[1] and self.random.random() < 0.2
        if is_unusual:
            low, high = high + 1, min(item.hard[1], high + 5)
        share = Decimal(self.random.randint(0, 1000)) / 1000
        number = round(low + (high - low) * share, 0 if item.whole else 1)
        await self._type(str(number).replace(".", self.random.choice(".,")))
        if is_unusual:
            await self._until(lambda: any(isinstance(tap, Confirm) for tap in self.taps))
            await self._press(next(tap for tap in self.taps if isinstance(tap, Confirm)))
        return number

    async def _press(self, tap: Tap, *, twice: bool = False) -> None:
        async with self.hands:
            await self._until(lambda: self.card is not None)
            assert self.card is not None
            self._typed = None
            for _ in range(1 + twice):
                self.api.press(USER, self.card.id, tap.data)

    async def _type(self, text: str) -> None:
        async with self.hands:
            self._typed = text
            self.api.send(USER, text)

    async def _until(self, is_so: Callable[[], bool]) -> None:
        begun = looked = time.monotonic()
        while not is_so():
            now = time.monotonic()
            if now - looked > _SOON:
                await self._type_again(is_so)
                looked = now
            if now - begun > self.patience:
                card = self.card
                raise AssertionError(f"the card still says, after {self.answered[-1:]}: {card.text if card else None}")
            await asyncio.sleep(0.005)

    async def _type_again(self, is_so: Callable[[], bool]) -> None:
        if self.is_settled is None or not await self.is_settled():
            return
        self.look_again()
        if self._typed is not None and not self._typed.startswith("/") and not is_so():
            self.repeats += 1
            await self._type(self._typed)

    def sees(self, focus: Focus) -> bool:
        """
        Whether the card shows what follows from the stored answers of the case in focus.
        """
        assessment = focus.assessment
        if assessment.to_ask and (assessment.verdict != "not_eligible" or focus.in_full):
            asked = self.question
            wanted = (focus.case_id, focus.revision, assessment.to_ask[0])
            confirms = [(tap.case, tap.revision, tap.item) for tap in self.taps if isinstance(tap, Confirm)]
            return wanted in confirms or (asked is not None and wanted == (asked.case, asked.revision, asked.item))
        if assessment.to_ask:
            return Complete(focus.case_id) in self.taps
        return Go(focus.case_id, DetailsScreen()) in self.taps
