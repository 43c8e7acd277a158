"""
The grammar of numbers, on folded text: `58`, `58,5`, `1 250`, `< 5`, `au moins 90`, `55-60`, `env. 58`.
"""

import re
from decimal import Decimal
from typing import Literal, TypeAlias

from bot.rules.frozen import Frozen

Inequality: TypeAlias = Literal["", "<", "<=", ">", ">="]
Separator: TypeAlias = Literal["thousands", "decimals"]
"""What a comma or a point before three digits is."""
SEPARATORS: tuple[Separator, ...] = ("thousands", "decimals")

NUMBER = (
    r"(?:[1-9]\d{0,2}(?:[ ']\d{3}){1,4}(?!\d)|[1-9]\d{0,2}(?:,\d{3}){2,4}(?!\d)|[1-9]\d{0,2}(?:\.\d{3}){2,4}(?!\d)"
    r"|\d{1,15}(?!\d))(?:[.,]\d{1,15}(?![\d]|[.,]\d))?"
)
_SIGNS: dict[str, Inequality] = {
    r"<=|=<|[\u2264\u2a7d]|< ?ou ?=|at most|no more than|up to|au plus|inf(?:erieure?)? ou egale? a": "<=",
    r">=|=>|[\u2265\u2a7e]|> ?ou ?=|at least|no less than|au moins|sup(?:erieure?)? ou egale? a": ">=",
    r"<|less than|lower than|below|under|moins de|inferieure? a|inf\.? a": "<",
    r">|more than|greater than|higher than|above|over|plus de|superieure? a|sup\.? a": ">",
}
_SIGN = "|".join(f"(?:{words})" for words in _SIGNS)
_ABOUT = (
    r"~|\u2248|\u2243|\u223c|\u00b1|\+/-|env\.?|environ|about|around|approx\.?|approximately|approximativement|roughly"
    r"|circa|ca\.?|vers|autour de|pres de|a peu pres|nearly|almost|presque"
)
DASH = r" ?[-\u2013] ?"
_AMOUNT = re.compile(
    rf"(?P<about>(?:{_ABOUT}) ?)?(?:(?P<sign>{_SIGN}) ?(?P<only>{NUMBER})"
    rf"|(?:entre |between |de |from )?(?P<low>{NUMBER})(?P<joint>{DASH}| a | to | et | and )(?P<high>{NUMBER})"
    rf"|(?P<number>{NUMBER}))",
    re.ASCII,
)
_ABOUT_AFTER = re.compile(
    r" ?\b(?:env\.?|environ|approx\.?|approximately|approximativement|roughly|a peu pres)$", re.ASCII
)
_THOUSANDS_OR_DECIMALS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_BETWEEN_WORDS = re.compile(r"(?:entre|between) ", re.ASCII)


class TwoReadingsError(ValueError):
    """
    A number that can be read in two ways: 1,250 is 1250 to some and 1.25 to others.
    """


class Amount(Frozen):
    """
    A number as written, or a range: with a sign, or from `number` to `high`. `rest` is the text that follows.
    """

    number: Decimal
    high: Decimal | None
    sign: Inequality
    is_about: bool
    rest: str

    @property
    def is_exact(self) -> bool:
        """
        Whether it is one number.
        """
        return self.high is None and not self.sign

    def written(self) -> str:
        """
        As in files.
        """
        return f"{self.sign}{self.number:f}" if self.high is None else f"{self.number:f}-{self.high:f}"


def amount_at(text: str, separates: Separator | None = None) -> Amount | None:
    """
    The amount with which a folded text begins; None where it begins with none. Raises TwoReadingsError for what could
    be read in two ways, unless `separates` says in which.
    """
    about_after = _ABOUT_AFTER.search(text)
    match = _AMOUNT.match(text[: about_after.start()] if about_after else text)
    if match is None or not _is_whole(match, text):
        return None
    is_about = bool(match["about"] or about_after)
    rest = (text[match.end() : about_after.start()] if about_after else text[match.end() :]).strip()
    if match["low"]:
        return _range(match, is_about=is_about, rest=rest, separates=separates)
    number = decimal_of(match["only"] or match["number"], separates)
    return Amount(number, None, _sign(match["sign"]), is_about, rest)


def _is_whole(match: re.Match[str], text: str) -> bool:
    """
    Whether the number ends where the match does: 58.. and 5.5.5 are none.
    """
    return not re.match(r"[.,'](?!$| )|[.,][.,]", text[match.end() :])


def _range(match: re.Match[str], *, is_about: bool, rest: str, separates: Separator | None) -> Amount | None:
    is_spoken = bool(_BETWEEN_WORDS.match(match[0][len(match["about"] or "") :]))
    if (match["joint"].strip() in {"et", "and"}) != is_spoken:
        return None
    low, high = decimal_of(match["low"], separates), decimal_of(match["high"], separates)
    if low >= high:
        return None
    if " " in match["low"]:  # 2 500-3000: from 2500, or 2 beside what is usual
        raise TwoReadingsError
    return Amount(low, high, "", is_about, rest)


def _sign(text: str | None) -> Inequality:
    return next(sign for words, sign in _SIGNS.items() if re.fullmatch(words, text)) if text else ""


def decimal_of(text: str, separates: Separator | None = None) -> Decimal:
    """
    A number as it was written. Raises TwoReadingsError as amount_at.
    """
    if _THOUSANDS_OR_DECIMALS.fullmatch(text):
        if separates is None:
            raise TwoReadingsError
        return Decimal(text.replace(",", ".") if separates == "decimals" else re.sub(r"[.,]", "", text))
    digits = text.replace(" ", "").replace("'", "")
    for mark in ",.":
        if digits.count(mark) > 1:
            whole, other = digits, "." if mark == "," else ","
            return Decimal(whole.replace(mark, "").replace(other, "."))
    return Decimal(digits.replace(",", "."))
