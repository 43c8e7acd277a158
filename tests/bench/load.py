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
            table, "200 chats busy", Plan(self._cases), Plan(self._cases, is_echo=True), seconds=6, times=1
        )
        table.add(
            Figure("memory at the most, after 200 chats busy", memory, "MiB", reach="<= 120", is_met=memory <= 120)
        )
        few = dict(list(self._cases.items())[:20])
        self._compare(
            table,
            "20 chats, 2 answers a second each",
            Plan(few, every=0.5),
            Plan(few, every=0.5, is_echo=True),
            seconds=8,
            times=1.5,
        )

    def _compare(self, table: Table, name: str, ours: Plan, echo: Plan, *, seconds: float, times: float) -> float:
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
                beside=f"echo {beside:.2f} ms",
                reach=f"<= {times:g} x echo",
                is_met=cost <= times * beside,
                spread=[one.cpu for one in bots],
            )
        )
        rate, other = statistics.median(one.rate for one in bots), statistics.median(one.rate for one in echoes)
        table.add(Figure(f"answers a second, {name}", rate, "/s", beside=f"echo {other:.0f} /s"))
        return max(one.memory for one in bots)

    def latency(self, table: Table) -> None:
        """
        How long people wait for the next card with a network between the bot and Telegram.
        """
        with processes.served(Plan(self._cases, every=5, delay=_DELAY)) as api, self._bot(api):
            api.begin()
            time.sleep(5)  # everybody has opened a case
            first = len(api.counts().waits)
            time.sleep(25)
            waits = sorted(wait / _ROUND_TRIP for wait in _sound(api.counts()).waits[first:])
        name = f"wait for the next card, {len(waits)} answers of 200 chats"
        median, worst = statistics.median(waits), waits[len(waits) * 99 // 100]
        table.add(Figure(f"{name}: median", median, "round trips", reach="<= 1.5", is_met=median <= 1.5))
        table.add(Figure(f"{name}: 99th percentile", worst, "round trips", reach="<= 3", is_met=worst <= 3))

    def flood(self, table: Table) -> None:
        """
        How long fifty people wait who screen while somebody sends 100 texts a second, and what memory that takes.
        """
        few = dict(list(self._cases.items())[:_BESIDE_FLOOD])
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
            for _ in range(3):
                with tempfile.TemporaryDirectory() as folder, processes.bot(Path(folder), api) as running:
                    first.append(running.started_in)
        ready, fresh = statistics.median(again), statistics.median(first)
        table.add(Figure("start until ready", ready, "s", reach="<= 1", is_met=ready <= 1, spread=again))
        table.add(Figure("first start until ready, tables made", fresh, "s", spread=first))

    @contextmanager
    def _bot(self, api: Api) -> Iterator[Running]:
        with tempfile.TemporaryDirectory() as folder:
            copy = shutil.copytree(self._template, Path(folder) / "bot")
            with processes.bot(copy, api) as running:
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
