"""
Recipients: their criteria, the queries about their answers, and what a donor lends them.
"""

from bot.rules.criteria import Query
from bot.rules.protocol import Kind, Linked, Population
from bot.rules.v1.donor import relationship
from bot.rules.v1.person import PREGNANT_AGAINST_THE_ODDS, consent_signed
from bot.rules.v1.recipient_exclusion import CLEARANCE_AS_PRINTED, EXCLUSION
from bot.rules.v1.recipient_inclusion import BOTH_PRESSURES_HIGH, INCLUSION
from bot.rules.v1.recipient_items import (
    ITEMS,
    PER_STANDARD_SURFACE,
    bilirubin_xuln,
    creatinine_clearance,
    cyclophosphamide_cystopathy,
    cyclophosphamide_high_dose,
    cyclophosphamide_last_dose,
    effusion_haemodynamic_compromise,
    family_donor_consents,
    fibrosing_lung_life_threatening,
    heart_findings,
    ild_on_imaging,
    liver_rise_persistent,
    mpap,
    pah_confirmed,
    refractory_heart_failure,
    right_heart_catheterisation,
    spap,
    transaminases_xuln,
    uncontrolled_hypertension,
)
from bot.rules.v1.recipient_order import ASKED

CRITERIA = (*INCLUSION, *EXCLUSION)

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
