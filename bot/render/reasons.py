"""
Why something was done.
"""

from markupsafe import Markup, escape

from bot.render.card import Button, Card, fit
from bot.texts import Words
from db.base.tables import Case


def reason(text: str, words: Words, decision: str = "") -> Markup:
    """
    A reason in words: one of those to choose from, for a change or for a kind of decision; or as it was typed.
    """
    keys = (f"because.{decision}.{text}", f"reason.{decision}.{text}", f"value.remark.{text}", f"reason.{text}")
    return next(filter(None, map(words.find, keys)), escape(text))


def ask_why(case: Case, question: str, words: Words, *rows: tuple[Button, ...]) -> Card:
    """
    A card that asks for a reason: of its buttons, or another one typed.
    """
    lines = [words("question.code", code=case.code), "", question, words("decide.typed_reason")]
    return Card(fit(lines), rows)
