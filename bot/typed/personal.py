"""
Personal data typed where a value is expected: names, telephone and social-security numbers, addresses of e-mail.

This looks at the form of the text, so it is asked only about text that is no value. The words of wards are left out
first; of what remains, it would rather take a word for a name than let a name pass.
"""

import re
import unicodedata
from collections.abc import Callable
from itertools import pairwise
from typing import Literal, TypeAlias

from bot.typed.letters import fold
from bot.typed.ward import abbreviations, ward_words

Personal: TypeAlias = Literal["name", "phone", "social_security", "email"]

_NOT_IN_A_NUMBER = r"(?<!\d)(?<!\d[.,/])"
_EMAIL = re.compile(r"[^\s@]@[^\s@.]+\.[^\s@]")

# Sex, year, month, department (2A and 2B are Corsica), place, order, and a key of two digits that people leave out.
_SOCIAL_SECURITY = re.compile(
    rf"{_NOT_IN_A_NUMBER}[123478](?: ?\d){{4}} ?(?:\d ?\d|2 ?[AB])(?: ?\d){{6}}(?: ?\d ?\d)?(?!\d)",
    re.ASCII | re.IGNORECASE,
)

_PHONE_ANYWHERE = re.compile(
    rf"{_NOT_IN_A_NUMBER}0[1-9](?:[ ./-]{{0,2}}\d{{2}}){{4}}(?!\d)"  # France
    rf"|(?:\+|{_NOT_IN_A_NUMBER}00)(?:[ .()-]{{0,2}}\d){{8,15}}(?!\d)"  # +33, 0033
    r"|(?<!\d)\(\d{3}\) ?\d{3}[ .-]?\d{4}(?!\d)",  # (555) 123-4567
    re.ASCII,
)
_PHONE_UNLESS_UNIT = re.compile(
    rf"{_NOT_IN_A_NUMBER}(?:\d{{9,15}}|\d{{3}}[ .-]\d{{3}}-\d{{4}}|\d{{1,4}}([ .-])\d{{2,4}}(?:\1\d{{2,4}})++)"
    r"(?!\d)(?! ?[^\W\d_]| ?[%/])",
    re.ASCII,
)
_DAY = re.compile(r"(?<![\d/.-])(?:\d{1,2}([/.-])\d{1,2}\1\d{4}|\d{4}-\d{2}-\d{2})(?![/.-]?\d)", re.ASCII)
FEWEST_PHONE_DIGITS = 9


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TITLES = _words("m mm mme mlle mr mrs ms miss dr pr prof monsieur madame mademoiselle docteur doctor")
PARTICLES = _words("de du des da dos la le les van von der den ten ter di del della el al ben bin y")
ELIDED = ("d'", "l'")
_BETWEEN = re.compile(r"[\s,;:=/()\[\]?!|+<>\"\u00ab\u00bb\u2026\u2013\u2014]+")


def personal(text: str) -> Personal | None:
    """
    What kind of personal data the text looks like, or None.
    """
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(character for character in plain if unicodedata.category(character) != "Cf").strip()
    if _EMAIL.search(plain):
        return "email"
    if _SOCIAL_SECURITY.search(plain):
        return "social_security"
    if _has_phone(_DAY.sub(" ", plain)):
        return "phone"
    return "name" if _has_name(plain) else None


def _has_phone(text: str) -> bool:
    if _PHONE_ANYWHERE.search(text):
        return True
    found = (match[0] for match in _PHONE_UNLESS_UNIT.finditer(text))
    return any(sum(map(str.isdigit, digits)) >= FEWEST_PHONE_DIGITS for digits in found)


def _has_name(text: str) -> bool:
    """
    A title and a name; or, once the words of wards are left out, nothing but names; or two names side by side.
    """
    words = [word for word in _BETWEEN.split(text.replace("\u2019", "'").replace("\u2010", "-")) if word]
    if any(_is_title(title) and _is_name(word) and not _is_common(word) for title, word in pairwise(words)):
        return True
    if words and _is_title(words[0]) and _are_all_names(words[1:], _is_word):
        return True
    if any(
        _is_name(one) and _is_name(two) and not (_is_common(one) or _is_common(two)) for one, two in pairwise(words)
    ):
        return True
    return _are_all_names(words, _is_name)


def _are_all_names(words: list[str], has_form: Callable[[str], bool]) -> bool:
    unknown = [word for word in words if not _is_common(word) and (fold(word) not in PARTICLES or _is_name(word))]
    return any(map(has_form, unknown)) and all(has_form(word) or _is_initial(word) for word in unknown)


def _is_title(word: str) -> bool:
    return fold(word).removesuffix(".") in TITLES


def _is_word(word: str) -> bool:
    letters = word.removesuffix(".").replace("-", "").replace("'", "")
    return len(letters) > 1 and all(unicodedata.category(letter)[0] in "LM" for letter in letters)


def _is_name(word: str) -> bool:
    stem = word[2:] if word.casefold().startswith(ELIDED) else word
    return _is_word(word) and (stem[:1].isupper() or unicodedata.category(stem[:1] or " ") == "Lo")


def _is_initial(word: str) -> bool:
    return word.removesuffix(".").isalpha() and len(word.removesuffix(".")) == 1 and word.isupper()


def _is_common(word: str) -> bool:
    """
    Whether a word is the wards', whole or in each of its parts; or no word at all but a number or a sign.
    """
    folded = fold(word).removesuffix(".")
    if not any(map(str.isalpha, folded)) or any(map(str.isdigit, folded)):
        return True
    parts = [part for part in re.split(r"['-]", folded) if part]
    is_written_short = word.isupper() or word.islower()
    known = ward_words()
    return (
        folded in known
        or folded in TITLES
        or all(part in known for part in parts)
        or (is_written_short and all(part in known or part in abbreviations() for part in parts))
    )
