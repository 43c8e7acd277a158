"""
`python -m bot run`: the bot on Telegram.
"""

import argparse

from bot.service import running
from bot.settings import Settings, SettingsError

HELP = "run on Telegram, with BOT_TOKEN from the environment or .env"


def declare(_: argparse.ArgumentParser) -> None:
    """
    There are no arguments.
    """


async def run(_: argparse.Namespace, settings: Settings) -> None:
    """
    Until it is stopped. Raises SettingsError.
    """
    if settings.bot_token is None:
        raise SettingsError("BOT_TOKEN is not set: get one from BotFather and put it into .env; make chat needs none")
    await running.run(settings)
