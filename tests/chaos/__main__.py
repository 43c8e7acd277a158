"""
`make chaos`: kills, bad deliveries and random steps by the hundred, and a table of what happened.

Ends with status 1 where anything was lost, doubled, misfiled or shown too early; the seed repeats the draws, though not
the moments.
"""

import argparse
import asyncio
import logging
import secrets
import sys
import tempfile
import time
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from tests.chaos.replay import replay
from tests.chat.test_walk import walk
from tests.conftest import settings_in
from tests.crash.kills import Ordeal, Plan, Tally
from tests.databases import BACKENDS, Files, Postgres, fresh

_MODES = ("polling", "webhook")
_STEPS_A_WALK = 500
_SAID_EVERY = 10.0


class Report:
    """
    Says how far each part is, now and then, and draws the table at the end.
    """

    def __init__(self, seed: int) -> None:
        self.has_failed = False
        self._console = Console(width=None if sys.stdout.isatty() else 130)
        self._table = Table("part", "done", "took", "what happened", "", box=box.SIMPLE, title=f"seed {seed}")
        self._said = 0.0

    def progress(self, part: str, done: int, of: int) -> None:
        """
        So much is done of a part.
        """
        now = time.monotonic()
        if now - self._said > _SAID_EVERY:
            self._said = now
            self._console.print(f"  {part}: {done} of {of}", highlight=False, style="dim")

    async def part(self, name: str, done: str, work: Callable[[], Awaitable[str]]) -> None:
        """
        Do a part; what it returns is said in the table, and whatever it raises fails it.
        """
        begun, mark = time.monotonic(), "sound"
        try:
            told = await work()
        except Exception as error:  # noqa: BLE001  the other parts are to be seen all the same
            self.has_failed, mark = True, "FAILED"
            traceback.print_exc()
            told = f"{type(error).__name__}: {error}".partition("\n")[0][:200]
        self._table.add_row(name, done, f"{time.monotonic() - begun:.0f} s", told, mark)

    def show(self) -> None:
        """
        Draw the table.
        """
        self._console.print(self._table)


async def _kills(report: Report, options: argparse.Namespace, folder: Path) -> None:
    combinations = [(backend, mode) for backend in BACKENDS for mode in _MODES]
    server = Postgres()
    try:
        for number, (backend, mode) in enumerate(combinations):
            kills = options.kills // len(combinations) + (number < options.kills % len(combinations))
            name = f"kills, {backend}, {mode}"
            own = folder / name
            own.mkdir()

            async def work(
                backend: str = backend, mode: str = mode, kills: int = kills, name: str = name, own: Path = own
            ) -> str:
                def progress(tally: Tally) -> None:
                    report.progress(name, tally.kills, kills)

                async with fresh(Files(own) if backend == "sqlite" else server) as url:
                    replicas = options.replicas if (backend, mode) == ("postgresql", "webhook") else 1
                    plan = Plan(url, mode, kills, options.seed, replicas=replicas)
                    return _told(await Ordeal(plan, own).run(progress))

            if kills:
                await report.part(name, str(kills), work)
    finally:
        server.stop()


def _told(tally: Tally) -> str:
    limits = f"{len(tally.violations)} times over Telegram's limits" if tally.violations else "within Telegram's limits"
    return (
        f"{tally.updates} updates taken, {tally.answers} answers, none lost, doubled or misfiled; {tally.faults} calls "
        f"failed, {tally.repeats} answers typed again; {limits}"
    )


async def _updates(report: Report, options: argparse.Namespace, folder: Path) -> None:
    async def work() -> str:
        def progress(done: int) -> None:
            report.progress("updates", done, options.updates)

        found = await replay(folder, updates=options.updates, seed=options.seed, progress=progress)
        assert found.bad == found.clean, "what is stored differs from what clean deliveries leave"
        assert found.unanswered == 0, f"{found.unanswered} of {found.pushes} pushes were not answered"
        return f"{found.pushes} pushes leave what one each leaves, {found.clean['answers'].total()} answers"

    await report.part("updates, delivered badly", str(options.updates), work)


async def _steps(report: Report, options: argparse.Namespace, folder: Path) -> None:
    async def work() -> str:
        answered = 0
        for done in range(0, options.steps, _STEPS_A_WALK):
            own = folder / str(done)
            own.mkdir()
            seed = options.seed + done // _STEPS_A_WALK
            try:
                answered += await walk(settings_in(own), seed=seed, steps=min(_STEPS_A_WALK, options.steps - done))
            except AssertionError as error:
                error.add_note(f"walk with seed {seed}")
                raise
            report.progress("steps", min(done + _STEPS_A_WALK, options.steps), options.steps)
        return f"{answered} answers, each filed under its question"

    await report.part("random steps", str(options.steps), work)


async def _main(options: argparse.Namespace) -> int:
    report = Report(options.seed)
    parts = {"kills": _kills, "updates": _updates, "steps": _steps}
    with tempfile.TemporaryDirectory() as folder:
        for name, part in parts.items():
            if getattr(options, name):
                own = Path(folder) / name
                own.mkdir()
                await part(report, options, own)
    report.show()
    return int(report.has_failed)


def main() -> int:
    """
    Run what the options ask for; 0 of something leaves it out.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="over both databases and both modes")
    parser.add_argument("--updates", type=int, default=10_000, help="each delivered up to three times")
    parser.add_argument("--steps", type=int, default=50_000, help="of people who do anything at any time")
    parser.add_argument("--replicas", type=int, default=3, help="programs on one PostgreSQL behind the webhook")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    logging.disable(logging.CRITICAL)
    return asyncio.run(_main(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
