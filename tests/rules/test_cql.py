"""
The criteria as CQL say what the protocol says.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.assessment import assess, read_answers
from bot.rules.cql import condition, library
from bot.rules.criteria import Criterion, Role
from bot.rules.expressions import Expression
from bot.rules.items import Bool, Choice, Date, Number, Several
from bot.rules.v1 import PROTOCOL
from tests.rules import oracle
from tests.rules.cases import DONOR, FAIL, PASS, POPULATIONS, RECIPIENT, UNKNOWN, examples
from tests.rules.cql_reader import Library, parameters_of

KINDS = pytest.mark.parametrize("kind", sorted(POPULATIONS))
LIBRARIES = {kind: Library(library(PROTOCOL, population)) for kind, population in POPULATIONS.items()}


@KINDS
@given(data=st.data())
@examples(200)
def test_a_library_says_of_a_case_what_the_engine_says(kind: oracle.Kind, data: st.DataObject) -> None:
    """
    Each criterion and lettered part: true, false or null; and the verdict.
    """
    case = data.draw(oracle.case_strategy(kind), label="case")
    population, as_of, read = POPULATIONS[kind], date.fromisoformat(case["as_of"]), LIBRARIES[kind]
    facts = read_answers(population, case["answers"], as_of)
    values = dict(parameters_of(read, facts, as_of))
    found = assess(population, facts, as_of)
    for judged in population.judged:
        truth = read.value(judged.id, values)
        passes = judged.role is Role.INCLUSION
        assert found.statuses[judged.id] == {None: UNKNOWN, passes: PASS, not passes: FAIL}[truth], judged.id
    assert read.value("Verdict", values) == found.verdict


def test_a_library_defines_every_criterion_and_lettered_part_and_the_verdict() -> None:
    """
    Under the ids that people know them by, and nothing else.
    """
    for kind, read in LIBRARIES.items():
        ids = [judged.id for judged in POPULATIONS[kind].judged]
        assert list(read.definitions) == [*ids, "Eligible", "Verdict"]
    assert {"R-I3", "R-I3a", "R-E2d", "R-E11"} <= LIBRARIES["recipient"].definitions.keys()


def test_parameters_bear_the_names_of_items() -> None:
    """
    With an end that says which part of a value is meant where it has several.
    """
    recipient, donor = LIBRARIES["recipient"], LIBRARIES["donor"]
    assert (recipient.name, donor.name) == (
        "library NCT02213705_Recipient version '1'",
        "library NCT02213705_Donor version '1'",
    )
    expected = {
        "age": "Integer",
        "sex": "String",
        "consent_signed": "Boolean",
        "cyclophosphamide_last_dose": "Date",
        "dlco": "Decimal",
        "heart_findings_any": "Boolean",
        "bp_first_sys": "Integer",
        "bp_first_dia": "Integer",
        "pao2_mmhg": "Decimal",
        "pao2_kpa": "Decimal",
        "as_of": "Date",
    }
    assert expected.items() <= recipient.parameters.items()
    assert {"pao2", "bp_first", "heart_findings"}.isdisjoint(recipient.parameters)
    assert "creatinine_clearance" in recipient.parameters, "its limit is the same in both units"
    several = [item.key for item in DONOR.items if isinstance(item, Several)]
    assert len(donor.parameters) == len(DONOR.items) + 1
    assert {f"{key}_any" for key in several} <= donor.parameters.keys()


AGE = Number("age", section="x", unit="y", hard=(Decimal(0), Decimal(120)), whole=True)
LOAD, EARLIER = (Number(key, section="x", unit="kg", hard=(Decimal(0), Decimal(9))) for key in ("load", "earlier"))
EYES = Choice("eyes", section="x", options=("blue", "brown", "green"))
PETS = Several("pets", section="x", options=("cat", "dog", "owl"))
MOVED, IDLE = Date("moved", section="x"), Bool("idle", section="x")


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (AGE.above(18), "age > 18"),
        (LOAD.at_least(3), "load >= 3.0"),
        (LOAD.below("0.5"), "load < 0.5"),
        (AGE.under(AGE, plus=12), "age < age + 12"),
        (LOAD.under(LOAD, plus=2), "load < load + 2.0"),
        (LOAD.fell_from(EARLIER, by_more_than="0.15"), "Round(load * 20.0, 7) < Round(earlier * 17.0, 7)"),
        (~IDLE.yes & EYES.one_of("green", "blue"), "not idle and (eyes = 'blue' or eyes = 'green')"),
        (IDLE.yes & PETS.includes("owl", "cat"), "idle and (pets_cat or pets_owl)"),
        (IDLE.yes & PETS.any, "idle and (pets_any)"),
        (IDLE.yes | (AGE.below(18) & LOAD.above(1)), "idle or (age < 18 and load > 1.0)"),
        (IDLE.yes & (AGE.below(18) | LOAD.above(1)), "idle and (age < 18 or load > 1.0)"),
        (~(IDLE.yes & AGE.below(18)), "not (idle and age < 18)"),
        (
            MOVED.months_before(earliest=18, latest=6) | MOVED.months_passed(30),
            "(as_of - 18 months <= moved and moved <= as_of - 6 months) or moved + 30 months <= as_of",
        ),
    ],
)
def test_a_condition_is_written_as_people_read_it(node: Expression, text: str) -> None:
    """
    Whole numbers as Integer, others as Decimal; what is joined otherwise stands in brackets; a fall is rounded one
    place before the last that a Decimal has.
    """
    assert condition(node) == text


@pytest.mark.parametrize(
    ("now", "baseline", "fell"),
    [("63.28", "70.3", False), ("63.27", "70.3", False), ("63.26", "70.3", True), ("63.2699999", "70.3", True)],
)
def test_a_fall_is_compared_to_the_last_digit(now: str, baseline: str, *, fell: bool) -> None:
    """
    A fall of exactly a tenth is none, and one in ten million more is.
    """
    fvc, before = RECIPIENT.item["fvc"], RECIPIENT.item["baseline_fvc"]
    assert isinstance(fvc, Number)
    assert isinstance(before, Number)
    rule = Criterion("R-X1", Role.INCLUSION, fvc.fell_from(before, by_more_than="0.10"), citation="1")
    read = Library(library(PROTOCOL, replace(RECIPIENT, criteria=(rule,))))
    assert read.value("R-X1", {"fvc": Decimal(now), "baseline_fvc": Decimal(baseline)}) is fell


def test_an_amendment_may_compare_in_ways_that_this_version_does_not() -> None:
    """
    Single options of a list, and one number with another; what is not asked for has no parameter.
    """
    smoke, age = Several("smoke", section="x", options=("pipe", "cigar", "none")), Number("age", **_YEARS)
    other, idle = Number("other_age", **_YEARS), Bool("idle", section="x")
    rule = ~(smoke.includes("pipe", "cigar") & age.under(other, plus=12))
    population = replace(
        RECIPIENT, items=(smoke, age, other, idle), criteria=(Criterion("R-X1", Role.EXCLUSION, rule, citation="1"),)
    )
    read = Library(library(PROTOCOL, population))
    assert list(read.parameters) == ["smoke_pipe", "smoke_cigar", "age", "other_age", "idle", "as_of"]
    assert read.value("R-X1", {"smoke_pipe": True, "age": 30, "other_age": 20}) is False


_YEARS = {"section": "x", "unit": "y", "hard": (Decimal(0), Decimal(120)), "whole": True}
