"""
Why something was done.
"""

from markupsafe import Markup, escape

from bot.texts import Words


def reason(text: str, words: Words, decision: str = "") -> Markup:
    """
    A reason in words: one of those to choose from, for a change or for a kind of decision; or as it was typed.
    """
    keys = (f"because.{decision}.{text}", f"reason.{decision}.{text}", f"value.remark.{text}", f"reason.{text}")
    return next(filter(None, map(words.find, keys)), escape(text))
