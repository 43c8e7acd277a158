"""
What another version of the rules would make of a case.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from bot.rules.amendment import Amended, Change, amended
from bot.rules.assessment import Verdict, assess, read_answers
from bot.rules.criteria import Criterion, Role
from bot.rules.items import Number
from bot.rules.protocol import Population
from tests.rules.cases import DONOR, FAIL, PASS, RECIPIENT, TODAY, UNKNOWN

AGE = DONOR.item["age"]


def tried(other: Population, answers: dict[str, Any], of: Population = DONOR, **lent: Any) -> Amended:  # noqa: ANN401  values of any item
    """
    These answers under the rules as they are, and under others.
    """
    facts = read_answers(of, answers, TODAY) | {key: value for key, value in lent.items() if key in of.item}
    return amended(assess(of, facts, TODAY, linked=lent), other, answers, lent)


def with_age_to(most: int) -> Population:
    """
    The rules for donors with another age limit.
    """
    assert isinstance(AGE, Number)
    _, *others = DONOR.criteria
    return replace(
        DONOR, criteria=(Criterion("D-I1", Role.INCLUSION, AGE.at_least(18) & AGE.at_most(most), citation="1"), *others)
    )


def test_the_same_rules_change_nothing() -> None:
    """
    Whatever was answered.
    """
    assert tried(DONOR, {"age": Decimal(66), "sex": "male"}) == Amended(
        Verdict.NOT_ELIGIBLE, Verdict.NOT_ELIGIBLE, (), ()
    )


def test_a_criterion_that_another_version_reads_otherwise_is_named() -> None:
    """
    On either side of the limit, and not where the limit does not matter.
    """
    assert tried(with_age_to(60), {"age": Decimal(61)}).changes == (Change("D-I1", PASS, FAIL),)
    assert tried(with_age_to(60), {"age": Decimal(60)}).changes == ()
    assert tried(with_age_to(70), {"age": Decimal(66)}) == Amended(
        Verdict.NOT_ELIGIBLE, Verdict.INCOMPLETE, (Change("D-I1", FAIL, PASS),), ()
    )


def test_criteria_of_one_version_alone_are_named() -> None:
    """
    Those that go and those that come, in the order of the protocol.
    """
    (first, *others) = DONOR.criteria
    other = replace(DONOR, criteria=(*others, replace(first, id="D-I9")))
    assert tried(other, {"age": Decimal(40)}).changes == (Change("D-I1", PASS, None), Change("D-I9", None, PASS))


def test_an_answer_that_another_version_does_not_take_counts_as_none() -> None:
    """
    Because nobody asks for it any more, or because it lies outside what can be.
    """
    assert isinstance(AGE, Number)
    narrow = replace(AGE, hard=(Decimal(0), Decimal(50)))
    items = tuple(narrow if item.key == "age" else item for item in DONOR.items if item.key != "lidocaine_allergy")
    found = tried(replace(DONOR, items=items), {"age": Decimal(55), "lidocaine_allergy": False})
    assert found.unread == ("age", "lidocaine_allergy")
    assert Change("D-I1", PASS, UNKNOWN) in found.changes


def test_a_day_is_read_as_of_the_day_of_the_assessment() -> None:
    """
    One that is still to come by then is not taken.
    """
    case = assess(RECIPIENT, {}, date(2026, 1, 1))
    late = {"cyclophosphamide_last_dose": "2026-01-02"}
    assert amended(case, RECIPIENT, late, {}).unread == ("cyclophosphamide_last_dose",)
    assert amended(case, RECIPIENT, {"cyclophosphamide_last_dose": "2026-01-01"}, {}).unread == ()


def test_what_a_linked_case_lends_counts_under_both() -> None:
    """
    A donor's consent answers for the recipient's.
    """
    answers = {"social_security": True}
    assert tried(RECIPIENT, answers, RECIPIENT, family_donor_consents=True).changes == ()
    assert tried(RECIPIENT, answers, RECIPIENT).changes == ()
