"""
A recipient and a donor for whom all is well, in file form: for the demonstration and for tests.
"""

from typing import Any

from bot.rules.protocol import Kind

_PERSON: dict[str, Any] = {
    "sex": "female",
    "childbearing_potential": True,
    "pregnant": False,
    "effective_contraception": True,
    "consent_signed": True,
    "social_security": True,
}
_RECIPIENT: dict[str, Any] = _PERSON | {
    "age": 47,
    "family_donor_consents": True,
    "ssc_acr_eular_2013": True,
    "severe_visceral_involvement": True,
    "immunosuppression_status": "resistant",
    "fibrosing_lung_life_threatening": False,
    "cyclophosphamide_high_dose": False,
    "skin_rapidly_progressive": True,
    "mrss": 22,
    "dlco": 52,
    "fvc": 68,
    "ild_on_imaging": True,
    "lung_other_causes_excluded": True,
    "right_heart_catheterisation": False,
    "spap": 30,
    "pao2": 74,
    "paco2": 40,
    "creatinine_clearance": 90,
    "cyclophosphamide_cystopathy": False,
    "refractory_heart_failure": False,
    "lvef": 60,
    "uncontrolled_ventricular_arrhythmia": False,
    "effusion_haemodynamic_compromise": False,
    "transaminases_xuln": 1,
    "bilirubin_xuln": 1,
    "uncontrolled_psychiatric_disorder": False,
    "malignancy": [],
    "neutrophils": 4,
    "platelets": 250,
    "haemoglobin": "118 g/L",
    "cd4": 600,
    "uncontrolled_hypertension": False,
    "uncontrolled_infection": False,
    "positive_serology": [],
    "chronic_hepatitis": [],
    "toxic_exposure": [],
    "poor_compliance_risk": False,
}
_DONOR: dict[str, Any] = _PERSON | {
    "age": 44,
    "relationship": "sibling",
    "lidocaine_allergy": False,
    "donation_contraindication": False,
    "positive_serology": [],
    "positive_pcr": [],
}
WELL: dict[Kind, dict[str, Any]] = {Kind.RECIPIENT: _RECIPIENT, Kind.DONOR: _DONOR}
"""Answers by kind that make a case eligible, in the order in which they are asked."""
