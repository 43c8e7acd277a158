"""
Which function gives a kind of view its words: declared beside the function, gathered here.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from bot.render.card import Card
from bot.texts import Words
from bot.turn import View

V = TypeVar("V", bound=View)
Renderer = Callable[[V, Words], Card]

RENDERERS: dict[type[View], Renderer[Any]] = {}


def renders(view: type[V]) -> Callable[[Renderer[V]], Renderer[V]]:
    """
    Declare the function that makes a kind of view a card.
    """

    def declare(renderer: Renderer[V]) -> Renderer[V]:
        if view in RENDERERS:
            raise ValueError(f"{view} is declared twice")
        RENDERERS[view] = renderer
        return renderer

    return declare
