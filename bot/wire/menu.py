"""
The list of commands that Telegram offers beside the field where people type.
"""

from collections.abc import Sequence

from telegram import BotCommand
from telegram.error import TelegramError

from bot import logs
from bot.catalogues import LANGUAGES
from bot.texts import words
from bot.wire.client import TelegramBot

log = logs.named(__name__)


async def offer(bot: TelegramBot, names: Sequence[str]) -> None:
    """
    Offer these commands in each language, and in English to everyone else. The bot works without.
    """
    try:
        for language in (None, *LANGUAGES):
            text = words(language or "en")
            commands = [BotCommand(name, text(f"menu.{name}").unescape()) for name in names]
            await bot.set_my_commands(commands, language_code=language)
    except TelegramError as error:
        log.warning("the command menu was not set", error=error)
