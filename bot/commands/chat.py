"""
`python -m bot chat`: chat in the terminal, with no token.
"""

import argparse

from bot.settings import Settings
from bot.terminal.chat import chat

HELP = "chat in the terminal, with no token"


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--as", dest="name", metavar="NAME", help="as another person; in the chat, /as NAME switches")


async def run(options: argparse.Namespace, settings: Settings) -> None:
    await chat(settings, name=options.name)
