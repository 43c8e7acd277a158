"""
The order in which a recipient's items are asked, section by section.

First the age, then what the referral's papers answer and inclusion 3 turns on, which most often settles a case: the
disease and its treatment, then the organs. The skin score needs an examination. What follows excludes now and then, the
more often the earlier; what hardly ever does comes last. Within inclusion 3 an alternative is asked only after the ones
before it, so that nobody who is eligible is asked more than the tables would.
"""

from bot.rules.v1 import person
from bot.rules.v1 import recipient_items as recipient

ASKED = (
    person.age,
    recipient.ssc_acr_eular_2013,
    recipient.cyclophosphamide_high_dose,
    recipient.cyclophosphamide_last_dose,
    recipient.severe_visceral_involvement,
    recipient.immunosuppression_status,
    recipient.fibrosing_lung_life_threatening,
    recipient.lung_transplant_possible,
    recipient.dlco,
    recipient.fvc,
    recipient.baseline_pft_date,
    recipient.baseline_fvc,
    recipient.baseline_dlco,
    recipient.tlc,
    recipient.baseline_tlc,
    recipient.ild_on_imaging,
    recipient.lung_other_causes_excluded,
    recipient.heart_findings,
    recipient.heart_other_causes_excluded,
    recipient.bp_first,
    recipient.bp_second,
    recipient.bp_hours_apart,
    recipient.renal_findings,
    recipient.renal_other_causes_excluded,
    recipient.skin_rapidly_progressive,
    recipient.mrss,
    person.consent_signed,
    person.social_security,
    recipient.family_donor_consents,
    recipient.uncontrolled_psychiatric_disorder,
    recipient.malignancy,
    person.sex,
    person.childbearing_potential,
    person.pregnant,
    person.effective_contraception,
    recipient.uncontrolled_infection,
    recipient.positive_serology,
    recipient.chronic_hepatitis,
    recipient.lvef,
    recipient.creatinine_clearance,
    recipient.refractory_heart_failure,
    recipient.uncontrolled_hypertension,
    recipient.uncontrolled_ventricular_arrhythmia,
    recipient.effusion_haemodynamic_compromise,
    recipient.cyclophosphamide_cystopathy,
    recipient.haemoglobin,
    recipient.cd4,
    recipient.platelets,
    recipient.neutrophils,
    recipient.pao2,
    recipient.paco2,
    recipient.poor_compliance_risk,
    recipient.toxic_exposure,
    recipient.spap,
    recipient.right_heart_catheterisation,
    recipient.pah_confirmed,
    recipient.mpap,
    recipient.transaminases_xuln,
    recipient.bilirubin_xuln,
    recipient.liver_rise_persistent,
)
