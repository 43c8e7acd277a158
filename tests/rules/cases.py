"""
Cases as the tests of the rules write them, and what the protocol makes of them.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, settings

from bot.rules.assessment import Assessment, assess, read_answers
from bot.rules.evaluate import evaluator
from bot.rules.protocol import Criterion, Part, Population, Role, Status
from bot.rules.v1 import PROTOCOL

PASS, FAIL, UNKNOWN = Status.PASS, Status.FAIL, Status.UNKNOWN
RECIPIENT, DONOR = PROTOCOL.recipient, PROTOCOL.donor
POPULATIONS = {str(population.kind): population for population in (RECIPIENT, DONOR)}
TODAY = date(2026, 5, 10)

Answers: TypeAlias = Mapping[str, Any]
Table: TypeAlias = Mapping[str, Sequence[tuple[Answers, Status]]]
"""For each criterion or part by id, answers and the status that follows from them."""


def examples(number: int) -> settings:
    """
    So many examples, however slow the machine.
    """
    return settings(
        max_examples=number,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )


def filed(answers: Answers) -> dict[str, Any]:
    """
    Answers in file form. Text that is nothing but a number stands for that number, to the digit.
    """
    return {
        key: Decimal(value) if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value) else value
        for key, value in answers.items()
    }


def assessed(population: Population, answers: Answers, as_of: date = TODAY, **others: Any) -> Assessment:  # noqa: ANN401
    """
    The assessment of these answers.
    """
    return assess(population, read_answers(population, filed(answers), as_of), as_of, **others)


def family_of(population: Population) -> dict[str, tuple[Criterion, Criterion | Part]]:
    """
    Every criterion and part of a population by id, with the criterion it belongs to.
    """
    return {part.id: (criterion, part) for criterion in population.criteria for part in criterion.family}


def status_of(id_: str, answers: Answers, as_of: date = TODAY) -> Status:
    """
    The status of a criterion or part, the ones without a letter included.
    """
    population = RECIPIENT if id_.startswith("R") else DONOR
    criterion, part = family_of(population)[id_]
    truth = evaluator(part.expression)(read_answers(population, filed(answers), as_of), as_of)
    if truth is None:
        return UNKNOWN
    return PASS if truth is (criterion.role is Role.INCLUSION) else FAIL


def rows(table: Table) -> list[Any]:
    """
    The rows of a table as parameters of a test: id, answers, status.
    """
    return [
        pytest.param(id_, answers, status, id=f"{id_}-{number}-{status}")
        for id_, found in table.items()
        for number, (answers, status) in enumerate(found)
    ]


def missing_of(answers: Answers, population: Population = RECIPIENT, as_of: date = TODAY) -> set[str]:
    """
    The items that can still matter.
    """
    return set(assessed(population, answers, as_of).missing)


WELL: dict[str, Any] = {
    "age": "44",
    "sex": "female",
    "childbearing_potential": False,
    "consent_signed": True,
    "social_security": True,
    "family_donor_consents": True,
    "ssc_acr_eular_2013": True,
    "severe_visceral_involvement": True,
    "immunosuppression_status": "resistant",
    "fibrosing_lung_life_threatening": False,
    "cyclophosphamide_high_dose": False,
    "skin_rapidly_progressive": True,
    "mrss": "22",
    "dlco": "50",
    "fvc": "80",
    "ild_on_imaging": True,
    "lung_other_causes_excluded": True,
    "right_heart_catheterisation": False,
    "spap": "30",
    "pao2": "80",
    "paco2": "40",
    "creatinine_clearance": "90",
    "cyclophosphamide_cystopathy": False,
    "refractory_heart_failure": False,
    "lvef": "60",
    "uncontrolled_ventricular_arrhythmia": False,
    "effusion_haemodynamic_compromise": False,
    "transaminases_xuln": "1.5",
    "bilirubin_xuln": "1",
    "uncontrolled_psychiatric_disorder": False,
    "malignancy": [],
    "neutrophils": "4",
    "platelets": "250",
    "haemoglobin": "12",
    "cd4": "600",
    "uncontrolled_hypertension": False,
    "uncontrolled_infection": False,
    "positive_serology": [],
    "chronic_hepatitis": [],
    "toxic_exposure": [],
    "poor_compliance_risk": False,
}
"""A recipient who is eligible, with every question answered that was asked."""

WELL_DONOR: dict[str, Any] = {
    "age": "40",
    "sex": "male",
    "consent_signed": True,
    "social_security": True,
    "relationship": "sibling",
    "lidocaine_allergy": False,
    "donation_contraindication": False,
    "positive_serology": [],
    "positive_pcr": [],
}
"""A donor who is eligible."""


def without(answers: Answers, *keys: str) -> dict[str, Any]:
    """
    The answers less some.
    """
    return {key: value for key, value in answers.items() if key not in keys}
