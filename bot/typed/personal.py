"""
Personal data typed where a value is expected: names, telephone and social-security numbers, addresses of e-mail.

This looks at the form of the text alone, so it is asked only about text that is no value. It would rather take a word
for a name than let a name pass; words that are common answers are known.
"""

import re
import unicodedata
from itertools import pairwise
from typing import Literal, TypeAlias

from bot.typed.days import calendar_words, fold

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
MOST_NAMES = 4

COMMON_ANSWERS = _words("""
    a absent absente aide annuler apres arret attente aucun aucune avant back bientot bonjour bonsoir cancel connu
    connue disponible do done en encore eleve elevee fait faite faux false feminin femme fini help hello hi homme
    impossible inconnu inconnue je know known later low high male female manquant manquante masculin maybe merci missing
    na nc nd ne neant negatif negative next no non none normal normale normaux not np nsp null ok okay oui o y n pardon
    cases complete completer confirm continue continuer details dossiers edit finish forward menu modifier oubli pause
    pourquoi reprendre resume retype summary synthese terminer termine why
    pas passer pending peut-etre plus positif positive possible precedent realise realisee refuse refused result
    resultat retour sais sait salut sans skip sorry start stop suivant tard thanks true unavailable unknown vrai yes
    zero
    cpt creatinine cvf dlco dm ecg efr fevg fvc hb hbsag hbv hcv hiv hta htap htlv irm lsn lvef mmhg mrss nfs pa pft
    pnn points rodnan score tdm tlc tlco uln vhb vhc vih
""")
"""Folded words that are answers or clinical abbreviations, and so no name even where they begin with a capital."""


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
    words = text.replace(",", " ").replace("\u2019", "'").replace("\u2010", "-").split()
    if any(_is_title(title) and _is_name(word) and not _is_common(word) for title, word in pairwise(words)):
        return True
    if words and _is_title(words[0]):
        names = words[1:]
        has_form = all(_is_word(word) for word in names)
    else:
        names = [word for word in words if fold(word) not in PARTICLES or _is_name(word)]
        has_form = all(_is_name(word) or _is_initial(word) for word in names) and any(map(_is_name, names))
    return has_form and 1 <= len(names) <= MOST_NAMES and not all(map(_is_common, names))


def _is_title(word: str) -> bool:
    return fold(word).removesuffix(".") in TITLES


def _is_word(word: str) -> bool:
    letters = word.removesuffix(".").replace("-", "").replace("'", "")
    return len(letters) > 1 and all(unicodedata.category(letter)[0] in "LM" for letter in letters)


def _is_name(word: str) -> bool:
    stem = word[2:] if word.casefold().startswith(ELIDED) else word
    return _is_word(word) and stem[:1].isupper()


def _is_initial(word: str) -> bool:
    return word.removesuffix(".").isalpha() and len(word.removesuffix(".")) == 1 and word.isupper()


def _is_common(word: str) -> bool:
    folded = fold(word).removesuffix(".")
    return folded in COMMON_ANSWERS or folded in calendar_words()
