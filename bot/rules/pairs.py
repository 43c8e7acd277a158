"""
A recipient and their candidate donors: the verdict on a pair, and the order in which donors are preferred.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TypeVar

from bot.rules.assessment import Assessment, Verdict
from bot.rules.evaluate import Facts, evaluator
from bot.rules.frozen import Frozen
from bot.rules.protocol import Linked

T = TypeVar("T")


class Candidate(Frozen):
    """
    A linked donor as far as the ranking looks at them.
    """

    code: str
    relationship: str | None
    assessment: Assessment
    has_ended: bool = False


def pair_verdict(recipient: Verdict, donor: Verdict) -> Verdict:
    """
    Eligible when both are, not eligible when either is not, else incomplete.
    """
    both = {recipient, donor}
    if Verdict.NOT_ELIGIBLE in both:
        return Verdict.NOT_ELIGIBLE
    return Verdict.INCOMPLETE if Verdict.INCOMPLETE in both else Verdict.ELIGIBLE


def ranked(candidates: Iterable[T], order: Sequence[str], see: Callable[[T], Candidate]) -> list[T]:
    """
    Eligible donors in the protocol's order of relationships, ties by code; then those still open, the ones with the
    least left first; then those who are not eligible, or no longer there. The first of all is the one to make the pair
    eligible soonest.
    """

    def place(one: T) -> tuple[int, int, int, str]:
        candidate = see(one)
        standing = _STANDING[Verdict.NOT_ELIGIBLE if candidate.has_ended else candidate.assessment.verdict]
        known = candidate.relationship in order
        preference = order.index(candidate.relationship) if known else len(order)
        return standing, len(candidate.assessment.missing), preference, candidate.code

    return sorted(candidates, key=place)


_STANDING = {Verdict.ELIGIBLE: 0, Verdict.INCOMPLETE: 1, Verdict.NOT_ELIGIBLE: 2}


def borrowed(linked: Linked, partners: Iterable[tuple[str, Facts]], as_of: date) -> tuple[object, str] | None:
    """
    The fact that linked cases lend: the first of their answers to its source that is there and not "no", with the code
    of whose it is. None where there is none.
    """
    bars = evaluator(linked.unless) if linked.unless is not None else None
    for code, facts in partners:
        is_barred = bars is not None and bars(facts, as_of) is True
        if not is_barred and facts.get(linked.source.key) not in {None, False}:
            return facts[linked.source.key], code
    return None
