"""
`python -m bot demo`: chat in the terminal on invented cases.
"""

import argparse

from bot.settings import Settings
from bot.terminal.demo import demo

HELP = "chat in the terminal on invented cases"


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--days", type=int, default=0, metavar="N", help="let so many days pass first, with reminders")


async def run(options: argparse.Namespace, settings: Settings) -> None:
    await demo(settings, max(0, options.days))
