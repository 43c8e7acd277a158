"""
What people are told without having asked.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot import taps
from bot.render.buttons import to
from bot.render.card import Card, Rows, button
from bot.render.history import deviation, reason
from bot.render.people import place
from bot.render.renderers import renders
from bot.screens.menus import Here
from bot.screens.notices import Apology, Told
from bot.texts import Words

IN_PLACE = frozenset({"notice.deactivated", "notice.role_removed"})
"""Those that take the place of the card: it may show what this person is to see no longer."""

_TO_WHERE_THINGS_STAND = frozenset({"notice.role_added", "notice.role_removed", "notice.reactivated"})


@renders(Told)
def told(view: Told, words: Words) -> Card:
    """
    A notice, with the button that leads to what it is about.
    """
    return Card(words(view.key, **named(view.about, words)), _rows(view, words))


def _rows(view: Told, words: Words) -> Rows:
    if "case" in view.about:
        return ((button(words("button.open"), taps.OpenCase(view.about["case"])),),)
    if view.key in _TO_WHERE_THINGS_STAND:
        return ((to(words, Here(), key="button.return"),),)
    return undo(view.about, words)


def named(about: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """
    What a notice speaks of, a role and its site in words.
    """
    values = {key: value for key, value in about.items() if key not in {"case", "site"}}
    if "role" in about:
        values |= {"role": words(f"role.{about['role']}"), "place": place(about.get("site"), words)}
    if "deviation" in about:
        values["deviation"] = deviation(about["deviation"].split(), words)
        values["reason"] = reason(about["reason"], words, "missed" if "month" in about else "infused")
    if "decision" in about:
        values["reason"] = reason(about["reason"], words, about["decision"])
    if "day" in about:
        values["day"] = words.day(date.fromisoformat(about["day"]))
    return values


def undo(about: Mapping[str, Any], words: Words) -> Rows:
    """
    The button that takes back what a notice tells of.
    """
    if "undo_person" in about:
        return ((button(words("button.undo"), taps.Deactivate(about["undo_person"])),),)
    if "undo_membership" in about:
        return ((button(words("button.undo"), taps.RemoveRole(about["undo_membership"])),),)
    return ()


@renders(Apology)
def apology(view: Apology, words: Words) -> Card:
    here = to(words, Here(), key="button.return")
    return Card(words("apology", reference=view.reference), ((here,),))
