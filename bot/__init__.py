"""
A Telegram bot that screens recipients and donors for the trial NCT02213705.
"""

import os

# python-telegram-bot warns at every 429 until it is told in which form the waiting time is wanted.
os.environ.setdefault("PTB_TIMEDELTA", "1")
