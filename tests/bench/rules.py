"""
The rules alone: a case assessed in the process, and files of cases on the command line.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from random import Random

from bot.rules.assessment import assess, read_answers
from bot.rules.v1.recipient import POPULATION
from tests.bench.figures import Figure, Table
from tests.bench.recipients import complete, lines

_DAY = date(2026, 3, 1)
_CASES = 2000
_LINES = 20_000


def in_process(table: Table) -> None:
    """
    How long a complete recipient takes from file form to the assessment.
    """
    random = Random(1)  # noqa: S311  a sample, no secret
    recipients = [complete(_DAY, random) for _ in range(_CASES)]
    runs = []
    for _ in range(5):
        begun = time.perf_counter()
        for answers in recipients:
            assess(POPULATION, read_answers(POPULATION, answers, _DAY), _DAY)
        runs.append(1e6 * (time.perf_counter() - begun) / _CASES)
    value = statistics.median(runs)
    table.add(Figure("a complete recipient assessed", value, "us", reach="< 100", is_met=value < 100, spread=runs))


def command_line(table: Table) -> None:
    """
    How many complete recipients a second `python -m bot assess` assesses, start included.
    """
    random = Random(1)  # noqa: S311  a sample, no secret
    walls, users = [], []
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "recipients.jsonl"
        source.write_text("".join(lines(_LINES, _DAY, random)), encoding="utf-8")
        for _ in range(3):
            with (Path(folder) / "results.jsonl").open("wb") as results:
                begun = time.perf_counter()
                process = subprocess.Popen(  # noqa: S603  its own command
                    [sys.executable, "-m", "bot", "assess", str(source)], stdout=results
                )
                _, status, used = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                raise RuntimeError("assess refused a line")
            walls.append(_LINES / (time.perf_counter() - begun))
            users.append(_LINES / (used.ru_utime + used.ru_stime))
    wall, user = statistics.median(walls), statistics.median(users)
    name = f"python -m bot assess, {_LINES} complete recipients"
    table.add(Figure(f"{name}: a second of CPU", user, "/s", spread=users))
    table.add(Figure(f"{name}: a second", wall, "/s", reach=">= 5,000", is_met=wall >= 5000, spread=walls))
