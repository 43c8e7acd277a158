"""
Recipients: exclusion criteria 1 to 11.
"""

from bot.rules.criteria import Criterion, Part, Role
from bot.rules.v1.person import PREGNANT_OR_UNPROTECTED, social_security
from bot.rules.v1.recipient_items import (
    LIVER_RISE,
    PER_STANDARD_SURFACE,
    cd4,
    chronic_hepatitis,
    creatinine_clearance,
    cyclophosphamide_cystopathy,
    dlco,
    effusion_haemodynamic_compromise,
    haemoglobin,
    liver_rise_persistent,
    lvef,
    malignancy,
    mpap,
    neutrophils,
    paco2,
    pah_confirmed,
    pao2,
    platelets,
    poor_compliance_risk,
    positive_serology,
    refractory_heart_failure,
    right_heart_catheterisation,
    spap,
    toxic_exposure,
    uncontrolled_hypertension,
    uncontrolled_infection,
    uncontrolled_psychiatric_disorder,
    uncontrolled_ventricular_arrhythmia,
)

# Exclusion 2: severe concomitant conditions.

LUNG_TOO_SEVERE = (
    (right_heart_catheterisation.yes & (pah_confirmed.yes | mpap.above(25)))
    | spap.above(40)
    | dlco.below(30)
    | pao2.below(60, kPa="8")
    | paco2.above(50, kPa="6.7")
)

CLEARANCE_AS_PRINTED = creatinine_clearance.below(20, **{PER_STANDARD_SURFACE: "34.6"})

KIDNEY_TOO_SEVERE = CLEARANCE_AS_PRINTED | cyclophosphamide_cystopathy.yes

HEART_TOO_SEVERE = (
    refractory_heart_failure.yes
    | lvef.below(35)
    | uncontrolled_ventricular_arrhythmia.yes
    | effusion_haemodynamic_compromise.yes
)

LIVER_TOO_SEVERE = LIVER_RISE & liver_rise_persistent.yes

EXCLUSION = (
    Criterion(
        "R-E1",
        Role.EXCLUSION,
        PREGNANT_OR_UNPROTECTED,
        citation="1",
        reading=(
            "The source does not say whether contraception is asked of men too. Read as concerning women of "
            "childbearing potential only."
        ),
    ),
    Criterion(
        "R-E2",
        Role.EXCLUSION,
        LUNG_TOO_SEVERE | KIDNEY_TOO_SEVERE | HEART_TOO_SEVERE | LIVER_TOO_SEVERE,
        (
            Part(
                "R-E2a",
                LUNG_TOO_SEVERE,
                citation="2a",
                reading=(
                    "An echo pressure over 40 mmHg excludes as written even if the catheter is normal; a query is then "
                    "raised. The mmHg and kPa limits are not exact multiples, so each blood gas is compared with the "
                    "limit in the unit entered and never converted. An echo pressure that cannot be measured counts as "
                    "not over 40, and a query is raised if no catheterisation was done."
                ),
            ),
            Part(
                "R-E2b",
                KIDNEY_TOO_SEVERE,
                citation="2b",
                reading=(
                    "The protocol prints the unit mL/min/m², which no laboratory reports. The value is taken as "
                    "printed; one per 1.73 m² is divided by 1.73, and a query is raised where the two readings of the "
                    "limit differ."
                ),
            ),
            Part("R-E2c", HEART_TOO_SEVERE, citation="2c"),
            Part(
                "R-E2d",
                LIVER_TOO_SEVERE,
                citation="2d",
                reading=(
                    "The source does not say whether exactly 3 times normal counts. Read as 3 or more, and persistent; "
                    "a value of exactly 3 is marked as on the limit."
                ),
            ),
        ),
        citation="2",
    ),
    Criterion("R-E3", Role.EXCLUSION, uncontrolled_psychiatric_disorder.yes, citation="3"),
    Criterion("R-E4", Role.EXCLUSION, malignancy.any, citation="4"),
    Criterion(
        "R-E5",
        Role.EXCLUSION,
        neutrophils.below("0.5") | platelets.below(50) | haemoglobin.below(8) | cd4.below(200),
        citation="5",
        reading=(
            "Any one of the four suffices. Haemoglobin in g/L or mmol/L is converted to g/dL before it is compared "
            "(g/L divided by 10, mmol/L times 1.611). A value exactly on a limit does not exclude."
        ),
    ),
    Criterion("R-E6", Role.EXCLUSION, uncontrolled_hypertension.yes, citation="6"),
    Criterion("R-E7", Role.EXCLUSION, uncontrolled_infection.yes | positive_serology.any, citation="7"),
    Criterion("R-E8", Role.EXCLUSION, chronic_hepatitis.any, citation="8"),
    Criterion("R-E9", Role.EXCLUSION, toxic_exposure.any, citation="9"),
    Criterion("R-E10", Role.EXCLUSION, poor_compliance_risk.yes, citation="10"),
    Criterion("R-E11", Role.EXCLUSION, ~social_security.yes, citation="11"),
)
