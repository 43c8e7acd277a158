"""
What runs from the command line and ends, a module a command: `HELP` says what it is for, `declare` its arguments, and
`run` carries it out: a coroutine where it needs the database, and then with the settings.
"""

import argparse
from datetime import date


class CommandError(Exception):
    """
    A command that cannot be carried out. `str()` says why, in a line.
    """

    is_named = True
    """Whether the command's name is said before."""


def day(text: str) -> date:
    """
    The day that an argument names.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("expected a date such as 2026-05-03") from None
