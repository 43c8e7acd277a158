"""
The program is killed again and again at random moments while a person answers, the network and the database fail, and
Telegram hands updates over twice; one of several is also stopped for as long as it takes the others to go on without
it. What must be so all the while, and at the end.
"""

import asyncio
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from bot.emulator.api import LocalBotApi
from bot.emulator.chat import ChatEvent
from bot.taps import Confirm, Done, Pick, Toggle, decode
from tests.crash.person import Person
from tests.crash.program import TOKEN, Program, free_port
from tests.service.bad_network import BadNetwork
from tests.service.bot_api_server import BotApiServer

_SECRET = "s" * 32
_TRIES = 20
"""Starts after which the program should have met no fault."""

_PATIENCE = 60


@dataclass(frozen=True)
class Plan:
    """
    What runs and what it suffers. `share` is that of calls and of transactions that fail.
    """

    url: str
    mode: str
    kills: int
    seed: int
    replicas: int = 1
    share: float = 0.08


@dataclass
class Tally:
    """
    What happened, and the sentences of what must not. Of the kills some were stops, where there are several programs.
    """

    kills: int = 0
    stops: int = 0
    updates: int = 0
    answers: int = 0
    faults: int = 0
    repeats: int = 0
    violations: list[str] = field(default_factory=list)


class Ordeal:
    """
    The programs, Telegram, and the person between them.
    """

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan = plan
        self.random = Random(plan.seed)  # noqa: S311  a schedule, no secret
        self.network = BadNetwork(Random(plan.seed + 1), mishaps=plan.share)  # noqa: S311  as above
        ports = [free_port() for _ in range(plan.replicas)] if plan.mode == "webhook" else []
        targets = [f"http://127.0.0.1:{port}/telegram" for port in ports]
        self.server = BotApiServer(LocalBotApi(first_id=1000), token=TOKEN, network=self.network, targets=targets)
        self.person = Person(self.server.api, self.random, patience=_PATIENCE, is_settled=self._is_settled)
        self.shown: dict[int, int] = {}
        self.server.api.on_change(self._see)
        self.programs = [self._program(folder, number, port) for number, port in enumerate(ports or [None])]

    def _program(self, folder: Path, number: int, port: int | None) -> Program:
        own = folder / f"replica-{number}"
        own.mkdir()
        settings = {"DATABASE_URL": self.plan.url, "AUDIT_KEY_FILE": str(folder / "audit.key"), "TAKEOVER_SECONDS": "8"}
        if port is not None:
            settings |= {
                "BOT_MODE": "webhook",
                "WEBHOOK_URL": f"http://127.0.0.1:{port}",
                "WEBHOOK_SECRET": _SECRET,
                "WEBHOOK_PORT": str(port),
            }
        seed = str(self.plan.seed + 2 + number)
        return Program(own, "", settings, command=("-m", "tests.crash.faulty", seed, str(self.plan.share)))

    def _see(self, event: ChatEvent) -> None:
        """
        Note up to which revision of a case a card has shown its answers.
        """
        if event.message is None or not event.message.from_bot or event.kind == "deleted":
            return
        for button in (button for row in event.message.buttons for button in row):
            tap = decode(button.data or "")
            if isinstance(tap, Pick | Toggle | Done | Confirm):
                self.shown[tap.case] = max(tap.revision, self.shown.get(tap.case, 0))

    async def run(self, progress: Callable[[Tally], None] = lambda _: None) -> Tally:
        """
        All of it; raises AssertionError where something is wrong, with the seed.
        """
        tally = Tally()
        async with self.server:
            try:
                await self._begin()
                screening = asyncio.create_task(self.person.screen())
                try:
                    for number in range(self.plan.kills):
                        if self.plan.replicas > 1 and number % 3 == 1:
                            await self._stop_and_wake()
                            tally.stops += 1
                        else:
                            await self._kill_and_start()
                        assert not screening.done(), screening.exception()
                        tally.kills += 1
                        progress(tally)
                    self.person.leaves = True
                    await screening
                finally:
                    screening.cancel()
                await self._check_at_the_end(tally)
            except AssertionError as error:
                error.add_note(f"{self.plan}")
                raise
            finally:
                for program in self.programs:
                    if program.is_running:
                        await program.kill()
        return tally

    async def _begin(self) -> None:
        first, *others = self.programs
        for program in self.programs:
            program.api_url = self.server.url
        await first.start(_TRIES)
        await self.person.join(first.setup_code)
        for program in others:
            program.setup_code = first.setup_code
            await program.start(_TRIES)

    async def _kill_and_start(self) -> None:
        """
        Kill one of the programs, now and then once more while it starts; once all is quiet the chat shows what is
        stored.
        """
        await asyncio.sleep(self.random.random() * 0.8)
        is_still = self.random.random() < 0.5
        if is_still:
            await self.person.hands.acquire()
        program = self.random.choice(self.programs)
        assert program.is_running, f"it ended by itself: {program.errors[-2000:]}"
        await program.kill()
        self.server.limits.forgive()
        await self._check_shown_is_stored()
        await asyncio.sleep(self.random.random() * 0.2)
        if self.random.random() < 0.25:
            await program.launch()
            await asyncio.sleep(self.random.random())
            await program.kill()
        await program.start(_TRIES)
        if not is_still:
            await self.person.hands.acquire()
        try:
            await self._wait_until_settled()
            await self._check_card()
        finally:
            self.person.hands.release()

    async def _stop_and_wake(self) -> None:
        """
        Stop one of the programs with all that it holds, as a machine does that is moved or swaps. The others work off
        what comes, also what it had taken; woken up it changes nothing of that.
        """
        await asyncio.sleep(self.random.random() * 0.8)
        program = self.random.choice(self.programs)
        program.process.send_signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(self.random.random())
            await self.person.hands.acquire()
            await self._wait_until_settled()
            await self._check_card()
        finally:
            program.process.send_signal(signal.SIGCONT)
        try:
            await self._wait_until_settled()
            await self._check_card()
        finally:
            self.person.hands.release()

    async def _is_settled(self) -> bool:
        return self.server.is_quiet and not await self.programs[0].unfinished() and self.server.is_quiet

    async def _wait_until_settled(self) -> None:
        end = time.monotonic() + _PATIENCE
        while not await self._is_settled():
            for program in self.programs:
                assert program.is_running, f"it ended by itself: {program.errors[-2000:]}"
            assert time.monotonic() < end, (
                f"not quiet: {self.server.api.waiting}, {await self.programs[0].unfinished()}, "
                f"{[program.errors[-2000:] for program in self.programs]}"
            )
            await asyncio.sleep(0.02)

    async def _check_shown_is_stored(self) -> None:
        """
        Whatever a card has said to be stored is: also what was shown the moment before the power failed.
        """
        stored = dict(await self.programs[0].rows("SELECT id, revision FROM cases"))
        ahead = {case_id: revision for case_id, revision in self.shown.items() if stored.get(case_id, -1) < revision}
        assert not ahead, f"shown were {ahead}, stored are {stored}"

    async def _check_card(self) -> None:
        focus = await self.programs[0].focus()
        self.person.look_again()
        assert focus is None or self.person.sees(focus), f"{focus} but the card says {self.person.card}"

    async def _check_at_the_end(self, tally: Tally) -> None:
        await self._wait_until_settled()
        await self._check_card()
        await self._check_shown_is_stored()
        for program in self.programs:
            assert await program.stop() == 0
            assert TOKEN not in program.errors
            assert "set aside" not in program.errors, program.errors
        looked = self.programs[0]
        taken = {update_id for (update_id,) in await looked.rows("SELECT update_id FROM inbox")}
        assert not self.server.acknowledged - taken, f"lost: {self.server.acknowledged - taken}"
        answers = await looked.answers()
        given = sorted(self.person.answered, key=lambda one: (one.case_id, one.revision))
        odd = [one for one in answers if one not in given], [one for one in given if one not in answers]
        assert answers == given, f"stored but not given, given but not stored: {odd}"
        assert await looked.count_of_cases() == self.person.opened
        ((noted,),) = await looked.rows("SELECT count(*) FROM audit_entries WHERE action = 'answer'")
        assert noted == len(answers) > 0
        verified = await looked.run("audit", "verify")
        assert verified.status == 0, verified.errors
        tally.updates = len(self.server.acknowledged)
        tally.answers = len(answers)
        tally.faults = sum(self.network.met.values())
        tally.repeats = self.person.repeats
        tally.violations = self.server.limits.violations
