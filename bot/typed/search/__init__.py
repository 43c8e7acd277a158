"""
What cases somebody looks for: as words, and as the few characters a button carries.
"""

from bot.typed.search.buttons import decode, encode
from bot.typed.search.words import UnknownWordError, read_words

__all__ = ["UnknownWordError", "decode", "encode", "read_words"]
