"""
Recipients: inclusion criteria 1 to 6, exclusion criteria 1 to 11, and the queries about a recipient's answers.
"""

from bot.rules.protocol import Criterion, Kind, Linked, Part, Population, Query, Role
from bot.rules.v1.donor import relationship
from bot.rules.v1.person import (
    CONTRACEPTION_WHERE_NEEDED,
    PREGNANT_AGAINST_THE_ODDS,
    PREGNANT_OR_UNPROTECTED,
    age,
    consent_signed,
    social_security,
)
from bot.rules.v1.recipient_items import (
    ITEMS,
    LIVER_RISE,
    PER_STANDARD_SURFACE,
    WASHOUT_MONTHS,
    baseline_dlco,
    baseline_fvc,
    baseline_pft_date,
    baseline_tlc,
    bilirubin_xuln,
    bp_first,
    bp_hours_apart,
    bp_second,
    cd4,
    chronic_hepatitis,
    creatinine_clearance,
    cyclophosphamide_cystopathy,
    cyclophosphamide_high_dose,
    cyclophosphamide_last_dose,
    dlco,
    effusion_haemodynamic_compromise,
    family_donor_consents,
    fibrosing_lung_life_threatening,
    fvc,
    haemoglobin,
    heart_findings,
    heart_other_causes_excluded,
    ild_on_imaging,
    immunosuppression_status,
    liver_rise_persistent,
    lung_other_causes_excluded,
    lung_transplant_possible,
    lvef,
    malignancy,
    mpap,
    mrss,
    neutrophils,
    paco2,
    pah_confirmed,
    pao2,
    platelets,
    poor_compliance_risk,
    positive_serology,
    refractory_heart_failure,
    renal_findings,
    renal_other_causes_excluded,
    right_heart_catheterisation,
    severe_visceral_involvement,
    skin_rapidly_progressive,
    spap,
    ssc_acr_eular_2013,
    tlc,
    toxic_exposure,
    transaminases_xuln,
    uncontrolled_hypertension,
    uncontrolled_infection,
    uncontrolled_psychiatric_disorder,
    uncontrolled_ventricular_arrhythmia,
)
from bot.rules.v1.recipient_order import ASKED

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

CRITERIA = (
    Criterion("R-I1", Role.INCLUSION, age.above(18) & age.below(70)),
    Criterion("R-I2", Role.INCLUSION, ssc_acr_eular_2013.yes),
    Criterion(
        "R-I3",
        Role.INCLUSION,
        PROGNOSIS & WASHOUT & SKIN & (LUNG | HEART | KIDNEY),
        (
            Part("R-I3-prognosis", PROGNOSIS),
            Part("R-I3-washout", WASHOUT),
            Part("R-I3-skin", SKIN),
            Part("R-I3a", LUNG),
            Part("R-I3b", HEART),
            Part("R-I3c", KIDNEY),
        ),
    ),
    Criterion("R-I4", Role.INCLUSION, consent_signed.yes),
    Criterion("R-I5", Role.INCLUSION, family_donor_consents.yes & social_security.yes),
    Criterion("R-I6", Role.INCLUSION, CONTRACEPTION_WHERE_NEEDED),
    Criterion("R-E1", Role.EXCLUSION, PREGNANT_OR_UNPROTECTED),
    Criterion(
        "R-E2",
        Role.EXCLUSION,
        LUNG_TOO_SEVERE | KIDNEY_TOO_SEVERE | HEART_TOO_SEVERE | LIVER_TOO_SEVERE,
        (
            Part("R-E2a", LUNG_TOO_SEVERE),
            Part("R-E2b", KIDNEY_TOO_SEVERE),
            Part("R-E2c", HEART_TOO_SEVERE),
            Part("R-E2d", LIVER_TOO_SEVERE),
        ),
    ),
    Criterion("R-E3", Role.EXCLUSION, uncontrolled_psychiatric_disorder.yes),
    Criterion("R-E4", Role.EXCLUSION, malignancy.any),
    Criterion(
        "R-E5",
        Role.EXCLUSION,
        neutrophils.below("0.5") | platelets.below(50) | haemoglobin.below(8) | cd4.below(200),
    ),
    Criterion("R-E6", Role.EXCLUSION, uncontrolled_hypertension.yes),
    Criterion("R-E7", Role.EXCLUSION, uncontrolled_infection.yes | positive_serology.any),
    Criterion("R-E8", Role.EXCLUSION, chronic_hepatitis.any),
    Criterion("R-E9", Role.EXCLUSION, toxic_exposure.any),
    Criterion("R-E10", Role.EXCLUSION, poor_compliance_risk.yes),
    Criterion("R-E11", Role.EXCLUSION, ~social_security.yes),
)

QUERIES = (
    Query("Q1", BOTH_PRESSURES_HIGH & ~uncontrolled_hypertension.yes),
    Query("Q2", heart_findings.includes("reversible_heart_failure") & refractory_heart_failure.yes),
    Query("Q3", ~heart_findings.includes("large_pericardial_effusion") & effusion_haemodynamic_compromise.yes),
    Query("Q4", spap.above(40) & right_heart_catheterisation.yes & mpap.at_most(25) & ~pah_confirmed.yes),
    Query("Q5", fibrosing_lung_life_threatening.yes & ~ild_on_imaging.yes),
    Query("Q6", cyclophosphamide_cystopathy.yes & ~cyclophosphamide_high_dose.yes),
    Query("Q7", pah_confirmed.yes & mpap.at_most(25)),
    # About an answer whose gate these same numbers close.
    Query(
        "Q10",
        liver_rise_persistent.yes & transaminases_xuln.at_most(1) & bilirubin_xuln.at_most(1),
        of_set_aside=True,
    ),
    PREGNANT_AGAINST_THE_ODDS,
    Query("Q12", (pah_confirmed.yes | mpap.above(25)) & ~right_heart_catheterisation.yes, of_set_aside=True),
    # 20 or more per 1.73 m2, and under 20 per m2; per m2 the two contradict each other.
    Query("Q13", creatinine_clearance.at_least(20, **{PER_STANDARD_SURFACE: "20"}) & CLEARANCE_AS_PRINTED),
    Query("Q14", spap.unmeasurable & ~right_heart_catheterisation.yes),
    Query("Q15", cyclophosphamide_last_dose.given & ~cyclophosphamide_high_dose.yes, of_set_aside=True),
)

# A consenting relative or spouse: a donor who is neither does not answer it.
CONSENTING_DONOR = Linked(family_donor_consents, consent_signed, unless=relationship.one_of("unrelated"))

POPULATION = Population(Kind.RECIPIENT, ITEMS, CRITERIA, QUERIES, linked=(CONSENTING_DONOR,), asked=ASKED)
