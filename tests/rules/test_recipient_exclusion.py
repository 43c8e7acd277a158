"""
Recipients' exclusion criteria: what excludes, what is ruled out, what stays open, with each limit on it and on both
sides.
"""

from typing import Any

import pytest

from bot.rules.criteria import Status
from tests.rules.cases import FAIL, PASS, UNKNOWN, Table, assessed, rows, status_of
from tests.rules.cases import RECIPIENT as POPULATION

FERTILE = {"sex": "female", "childbearing_potential": True}
GOOD_LUNG = {"right_heart_catheterisation": False, "spap": "30", "dlco": "80", "pao2": "80", "paco2": "40"}
CATHETER = GOOD_LUNG | {"right_heart_catheterisation": True, "pah_confirmed": False, "mpap": "20"}
GOOD_KIDNEY = {"creatinine_clearance": "90", "cyclophosphamide_cystopathy": False}
GOOD_HEART = {
    "refractory_heart_failure": False,
    "lvef": "60",
    "uncontrolled_ventricular_arrhythmia": False,
    "effusion_haemodynamic_compromise": False,
}
GOOD_LIVER = {"transaminases_xuln": "1", "bilirubin_xuln": "1"}
GOOD_ORGANS = GOOD_LUNG | GOOD_KIDNEY | GOOD_HEART | GOOD_LIVER
GOOD_COUNTS = {"neutrophils": "4", "platelets": "250", "haemoglobin": "12", "cd4": "600"}

TABLE: Table = {
    "R-E1": [
        ({}, UNKNOWN),
        ({"sex": "male"}, PASS),
        ({"sex": "female"}, UNKNOWN),
        ({"sex": "female", "childbearing_potential": False}, PASS),
        (FERTILE, UNKNOWN),
        (FERTILE | {"pregnant": True}, FAIL),
        (FERTILE | {"pregnant": False}, UNKNOWN),
        (FERTILE | {"effective_contraception": False}, FAIL),
        (FERTILE | {"effective_contraception": True}, UNKNOWN),
        (FERTILE | {"pregnant": False, "effective_contraception": True}, PASS),
        (FERTILE | {"pregnant": True, "effective_contraception": True}, FAIL),
        (FERTILE | {"pregnant": False, "effective_contraception": False}, FAIL),
        ({"sex": "male", "childbearing_potential": True, "pregnant": True}, PASS),
    ],
    "R-E2": [
        ({}, UNKNOWN),
        (GOOD_ORGANS, PASS),
        (GOOD_ORGANS | {"spap": "41"}, FAIL),
        (GOOD_ORGANS | {"cyclophosphamide_cystopathy": True}, FAIL),
        (GOOD_ORGANS | {"lvef": "34"}, FAIL),
        (GOOD_ORGANS | {"bilirubin_xuln": "3"}, UNKNOWN),
        (GOOD_ORGANS | {"bilirubin_xuln": "3", "liver_rise_persistent": True}, FAIL),
        (GOOD_ORGANS | {"bilirubin_xuln": "3", "liver_rise_persistent": False}, PASS),
        (GOOD_ORGANS | {"paco2": None}, UNKNOWN),
        ({"refractory_heart_failure": True}, FAIL),
    ],
    "R-E2a": [
        ({}, UNKNOWN),
        (GOOD_LUNG, PASS),
        (CATHETER, PASS),
        (GOOD_LUNG | {"right_heart_catheterisation": None}, UNKNOWN),
        (GOOD_LUNG | {"right_heart_catheterisation": True}, UNKNOWN),
        (CATHETER | {"pah_confirmed": True}, FAIL),
        (CATHETER | {"pah_confirmed": None}, UNKNOWN),
        (CATHETER | {"mpap": None}, UNKNOWN),
        (CATHETER | {"mpap": "24.9"}, PASS),
        (CATHETER | {"mpap": "25"}, PASS),
        (CATHETER | {"mpap": "25.1"}, FAIL),
        (CATHETER | {"mpap": "26", "right_heart_catheterisation": False}, PASS),
        (GOOD_LUNG | {"spap": "39.9"}, PASS),
        (GOOD_LUNG | {"spap": "40"}, PASS),
        (GOOD_LUNG | {"spap": "40.1"}, FAIL),
        (CATHETER | {"spap": "45"}, FAIL),
        (GOOD_LUNG | {"dlco": "29.9"}, FAIL),
        (GOOD_LUNG | {"dlco": "30"}, PASS),
        (GOOD_LUNG | {"dlco": "30.1"}, PASS),
        # Blood gases: each unit against its own limit, never converted.
        (GOOD_LUNG | {"pao2": "59.9"}, FAIL),
        (GOOD_LUNG | {"pao2": "60"}, PASS),
        (GOOD_LUNG | {"pao2": "60.1"}, PASS),
        (GOOD_LUNG | {"pao2": "59.9 mmHg"}, FAIL),
        (GOOD_LUNG | {"pao2": "60 mmHg"}, PASS),
        (GOOD_LUNG | {"pao2": "7.99 kPa"}, FAIL),
        (GOOD_LUNG | {"pao2": "8 kPa"}, PASS),
        (GOOD_LUNG | {"pao2": "8.01 kPa"}, PASS),
        (GOOD_LUNG | {"paco2": "49.9"}, PASS),
        (GOOD_LUNG | {"paco2": "50"}, PASS),
        (GOOD_LUNG | {"paco2": "50.1"}, FAIL),
        (GOOD_LUNG | {"paco2": "50.2 mmHg"}, FAIL),
        (GOOD_LUNG | {"paco2": "6.69 kPa"}, PASS),
        (GOOD_LUNG | {"paco2": "6.7 kPa"}, PASS),
        (GOOD_LUNG | {"paco2": "6.71 kPa"}, FAIL),
        ({"spap": "41"}, FAIL),
    ],
    "R-E2b": [
        ({}, UNKNOWN),
        (GOOD_KIDNEY, PASS),
        (GOOD_KIDNEY | {"creatinine_clearance": "19.9"}, FAIL),
        (GOOD_KIDNEY | {"creatinine_clearance": "20"}, PASS),
        (GOOD_KIDNEY | {"creatinine_clearance": "20.1"}, PASS),
        # Per 1.73 m2, against the limit times 1.73.
        (GOOD_KIDNEY | {"creatinine_clearance": "34.59 mL/min/1.73m2"}, FAIL),
        (GOOD_KIDNEY | {"creatinine_clearance": "34.6 mL/min/1.73m2"}, PASS),
        (GOOD_KIDNEY | {"creatinine_clearance": "34.61 mL/min/{1.73_m2}"}, PASS),
        (GOOD_KIDNEY | {"creatinine_clearance": None}, UNKNOWN),
        (GOOD_KIDNEY | {"cyclophosphamide_cystopathy": None}, UNKNOWN),
        ({"cyclophosphamide_cystopathy": True}, FAIL),
        ({"creatinine_clearance": "19.9"}, FAIL),
    ],
    "R-E2c": [
        ({}, UNKNOWN),
        (GOOD_HEART, PASS),
        (GOOD_HEART | {"lvef": "34.9"}, FAIL),
        (GOOD_HEART | {"lvef": "35"}, PASS),
        (GOOD_HEART | {"lvef": "35.1"}, PASS),
        (GOOD_HEART | {"lvef": None}, UNKNOWN),
        ({"refractory_heart_failure": True}, FAIL),
        ({"uncontrolled_ventricular_arrhythmia": True}, FAIL),
        ({"effusion_haemodynamic_compromise": True}, FAIL),
        (GOOD_HEART | {"effusion_haemodynamic_compromise": None}, UNKNOWN),
    ],
    "R-E2d": [
        ({}, UNKNOWN),
        (GOOD_LIVER, PASS),
        ({"transaminases_xuln": "2.9"}, UNKNOWN),
        (GOOD_LIVER | {"transaminases_xuln": "2.9"}, PASS),
        (GOOD_LIVER | {"transaminases_xuln": "3"}, UNKNOWN),
        (GOOD_LIVER | {"transaminases_xuln": "3", "liver_rise_persistent": True}, FAIL),
        (GOOD_LIVER | {"transaminases_xuln": "3.1", "liver_rise_persistent": True}, FAIL),
        (GOOD_LIVER | {"transaminases_xuln": "2.9", "liver_rise_persistent": True}, PASS),
        (GOOD_LIVER | {"transaminases_xuln": "500", "liver_rise_persistent": False}, PASS),
        (GOOD_LIVER | {"bilirubin_xuln": "2.9", "liver_rise_persistent": True}, PASS),
        (GOOD_LIVER | {"bilirubin_xuln": "3", "liver_rise_persistent": True}, FAIL),
        (GOOD_LIVER | {"bilirubin_xuln": "3.1", "liver_rise_persistent": True}, FAIL),
        ({"bilirubin_xuln": "3", "liver_rise_persistent": True}, FAIL),
    ],
    "R-E3": [
        ({}, UNKNOWN),
        ({"uncontrolled_psychiatric_disorder": True}, FAIL),
        ({"uncontrolled_psychiatric_disorder": False}, PASS),
    ],
    "R-E4": [
        ({}, UNKNOWN),
        ({"malignancy": []}, PASS),
        ({"malignancy": ["active_neoplasm"]}, FAIL),
        ({"malignancy": ["myelodysplasia"]}, FAIL),
        ({"malignancy": ["cancer_history"]}, FAIL),
    ],
    "R-E5": [
        ({}, UNKNOWN),
        (GOOD_COUNTS, PASS),
        (GOOD_COUNTS | {"neutrophils": "0.49"}, FAIL),
        (GOOD_COUNTS | {"neutrophils": "0.5"}, PASS),
        (GOOD_COUNTS | {"neutrophils": "0.51"}, PASS),
        (GOOD_COUNTS | {"neutrophils": None}, UNKNOWN),
        (GOOD_COUNTS | {"platelets": "49.9"}, FAIL),
        (GOOD_COUNTS | {"platelets": "50"}, PASS),
        (GOOD_COUNTS | {"platelets": "50.1"}, PASS),
        (GOOD_COUNTS | {"platelets": "49999 /mm3"}, FAIL),
        (GOOD_COUNTS | {"platelets": "50000 /mm3"}, PASS),
        (GOOD_COUNTS | {"platelets": None}, UNKNOWN),
        (GOOD_COUNTS | {"haemoglobin": "7.9"}, FAIL),
        (GOOD_COUNTS | {"haemoglobin": "8"}, PASS),
        (GOOD_COUNTS | {"haemoglobin": "8.1"}, PASS),
        (GOOD_COUNTS | {"haemoglobin": "79.9 g/L"}, FAIL),
        (GOOD_COUNTS | {"haemoglobin": "80 g/L"}, PASS),
        (GOOD_COUNTS | {"haemoglobin": "4.9658 mmol/L"}, FAIL),
        (GOOD_COUNTS | {"haemoglobin": "4.9659 mmol/L"}, PASS),
        (GOOD_COUNTS | {"haemoglobin": None}, UNKNOWN),
        (GOOD_COUNTS | {"cd4": "199.9"}, FAIL),
        (GOOD_COUNTS | {"cd4": "200"}, PASS),
        (GOOD_COUNTS | {"cd4": "200.1"}, PASS),
        (GOOD_COUNTS | {"cd4": "199.9 cells/uL"}, FAIL),
        (GOOD_COUNTS | {"cd4": "0.2 G/L"}, PASS),
        (GOOD_COUNTS | {"cd4": None}, UNKNOWN),
        ({"cd4": "199"}, FAIL),
    ],
    "R-E6": [
        ({}, UNKNOWN),
        ({"uncontrolled_hypertension": True}, FAIL),
        ({"uncontrolled_hypertension": False}, PASS),
    ],
    "R-E7": [
        ({}, UNKNOWN),
        ({"uncontrolled_infection": True}, FAIL),
        ({"uncontrolled_infection": False}, UNKNOWN),
        ({"positive_serology": []}, UNKNOWN),
        ({"uncontrolled_infection": False, "positive_serology": []}, PASS),
        ({"uncontrolled_infection": False, "positive_serology": ["hiv"]}, FAIL),
        ({"positive_serology": ["htlv"]}, FAIL),
    ],
    "R-E8": [
        ({}, UNKNOWN),
        ({"chronic_hepatitis": []}, PASS),
        ({"chronic_hepatitis": ["hbv"]}, FAIL),
        ({"chronic_hepatitis": ["hcv"]}, FAIL),
        ({"chronic_hepatitis": ["hbv", "hcv"]}, FAIL),
    ],
    "R-E9": [
        ({}, UNKNOWN),
        ({"toxic_exposure": []}, PASS),
        ({"toxic_exposure": ["bleomycin"]}, FAIL),
        ({"toxic_exposure": ["toxic_oil"]}, FAIL),
        ({"toxic_exposure": ["vinyl_chloride"]}, FAIL),
        ({"toxic_exposure": ["trichloroethylene"]}, FAIL),
        ({"toxic_exposure": ["silica"]}, FAIL),
        ({"toxic_exposure": ["eosinophilia_myalgia"]}, FAIL),
        ({"toxic_exposure": ["eosinophilic_fasciitis"]}, FAIL),
    ],
    "R-E10": [
        ({}, UNKNOWN),
        ({"poor_compliance_risk": True}, FAIL),
        ({"poor_compliance_risk": False}, PASS),
    ],
    "R-E11": [
        ({}, UNKNOWN),
        ({"social_security": True}, PASS),
        ({"social_security": False}, FAIL),
    ],
}


@pytest.mark.parametrize(("criterion", "answers", "status"), rows(TABLE))
def test_recipient_exclusion(criterion: str, answers: dict[str, Any], status: Status) -> None:
    """
    Each exclusion and each of its parts excludes, is ruled out or stays open as the protocol says.
    """
    assert status_of(criterion, answers) is status
    assert assessed(POPULATION, answers).statuses[criterion] is status
