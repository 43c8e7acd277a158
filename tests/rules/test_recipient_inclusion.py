"""
Recipients' inclusion criteria: what passes, what fails, what stays open, with each limit on it and on both sides.
"""

from typing import Any

import pytest

from bot.rules.criteria import Status
from tests.rules.cases import FAIL, PASS, UNKNOWN, Table, assessed, rows, status_of
from tests.rules.cases import RECIPIENT as POPULATION

OTHERWISE_LUNG = {"ild_on_imaging": True, "lung_other_causes_excluded": True, "fibrosing_lung_life_threatening": False}
POOR_LUNG = OTHERWISE_LUNG | {"dlco": "50"}
FAIR_LUNG = OTHERWISE_LUNG | {"dlco": "66", "fvc": "80"}
IN_WINDOW = {"baseline_pft_date": "2025-06-01"}
NO_FALL = {"baseline_fvc": "80", "tlc": "90", "baseline_tlc": "90", "baseline_dlco": "66"}
HIGH = {"bp_first": "165/100", "bp_second": "150/112", "bp_hours_apart": "24"}
NO_KIDNEY_FINDING = {"renal_findings": [], "renal_other_causes_excluded": True}
GOOD_PROGNOSIS = {"severe_visceral_involvement": False, "fibrosing_lung_life_threatening": False}
SEVERE = {"severe_visceral_involvement": True, "immunosuppression_status": "resistant"}
SKIN = {"skin_rapidly_progressive": True, "mrss": "20"}
HEART = {"heart_findings": ["av_block_2_3"], "heart_other_causes_excluded": True}
NO_ORGAN = {"ild_on_imaging": False, "heart_findings": [], "renal_other_causes_excluded": False}
SICK = SEVERE | {"cyclophosphamide_high_dose": False} | SKIN | HEART

TABLE: Table = {
    "R-I1": [
        ({}, UNKNOWN),
        ({"age": "17"}, FAIL),
        ({"age": "18"}, FAIL),
        ({"age": "19"}, PASS),
        ({"age": "69"}, PASS),
        ({"age": "70"}, FAIL),
        ({"age": "71"}, FAIL),
        ({"age": "0"}, FAIL),
        ({"age": "120"}, FAIL),
    ],
    "R-I2": [
        ({}, UNKNOWN),
        ({"ssc_acr_eular_2013": True}, PASS),
        ({"ssc_acr_eular_2013": False}, FAIL),
    ],
    "R-I3": [
        ({}, UNKNOWN),
        (SICK, PASS),
        (SICK | {"severe_visceral_involvement": False, "fibrosing_lung_life_threatening": False}, FAIL),
        (SICK | {"cyclophosphamide_high_dose": True, "cyclophosphamide_last_dose": "2026-01-01"}, FAIL),
        (SICK | {"cyclophosphamide_high_dose": True}, UNKNOWN),
        (SICK | {"mrss": "15"}, FAIL),
        (SICK | {"mrss": None}, UNKNOWN),
        (SICK | NO_ORGAN, FAIL),
        (SICK | NO_ORGAN | {"heart_findings": None}, UNKNOWN),
        (SICK | NO_ORGAN | POOR_LUNG, PASS),
        (SICK | NO_ORGAN | {"renal_findings": ["abnormal_sediment"], "renal_other_causes_excluded": True}, PASS),
        ({"skin_rapidly_progressive": False}, FAIL),
        (NO_ORGAN, FAIL),
        (HEART | SKIN | SEVERE, UNKNOWN),
    ],
    "R-I3-prognosis": [
        ({}, UNKNOWN),
        ({"severe_visceral_involvement": True}, UNKNOWN),
        ({"severe_visceral_involvement": True, "immunosuppression_status": "resistant"}, PASS),
        ({"severe_visceral_involvement": True, "immunosuppression_status": "contraindicated"}, PASS),
        ({"severe_visceral_involvement": True, "immunosuppression_status": "neither"}, UNKNOWN),
        (
            {
                "severe_visceral_involvement": True,
                "immunosuppression_status": "neither",
                "fibrosing_lung_life_threatening": False,
            },
            FAIL,
        ),
        ({"severe_visceral_involvement": False}, UNKNOWN),
        (GOOD_PROGNOSIS, FAIL),
        ({"fibrosing_lung_life_threatening": True}, UNKNOWN),
        ({"fibrosing_lung_life_threatening": True, "lung_transplant_possible": False}, PASS),
        ({"fibrosing_lung_life_threatening": True, "lung_transplant_possible": True}, UNKNOWN),
        (
            {
                "severe_visceral_involvement": False,
                "fibrosing_lung_life_threatening": True,
                "lung_transplant_possible": True,
            },
            FAIL,
        ),
    ],
    "R-I3-washout": [
        ({}, UNKNOWN),
        ({"cyclophosphamide_high_dose": False}, PASS),
        ({"cyclophosphamide_high_dose": True}, UNKNOWN),
        ({"cyclophosphamide_high_dose": True, "cyclophosphamide_last_dose": "2025-11-09"}, PASS),
        ({"cyclophosphamide_high_dose": True, "cyclophosphamide_last_dose": "2025-11-10"}, PASS),
        ({"cyclophosphamide_high_dose": True, "cyclophosphamide_last_dose": "2025-11-11"}, FAIL),
        ({"cyclophosphamide_high_dose": True, "cyclophosphamide_last_dose": "2026-05-10"}, FAIL),
        ({"cyclophosphamide_high_dose": True, "cyclophosphamide_last_dose": "1900-01-01"}, PASS),
    ],
    "R-I3-skin": [
        ({}, UNKNOWN),
        ({"skin_rapidly_progressive": True}, UNKNOWN),
        ({"skin_rapidly_progressive": False}, FAIL),
        ({"skin_rapidly_progressive": True, "mrss": "14"}, FAIL),
        ({"skin_rapidly_progressive": True, "mrss": "15"}, FAIL),
        ({"skin_rapidly_progressive": True, "mrss": "16"}, PASS),
        ({"mrss": "15"}, FAIL),
        ({"mrss": "16"}, UNKNOWN),
        ({"skin_rapidly_progressive": False, "mrss": "16"}, FAIL),
    ],
    "R-I3a": [
        ({}, UNKNOWN),
        # Function: DLCO under 60 %, or FVC of 70 % or less.
        (OTHERWISE_LUNG | {"dlco": "59.9"}, PASS),
        (OTHERWISE_LUNG | {"dlco": "60"}, UNKNOWN),
        (OTHERWISE_LUNG | {"dlco": "60", "fvc": "69.9"}, PASS),
        (OTHERWISE_LUNG | {"dlco": "60", "fvc": "70"}, PASS),
        (OTHERWISE_LUNG | {"dlco": "60", "fvc": "70.1"}, UNKNOWN),
        (OTHERWISE_LUNG | {"fvc": "70"}, PASS),
        (OTHERWISE_LUNG | {"fvc": "70.1"}, UNKNOWN),
        (OTHERWISE_LUNG | {"dlco": "60.1", "fvc": "70"}, PASS),
        # The baseline: from 18 to 6 months before, both ends in.
        (FAIR_LUNG | {"baseline_pft_date": "2024-11-09"}, FAIL),
        (FAIR_LUNG | {"baseline_pft_date": "2024-11-10"}, UNKNOWN),
        (FAIR_LUNG | {"baseline_pft_date": "2024-11-10", "baseline_fvc": "100"}, PASS),
        (FAIR_LUNG | {"baseline_pft_date": "2025-11-10", "baseline_fvc": "100"}, PASS),
        (FAIR_LUNG | {"baseline_pft_date": "2025-11-11", "baseline_fvc": "100"}, FAIL),
        (FAIR_LUNG | {"baseline_fvc": "100"}, UNKNOWN),
        # Decline, relative to the baseline: FVC or TLC by more than 10 %, DLCO by more than 15 %.
        (FAIR_LUNG | IN_WINDOW | NO_FALL, FAIL),
        (FAIR_LUNG | IN_WINDOW | NO_FALL | {"fvc": "89.9", "baseline_fvc": "100"}, PASS),
        (FAIR_LUNG | IN_WINDOW | NO_FALL | {"fvc": "90", "baseline_fvc": "100"}, FAIL),
        (FAIR_LUNG | IN_WINDOW | NO_FALL | {"fvc": "90.1", "baseline_fvc": "100"}, FAIL),
        (FAIR_LUNG | IN_WINDOW | NO_FALL | {"fvc": "72", "baseline_fvc": "80"}, FAIL),
        (FAIR_LUNG | IN_WINDOW | NO_FALL | {"fvc": "71.9", "baseline_fvc": "80"}, PASS),
        (FAIR_LUNG | IN_WINDOW | NO_FALL | {"tlc": "80.9", "baseline_tlc": "90"}, PASS),
        (FAIR_LUNG | IN_WINDOW | NO_FALL | {"tlc": "81", "baseline_tlc": "90"}, FAIL),
        (FAIR_LUNG | IN_WINDOW | NO_FALL | {"tlc": "81.1", "baseline_tlc": "90"}, FAIL),
        (FAIR_LUNG | IN_WINDOW | NO_FALL | {"dlco": "67.9", "baseline_dlco": "80"}, PASS),
        (FAIR_LUNG | IN_WINDOW | NO_FALL | {"dlco": "68", "baseline_dlco": "80"}, FAIL),
        (FAIR_LUNG | IN_WINDOW | NO_FALL | {"dlco": "68.1", "baseline_dlco": "80"}, FAIL),
        (FAIR_LUNG | IN_WINDOW | NO_FALL | {"baseline_dlco": None}, UNKNOWN),
        # A rise is no fall, and points of per cent are not per cent of the baseline.
        (FAIR_LUNG | IN_WINDOW | NO_FALL | {"fvc": "100", "baseline_fvc": "80"}, FAIL),
        (FAIR_LUNG | IN_WINDOW | NO_FALL | {"fvc": "72", "baseline_fvc": "80.1"}, PASS),
        # Interstitial lung disease without another cause, and not transplantable.
        (POOR_LUNG, PASS),
        (POOR_LUNG | {"ild_on_imaging": None}, UNKNOWN),
        (POOR_LUNG | {"ild_on_imaging": False}, FAIL),
        (POOR_LUNG | {"lung_other_causes_excluded": None}, UNKNOWN),
        (POOR_LUNG | {"lung_other_causes_excluded": False}, FAIL),
        (POOR_LUNG | {"fibrosing_lung_life_threatening": None}, UNKNOWN),
        (POOR_LUNG | {"fibrosing_lung_life_threatening": True}, UNKNOWN),
        (POOR_LUNG | {"fibrosing_lung_life_threatening": True, "lung_transplant_possible": False}, PASS),
        (POOR_LUNG | {"fibrosing_lung_life_threatening": True, "lung_transplant_possible": True}, FAIL),
        ({"ild_on_imaging": False}, FAIL),
        ({"lung_other_causes_excluded": False}, FAIL),
    ],
    "R-I3b": [
        ({}, UNKNOWN),
        ({"heart_findings": []}, FAIL),
        ({"heart_other_causes_excluded": False}, FAIL),
        ({"heart_other_causes_excluded": True}, UNKNOWN),
        ({"heart_findings": ["reversible_heart_failure"]}, UNKNOWN),
        ({"heart_findings": ["reversible_heart_failure"], "heart_other_causes_excluded": True}, PASS),
        ({"heart_findings": ["recurrent_arrhythmia"], "heart_other_causes_excluded": True}, PASS),
        ({"heart_findings": ["av_block_2_3"], "heart_other_causes_excluded": True}, PASS),
        ({"heart_findings": ["large_pericardial_effusion"], "heart_other_causes_excluded": True}, PASS),
        (
            {
                "heart_findings": ["av_block_2_3", "large_pericardial_effusion"],
                "heart_other_causes_excluded": False,
            },
            FAIL,
        ),
    ],
    "R-I3c": [
        ({}, UNKNOWN),
        ({"renal_other_causes_excluded": False}, FAIL),
        ({"renal_other_causes_excluded": True}, UNKNOWN),
        ({"renal_other_causes_excluded": True, "renal_findings": ["abnormal_sediment"]}, PASS),
        ({"renal_other_causes_excluded": True, "renal_findings": ["microangiopathic_haemolysis"]}, PASS),
        ({"renal_other_causes_excluded": True, "renal_findings": ["recent_renal_failure"]}, PASS),
        ({"renal_findings": ["recent_renal_failure"]}, UNKNOWN),
        (NO_KIDNEY_FINDING, UNKNOWN),
        # Both readings over 160 systolic or over 110 diastolic.
        (NO_KIDNEY_FINDING | HIGH, PASS),
        (HIGH | {"renal_other_causes_excluded": True}, PASS),
        (NO_KIDNEY_FINDING | HIGH | {"renal_other_causes_excluded": False}, FAIL),
        (NO_KIDNEY_FINDING | HIGH | {"bp_first": "159/90"}, FAIL),
        (NO_KIDNEY_FINDING | HIGH | {"bp_first": "160/90"}, FAIL),
        (NO_KIDNEY_FINDING | HIGH | {"bp_first": "161/90"}, PASS),
        (NO_KIDNEY_FINDING | HIGH | {"bp_first": "150/109"}, FAIL),
        (NO_KIDNEY_FINDING | HIGH | {"bp_first": "150/110"}, FAIL),
        (NO_KIDNEY_FINDING | HIGH | {"bp_first": "150/111"}, PASS),
        (NO_KIDNEY_FINDING | HIGH | {"bp_first": "160/110"}, FAIL),
        (NO_KIDNEY_FINDING | HIGH | {"bp_second": "159/90"}, FAIL),
        (NO_KIDNEY_FINDING | HIGH | {"bp_second": "160/90"}, FAIL),
        (NO_KIDNEY_FINDING | HIGH | {"bp_second": "161/90"}, PASS),
        (NO_KIDNEY_FINDING | HIGH | {"bp_second": "150/109"}, FAIL),
        (NO_KIDNEY_FINDING | HIGH | {"bp_second": "150/110"}, FAIL),
        (NO_KIDNEY_FINDING | HIGH | {"bp_second": "150/111"}, PASS),
        (NO_KIDNEY_FINDING | HIGH | {"bp_second": None}, UNKNOWN),
        (NO_KIDNEY_FINDING | {"bp_first": "120/80"}, FAIL),
        # At least 12 hours between them.
        (NO_KIDNEY_FINDING | HIGH | {"bp_hours_apart": "11.9"}, FAIL),
        (NO_KIDNEY_FINDING | HIGH | {"bp_hours_apart": "12"}, PASS),
        (NO_KIDNEY_FINDING | HIGH | {"bp_hours_apart": "12.1"}, PASS),
        (NO_KIDNEY_FINDING | HIGH | {"bp_hours_apart": None}, UNKNOWN),
    ],
    "R-I4": [
        ({}, UNKNOWN),
        ({"consent_signed": True}, PASS),
        ({"consent_signed": False}, FAIL),
    ],
    "R-I5": [
        ({}, UNKNOWN),
        ({"family_donor_consents": True}, UNKNOWN),
        ({"social_security": True}, UNKNOWN),
        ({"family_donor_consents": True, "social_security": True}, PASS),
        ({"family_donor_consents": False}, FAIL),
        ({"social_security": False}, FAIL),
        ({"family_donor_consents": True, "social_security": False}, FAIL),
    ],
    "R-I6": [
        ({}, UNKNOWN),
        ({"sex": "male"}, PASS),
        ({"sex": "female"}, UNKNOWN),
        ({"sex": "female", "childbearing_potential": False}, PASS),
        ({"sex": "female", "childbearing_potential": True}, UNKNOWN),
        ({"sex": "female", "childbearing_potential": True, "effective_contraception": True}, PASS),
        ({"sex": "female", "childbearing_potential": True, "effective_contraception": False}, FAIL),
        ({"sex": "female", "childbearing_potential": True, "pregnant": True}, UNKNOWN),
        ({"sex": "male", "childbearing_potential": True, "effective_contraception": False}, PASS),
    ],
}


@pytest.mark.parametrize(("criterion", "answers", "status"), rows(TABLE))
def test_recipient_inclusion(criterion: str, answers: dict[str, Any], status: Status) -> None:
    """
    Each inclusion and each of its parts passes, fails or stays open as the protocol says.
    """
    assert status_of(criterion, answers) is status
    assert assessed(POPULATION, answers).statuses.get(criterion, status) is status
