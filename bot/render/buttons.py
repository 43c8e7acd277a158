"""
Buttons that lead somewhere.
"""

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from bot import taps
from bot.coded import Screen
from bot.render.card import Button, Rows, button
from bot.screens.base import Page
from bot.screens.screening import AskScreen
from bot.texts import Words
from db.base.tables import Case


def to(words: Words, screen: Screen, case: Case | None = None, key: str | None = None, **about: object) -> Button:
    """
    A button that leads to a screen of the case in focus, or to one outside any. It is called what the screen is called,
    unless it has a `key` of its own.
    """
    tap = taps.Menu(screen) if case is None else taps.Go(case.id, screen)
    return button(words(key or f"button.{screen.code}", **about), tap)


def menu(words: Words, *screens: Screen) -> tuple[Button, ...]:
    """
    A row of buttons that lead to screens.
    """
    return tuple(to(words, screen) for screen in screens)


def in_rows(buttons: Iterable[Button], width: int) -> Rows:
    """
    Buttons side by side, so many in a row.
    """
    kept = tuple(buttons)
    return tuple(kept[at : at + width] for at in range(0, len(kept), width))


def of_cases(cases: Iterable[Case], screen: Screen = AskScreen()) -> Rows:  # noqa: B008  it never changes
    """
    A button for each of these cases, which opens it on a screen.
    """
    return in_rows((button(case.code, taps.OpenCase(case.id, screen)) for case in cases), 3)


def turning(
    words: Words,
    page: Page[Any],
    screen: Screen,
    case: Case | None = None,
    keys: tuple[str, str] = ("button.previous", "button.next"),
) -> Rows:
    """
    The row that turns the pages of a list, which `screen` shows from its first page on; none where there is but one.
    """
    row = []
    if page.number:
        row.append(to(words, _at(screen, page.number - 1), case, keys[0]))
    if page.has_more:
        row.append(to(words, _at(screen, page.number + 1), case, keys[1]))
    return (tuple(row),) if row else ()


def _at(screen: Screen, page: int) -> Screen:
    return replace(screen, page=page)
