"""
Buttons that lead somewhere.
"""

from bot import taps
from bot.render.card import Button, button
from bot.texts import Words


def menu(words: Words, *screens: str) -> tuple[Button, ...]:
    """
    A row of buttons that lead to screens.
    """
    return tuple(button(words(f"button.{screen.partition(':')[0]}"), taps.Menu(screen)) for screen in screens)
