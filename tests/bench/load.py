"""
The whole bot under load: processor time, latency, start and memory.
"""

import asyncio
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.bench import processes
from tests.bench.figures import Figure, Table
from tests.bench.processes import Api, Running
from tests.bench.server import Counts, Plan
from tests.bench.staff import prepared
from tests.databases import Postgres, fresh

_PEOPLE = 200
_CASES_EACH = 8
_RUNS = 3
_DELAY = 0.025
_ROUND_TRIP = 2 * _DELAY
_BESIDE_FLOOD = 50
_FLOOD = 20


class Cost(NamedTuple):
    """
    Milliseconds of processor time an answer took, how many came a second, and MiB of memory at the most.
    """

    cpu: float
    rate: float
    memory: float


class Load:
    """
    The parts that need the bot in a process, on copies of one prepared database.
    """

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template"
        self._template.mkdir()
        self._cases = asyncio.run(prepared(self._template, people=_PEOPLE, cases_each=_CASES_EACH))

    def cpu(self, table: Table) -> None:
        """
        Processor time of an answered question beside that of the echo's update.
        """
        memory = self._compare(
            table, "200 chats busy", Plan(self._cases), Plan(self._cases, is_echo=True), seconds=6, times=0.5
        )
        table.add(
            Figure("memory at the most, after 200 chats busy", memory, "MiB", reach="<= 100", is_met=memory <= 100)
        )
        few = self._few(20)
        self._compare(
            table,
            "20 chats, 2 answers a second each",
            Plan(few, every=0.5),
            Plan(few, every=0.5, is_echo=True),
            seconds=8,
            times=1.1,
        )
        # Whatever else the machine does, turns never share a commit here.
        alone = {chat: [case for cases in self._cases.values() for case in cases] for chat in self._few(1)}
        self._compare(table, "one chat, at once", Plan(alone), Plan(alone, is_echo=True), seconds=8, times=None)

    def _few(self, number: int) -> dict[int, list[int]]:
        return dict(list(self._cases.items())[:number])

    def _compare(
        self, table: Table, name: str, ours: Plan, echo: Plan, *, seconds: float, times: float | None
    ) -> float:
        bots, echoes = [], []
        for _ in range(_RUNS):
            with processes.served(ours) as api, self._bot(api) as running:
                bots.append(_cost(api, running, seconds))
            with processes.served(echo) as api, processes.echo(api) as running:
                echoes.append(_cost(api, running, seconds))
        cost, beside = statistics.median(one.cpu for one in bots), statistics.median(one.cpu for one in echoes)
        table.add(
            Figure(
                f"CPU of an answered question, {name}",
                cost,
                "ms",
                beside=f"echo {beside:.2f} ms: {cost / beside:.2f} x",
                reach="" if times is None else f"<= {times:g} x echo",
                is_met=None if times is None else cost <= times * beside,
                spread=[one.cpu for one in bots],
            )
        )
        rate, other = statistics.median(one.rate for one in bots), statistics.median(one.rate for one in echoes)
        table.add(Figure(f"answers a second, {name}", rate, "/s", beside=f"echo {other:.0f} /s"))
        return statistics.median(one.memory for one in bots)

    def postgres(self, table: Table) -> None:
        """
        Processor time of an answered question on PostgreSQL beside that on SQLite. The server's own is not counted.
        """
        server = Postgres()
        try:
            asyncio.run(self._on_postgres(table, server))
        finally:
            server.stop()

    async def _on_postgres(self, table: Table, server: Postgres) -> None:
        costs: list[list[float]] = [[], []]
        async with fresh(server) as template:
            folder = self._template.with_name("postgres")
            folder.mkdir()
            cases = await prepared(folder, people=20, cases_each=_CASES_EACH, url=template)
            for _ in range(_RUNS):
                with processes.served(Plan(self._few(20), every=0.5)) as api, self._bot(api) as running:
                    costs[0].append(_cost(api, running, 8).cpu)
                async with fresh(server, template) as url:
                    with (
                        processes.served(Plan(cases, every=0.5)) as api,
                        processes.bot(folder, api, url=url) as running,
                    ):
                        costs[1].append(_cost(api, running, 8).cpu)
        sqlite, cost = map(statistics.median, costs)
        table.add(
            Figure(
                "CPU of an answered question on PostgreSQL, 20 chats, 2 answers a second each",
                cost,
                "ms",
                beside=f"SQLite {sqlite:.2f} ms: {cost / sqlite:.2f} x",
                reach="<= 1.5 x",
                is_met=cost <= 1.5 * sqlite,
                spread=costs[1],
            )
        )

    def latency(self, table: Table) -> None:
        """
        How long people wait for the next card with a network between the bot and Telegram.
        """
        everybody = Plan(self._cases, every=5, delay=_DELAY)
        self._wait(table, "200 chats every 5 s, polling", everybody, reach=(1.7, 2.5))
        self._wait(table, "200 chats every 5 s, webhook", everybody, is_pushed=True, reach=(1.2, 2))
        alone = {chat: [case for cases in self._cases.values() for case in cases] for chat in self._few(1)}
        self._wait(table, "a person alone, polling", Plan(alone, every=0.7, delay=_DELAY), reach=(1.2, None))

    def _wait(
        self,
        table: Table,
        name: str,
        plan: Plan,
        *,
        reach: tuple[float, float | None],
        is_pushed: bool = False,
    ) -> None:
        medians, worst = [], []
        for _ in range(_RUNS):
            with processes.served(plan) as api, self._bot(api, is_pushed=is_pushed):
                api.begin()
                time.sleep(6)  # everybody has opened a case
                first = len(api.counts().waits)
                time.sleep(15)
                waits = sorted(wait / _ROUND_TRIP for wait in _sound(api.counts()).waits[first:])
            medians.append(statistics.median(waits))
            worst.append(waits[len(waits) * 99 // 100])
        for what, found, most in zip(("median", "99th percentile"), (medians, worst), reach, strict=True):
            value = statistics.median(found)
            table.add(
                Figure(
                    f"wait for the next card, {name}: {what}",
                    value,
                    "round trips",
                    reach="" if most is None else f"<= {most:g}",
                    is_met=None if most is None else value <= most,
                    spread=found,
                )
            )

    def flood(self, table: Table) -> None:
        """
        How long fifty people wait who screen while somebody sends 100 texts a second, and what memory that takes.
        """
        few = self._few(_BESIDE_FLOOD)
        calm, _ = self._beside_flood(Plan(few, every=3, delay=_DELAY))
        waits, memory = self._beside_flood(Plan(few, every=3, delay=_DELAY, flood=_FLOOD))
        name = f"{_BESIDE_FLOOD} chats beside one that sends 100 texts a second for {_FLOOD} s"
        worst, usual = (1000 * one[len(one) * 95 // 100] for one in (waits, calm))
        table.add(
            Figure(
                f"wait of {name}: 95th percentile",
                worst,
                "ms",
                beside=f"without the flood {usual:.0f} ms",
                reach="<= 2000",
                is_met=worst <= 2000,
            )
        )
        table.add(Figure(f"longest wait of {name}", 1000 * waits[-1], "ms", beside=f"without {1000 * calm[-1]:.0f} ms"))
        table.add(Figure(f"memory at the most, {name}", memory, "MiB", reach="<= 150", is_met=memory <= 150))

    def _beside_flood(self, plan: Plan) -> tuple[list[float], float]:
        with processes.served(plan) as api, self._bot(api) as running:
            api.begin()
            time.sleep(5)  # everybody has opened a case
            first = len(api.counts().waits)
            time.sleep(_FLOOD + 10)
            after = _sound(api.counts())
            # Whoever still waits counts with the wait so far: not to be answered must not look like being quick.
            return sorted([*after.waits[first:], *after.open]), running.peak_memory

    def start(self, table: Table) -> None:
        """
        How long the bot takes to be ready, on a database that is there and on none.
        """
        with processes.served(Plan({})) as api:
            again = []
            for _ in range(5):
                with self._bot(api) as running:
                    again.append(running.started_in)
            first = []
            for _ in range(_RUNS):
                with tempfile.TemporaryDirectory() as folder, processes.bot(Path(folder), api) as running:
                    first.append(running.started_in)
        ready, new = statistics.median(again), statistics.median(first)
        table.add(Figure("start until ready", ready, "s", reach="<= 0.7", is_met=ready <= 0.7, spread=again))
        name = "first start until ready, tables made"
        table.add(Figure(name, new, "s", reach="<= 0.9", is_met=new <= 0.9, spread=first))

    @contextmanager
    def _bot(self, api: Api, *, is_pushed: bool = False) -> Iterator[Running]:
        with tempfile.TemporaryDirectory() as folder:
            copy = shutil.copytree(self._template, Path(folder) / "bot")
            with processes.bot(copy, api, is_pushed=is_pushed) as running:
                yield running


def _cost(api: Api, running: Running, seconds: float) -> Cost:
    api.begin()
    time.sleep(5)  # connections and caches are there, and the trial of a new poller is over
    before, used, begun = api.counts(), running.cpu, time.perf_counter()
    time.sleep(seconds)
    after, spent, took = _sound(api.counts()), running.cpu - used, time.perf_counter() - begun
    answers = after.answers - before.answers
    return Cost(1000 * spent / answers, answers / took, running.peak_memory)


def _sound(counts: Counts) -> Counts:
    if counts.odd or counts.finished or not counts.answers:
        raise RuntimeError(
            f"the load was not the one planned: {counts.answers} answers, {counts.odd} cards that are not the "
            f"next question, {counts.finished} chats without a case left"
        )
    return counts
