"""
Recipients: inclusion criteria 1 to 6.
"""

from bot.rules.criteria import Criterion, Part, Role
from bot.rules.v1.person import CONTRACEPTION_WHERE_NEEDED, age, consent_signed, social_security
from bot.rules.v1.recipient_items import (
    WASHOUT_MONTHS,
    baseline_dlco,
    baseline_fvc,
    baseline_pft_date,
    baseline_tlc,
    bp_first,
    bp_hours_apart,
    bp_second,
    cyclophosphamide_high_dose,
    cyclophosphamide_last_dose,
    dlco,
    family_donor_consents,
    fibrosing_lung_life_threatening,
    fvc,
    heart_findings,
    heart_other_causes_excluded,
    ild_on_imaging,
    immunosuppression_status,
    lung_other_causes_excluded,
    lung_transplant_possible,
    mrss,
    renal_findings,
    renal_other_causes_excluded,
    severe_visceral_involvement,
    skin_rapidly_progressive,
    ssc_acr_eular_2013,
    tlc,
)

# Inclusion 3: poor prognosis, a wait after high-dose cyclophosphamide, skin, and one failing organ.

PROGNOSIS = (severe_visceral_involvement.yes & immunosuppression_status.one_of("resistant", "contraindicated")) | (
    fibrosing_lung_life_threatening.yes & ~lung_transplant_possible.yes
)

WASHOUT = ~cyclophosphamide_high_dose.yes | cyclophosphamide_last_dose.months_passed(WASHOUT_MONTHS)

SKIN = skin_rapidly_progressive.yes & mrss.above(15)

DECLINE = baseline_pft_date.months_before(earliest=18, latest=6) & (
    fvc.fell_from(baseline_fvc, by_more_than="0.10")
    | tlc.fell_from(baseline_tlc, by_more_than="0.10")
    | dlco.fell_from(baseline_dlco, by_more_than="0.15")
)

LUNG_FUNCTION = dlco.below(60) | fvc.at_most(70) | DECLINE

LUNG = (
    LUNG_FUNCTION
    & ild_on_imaging.yes
    & lung_other_causes_excluded.yes
    & ~(fibrosing_lung_life_threatening.yes & lung_transplant_possible.yes)
)

HEART = heart_findings.any & heart_other_causes_excluded.yes

BOTH_PRESSURES_HIGH = bp_first.above(systolic=160, diastolic=110) & bp_second.above(systolic=160, diastolic=110)

KIDNEY = ((BOTH_PRESSURES_HIGH & bp_hours_apart.at_least(12)) | renal_findings.any) & renal_other_causes_excluded.yes

INCLUSION = (
    Criterion(
        "R-I1",
        Role.INCLUSION,
        age.above(18) & age.below(70),
        citation="1",
        reading=(
            "The source does not say whether 18 years and some months is over 18. Read in completed years: both 18 and "
            "70 fail, and the summary says that they sit on the limit."
        ),
    ),
    Criterion("R-I2", Role.INCLUSION, ssc_acr_eular_2013.yes, citation="2"),
    Criterion(
        "R-I3",
        Role.INCLUSION,
        PROGNOSIS & WASHOUT & SKIN & (LUNG | HEART | KIDNEY),
        (
            Part("R-I3-prognosis", PROGNOSIS, citation="3, § 1"),
            Part(
                "R-I3-washout",
                WASHOUT,
                citation="3, § 2",
                reading=(
                    "The source does not speak of patients who never had high-dose iv cyclophosphamide. The wait of 6 "
                    "calendar months applies only where it was given; where it never was, this part holds."
                ),
            ),
            Part(
                "R-I3-skin",
                SKIN,
                citation="3, § 2",
                reading=(
                    "Read as more than 15, as in the source, although an earlier synopsis and the published trial say "
                    "15 or more. A score of exactly 15 fails and is marked as on the limit."
                ),
            ),
            Part(
                "R-I3a",
                LUNG,
                citation="3a",
                reading=(
                    "The source leaves two points open. Poor function (or its decline) and interstitial lung disease "
                    "are both required. A decline is relative to the baseline value, not a difference in percentage "
                    "points; the baseline dates from 6 to 18 months before."
                ),
            ),
            Part("R-I3b", HEART, citation="3b"),
            Part(
                "R-I3c",
                KIDNEY,
                citation="3c",
                reading=(
                    "The source describes recent renal failure as a rise of creatinine clearance above normal. Taken "
                    "as a slip of translation: creatinine has risen above normal within the last 6 months."
                ),
            ),
        ),
        citation="3",
        reading=(
            "The source leaves open whether skin and organ damage are both needed. Read as both, as an earlier French "
            "synopsis does; any one of lung, heart and kidney suffices for the organ."
        ),
    ),
    Criterion("R-I4", Role.INCLUSION, consent_signed.yes, citation="4"),
    Criterion("R-I5", Role.INCLUSION, family_donor_consents.yes & social_security.yes, citation="5"),
    Criterion("R-I6", Role.INCLUSION, CONTRACEPTION_WHERE_NEEDED, citation="6"),
)
