"""
Text as it is compared: without letter case and accents, in plain characters; and digits that nobody may misread.
"""

import unicodedata

_LIKE_ASCII = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u2010": "-", "\u2011": "-"})
_SUPERSCRIPTS = str.maketrans({"\u00b2": "^2", "\u00b3": "^3", "\u2076": "^6", "\u2079": "^9"})
_SUBSCRIPT_TWO = "\u2082"
_DASHES = "\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"


def fold(text: str) -> str:
    """
    The text without letter case, accents and doubled spaces; curly apostrophes and unbreakable hyphens made plain.
    """
    letters = unicodedata.normalize("NFD", text.translate(_LIKE_ASCII).casefold())
    return " ".join("".join(letter for letter in letters if unicodedata.category(letter) != "Mn").split())


def has_strange_digits(text: str) -> bool:
    """
    Whether a digit or number stands in the text that is none of 0 to 9, nor one of the small figures of units and
    gases: full-width, Arabic-Indic, a half, a superscript.
    """
    known = text.translate(_SUPERSCRIPTS).replace(_SUBSCRIPT_TWO, "2")
    return any(
        not character.isascii() and any(map(str.isnumeric, unicodedata.normalize("NFKC", character)))
        for character in known
    )


def plain(text: str) -> str:
    """
    The text in plain characters, its lines kept: blanks of every width, dashes and the small figures of units.
    """
    text = text.translate(_SUPERSCRIPTS).replace(_SUBSCRIPT_TWO, "2")
    text = unicodedata.normalize("NFKC", text)
    for dash in _DASHES:
        text = text.replace(dash, "\u2013")
    return text.translate(_LIKE_ASCII)
