"""
What runs until it is stopped: the bot on Telegram, and the ports that others call.
"""

from bot.service import plain as plain  # before anything else is loaded
