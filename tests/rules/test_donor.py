"""
Donors' criteria: what passes, what fails, what stays open, with each limit on it and on both sides.
"""

from typing import Any

import pytest

from bot.rules.criteria import Status
from tests.rules.cases import DONOR as POPULATION
from tests.rules.cases import FAIL, PASS, UNKNOWN, WELL_DONOR, Table, assessed, rows, status_of

FERTILE = {"sex": "female", "childbearing_potential": True}
CLEAR = {"donation_contraindication": False, "positive_serology": [], "positive_pcr": []}

TABLE: Table = {
    "D-I1": [
        ({}, UNKNOWN),
        ({"age": "17"}, FAIL),
        ({"age": "18"}, PASS),
        ({"age": "19"}, PASS),
        ({"age": "64"}, PASS),
        ({"age": "65"}, PASS),
        ({"age": "66"}, FAIL),
    ],
    "D-I2": [
        ({}, UNKNOWN),
        ({"relationship": "sibling"}, PASS),
        ({"relationship": "parent"}, PASS),
        ({"relationship": "other_family"}, PASS),
        ({"relationship": "spouse"}, PASS),
        ({"relationship": "unrelated"}, FAIL),
    ],
    "D-I3": [
        ({}, UNKNOWN),
        ({"consent_signed": True}, PASS),
        ({"consent_signed": False}, FAIL),
    ],
    "D-I4": [
        ({}, UNKNOWN),
        ({"social_security": True}, PASS),
        ({"social_security": False}, FAIL),
    ],
    "D-I5": [
        ({}, UNKNOWN),
        ({"sex": "male"}, PASS),
        ({"sex": "female"}, UNKNOWN),
        ({"sex": "female", "childbearing_potential": False}, PASS),
        (FERTILE, UNKNOWN),
        (FERTILE | {"effective_contraception": True}, PASS),
        (FERTILE | {"effective_contraception": False}, FAIL),
    ],
    "D-E1": [
        ({}, UNKNOWN),
        ({"lidocaine_allergy": True}, FAIL),
        ({"lidocaine_allergy": False}, PASS),
    ],
    "D-E2": [
        ({}, UNKNOWN),
        (CLEAR, PASS),
        (CLEAR | {"donation_contraindication": None}, UNKNOWN),
        (CLEAR | {"positive_serology": None}, UNKNOWN),
        (CLEAR | {"positive_pcr": None}, UNKNOWN),
        ({"donation_contraindication": True}, FAIL),
        (CLEAR | {"positive_serology": ["htlv"]}, FAIL),
        (CLEAR | {"positive_serology": ["hbsag"]}, FAIL),
        (CLEAR | {"positive_serology": ["hcv"]}, FAIL),
        (CLEAR | {"positive_serology": ["hiv"]}, FAIL),
        (CLEAR | {"positive_serology": ["syphilis"]}, FAIL),
        (CLEAR | {"positive_pcr": ["hiv"]}, FAIL),
        (CLEAR | {"positive_pcr": ["hbv"]}, FAIL),
        (CLEAR | {"positive_pcr": ["hcv"]}, FAIL),
        ({"positive_pcr": ["hcv"]}, FAIL),
    ],
    "D-E3": [
        ({}, UNKNOWN),
        ({"sex": "male"}, PASS),
        ({"sex": "female"}, UNKNOWN),
        ({"sex": "female", "childbearing_potential": False}, PASS),
        (FERTILE, UNKNOWN),
        (FERTILE | {"pregnant": True}, FAIL),
        (FERTILE | {"effective_contraception": False}, FAIL),
        (FERTILE | {"pregnant": False, "effective_contraception": True}, PASS),
        (FERTILE | {"pregnant": False}, UNKNOWN),
        (FERTILE | {"effective_contraception": True}, UNKNOWN),
    ],
    "D-E4": [
        ({}, UNKNOWN),
        ({"social_security": True}, PASS),
        ({"social_security": False}, FAIL),
    ],
}


@pytest.mark.parametrize(("criterion", "answers", "status"), rows(TABLE))
def test_donor(criterion: str, answers: dict[str, Any], status: Status) -> None:
    """
    Each criterion of a donor passes, fails or stays open as the protocol says.
    """
    assert status_of(criterion, answers) is status
    assert assessed(POPULATION, answers).statuses[criterion] is status


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        (WELL_DONOR, "eligible"),
        (WELL_DONOR | {"positive_pcr": None}, "incomplete"),
        (WELL_DONOR | {"lidocaine_allergy": True}, "not_eligible"),
        (WELL_DONOR | {"lidocaine_allergy": True, "positive_pcr": None}, "not_eligible"),
        ({}, "incomplete"),
    ],
)
def test_donor_verdict(answers: dict[str, Any], verdict: str) -> None:
    """
    A donor is eligible when every criterion passes, and not once any fails, whatever else is open.
    """
    assert assessed(POPULATION, answers).verdict == verdict
