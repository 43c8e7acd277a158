"""
Measure what the bot costs and print it beside what it is compared with. Nothing fails for being slow.
"""

import argparse
import os
import platform
import sqlite3
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from tests.bench import many, messages, questions, reminding, rules
from tests.bench.figures import Table
from tests.bench.load import Load

PARTS = ("assess", "questions", "messages", "many", "reminders", "cpu", "postgres", "latency", "flood", "start")
_OF_LOAD = frozenset({"cpu", "postgres", "latency", "flood", "start"})


def main() -> int:
    """
    Run the parts named, or all.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART", help=f"{', '.join(PARTS)}; or all")
    parts = parser.parse_args().parts or PARTS
    console = Console(width=None if sys.stdout.isatty() else 170)
    console.print(_machine(), highlight=False)
    table = Table(console)
    if "assess" in parts:
        rules.in_process(table)
        rules.command_line(table)
    if "questions" in parts:
        questions.questions(table)
    if "messages" in parts:
        messages.messages(table)
    if "many" in parts:
        many.many(table)
    if "reminders" in parts:
        reminding.reminders(table)
    if set(parts) & _OF_LOAD:
        with tempfile.TemporaryDirectory() as folder:
            load = Load(Path(folder))
            for part in parts:
                if part in _OF_LOAD:
                    getattr(load, part)(table)
    table.show()
    return 0


def _machine() -> str:
    packages = ("python-telegram-bot", "aiohttp", "httpx", "SQLAlchemy", "sqlmodel", "uvloop")
    versions = [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}"]
    versions += [f"{package} {version(package)}" for package in packages]
    return f"{_processor()}, {os.cpu_count()} cores\n{', '.join(versions)}"


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or "an unknown processor"


if __name__ == "__main__":
    sys.exit(main())
