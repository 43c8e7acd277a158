"""
What is asked of a recipient, in the order in which it is asked.

Hard ranges are what can be, soft ranges what is usual; units as the protocol prints them.
"""

from decimal import Decimal

from bot.rules.expressions import Expression
from bot.rules.items import BloodPressure, Bool, Choice, Date, Number, Range, Several, declared
from bot.rules.v1.person import ITEMS as PERSON
from bot.rules.v1.scores import ACR_EULAR_2013, RODNAN_MOST, RODNAN_SITES


def _range(low: str | int, high: str | int) -> Range:
    return Decimal(low), Decimal(high)


WASHOUT_MONTHS = 6


def _percent_predicted(*, soft: tuple[int, int] = (20, 150), gate: Expression | None = None, loinc: str = "") -> Number:
    return Number(
        section="lung",
        unit="% predicted",
        aliases=("%",),
        hard=_range(1, 200),
        soft=_range(*soft),
        gate=gate,
        loinc=loinc,
    )


family_donor_consents = Bool(section="consent")

ssc_acr_eular_2013 = Bool(section="disease", classification=ACR_EULAR_2013)
severe_visceral_involvement = Bool(section="disease")
immunosuppression_status = Choice(section="disease", options=("resistant", "contraindicated", "neither"))
fibrosing_lung_life_threatening = Bool(section="disease")
lung_transplant_possible = Bool(section="disease", gate=fibrosing_lung_life_threatening.yes)
cyclophosphamide_high_dose = Bool(section="disease")
cyclophosphamide_last_dose = Date(
    section="disease",
    wait_months=WASHOUT_MONTHS,
    gate=cyclophosphamide_high_dose.yes,
)
skin_rapidly_progressive = Bool(section="skin")
mrss = Number(
    section="skin",
    unit="points",
    hard=_range(0, 51),
    whole=True,
    parts=RODNAN_SITES,
    part_most=RODNAN_MOST,
)

dlco = _percent_predicted(soft=(10, 140), loinc="98130-8")
fvc = _percent_predicted(loinc="19872-1")
NEITHER_SUFFICES = dlco.at_least(60) & fvc.above(70)
tlc = _percent_predicted(gate=NEITHER_SUFFICES, loinc="89085-5")
baseline_pft_date = Date(section="lung", gate=NEITHER_SUFFICES)
baseline_dlco = _percent_predicted(gate=NEITHER_SUFFICES)
baseline_fvc = _percent_predicted(gate=NEITHER_SUFFICES)
baseline_tlc = _percent_predicted(gate=NEITHER_SUFFICES)
ild_on_imaging = Bool(section="lung")
lung_other_causes_excluded = Bool(section="lung")

heart_findings = Several(
    section="heart",
    options=("reversible_heart_failure", "recurrent_arrhythmia", "av_block_2_3", "large_pericardial_effusion"),
)
heart_other_causes_excluded = Bool(section="heart")


def _blood_pressure() -> BloodPressure:
    return BloodPressure(
        section="kidney",
        hard_systolic=(40, 300),
        hard_diastolic=(20, 200),
        soft_systolic=(70, 240),
        soft_diastolic=(40, 140),
    )


bp_first = _blood_pressure()
bp_second = _blood_pressure()
bp_hours_apart = Number(section="kidney", unit="h", hard=_range(0, 8760))
renal_findings = Several(
    section="kidney",
    options=("abnormal_sediment", "microangiopathic_haemolysis", "recent_renal_failure"),
)
renal_other_causes_excluded = Bool(section="kidney")

right_heart_catheterisation = Bool(section="pulmonary_pressure")
pah_confirmed = Bool(section="pulmonary_pressure", gate=right_heart_catheterisation.yes)
mpap = Number(
    section="pulmonary_pressure",
    unit="mmHg",
    aliases=("mm[Hg]",),
    hard=_range(5, 150),
    soft=_range(8, 80),
    gate=right_heart_catheterisation.yes,
)
spap = Number(
    section="pulmonary_pressure",
    unit="mmHg",
    aliases=("mm[Hg]",),
    hard=_range(5, 200),
    soft=_range(10, 120),
    may_be_unmeasurable=True,
    loinc="8440-0",
)

MMHG_IN_A_KPA = Decimal("7.50062")
"""For the ranges of a blood gas only; its limits are stated in both units."""


def _blood_gas(*, hard: tuple[int, int], soft: tuple[int, int]) -> Number:
    return Number(
        section="blood_gases",
        unit="mmHg",
        aliases=("mm[Hg]",),
        units={"kPa": MMHG_IN_A_KPA},
        as_entered=True,
        hard=_range(*hard),
        soft=_range(*soft),
    )


pao2 = _blood_gas(hard=(10, 200), soft=(40, 120))
paco2 = _blood_gas(hard=(5, 150), soft=(20, 80))

PER_STANDARD_SURFACE = "mL/min/1.73m2"

creatinine_clearance = Number(
    section="concomitant",
    unit="mL/min/m2",
    units={PER_STANDARD_SURFACE: 1 / Decimal("1.73")},
    spelled=dict.fromkeys(("mL/min/1.73 m2", "mL/min/{1.73_m2}"), PER_STANDARD_SURFACE),
    refused={"mL/min": "body_surface"},
    as_entered=True,
    hard=_range(0, 250),
    soft=_range(5, 150),
    loinc="35591-7",
)
cyclophosphamide_cystopathy = Bool(section="concomitant")
refractory_heart_failure = Bool(section="concomitant")
lvef = Number(section="concomitant", unit="%", hard=_range(5, 95), soft=_range(15, 80))
uncontrolled_ventricular_arrhythmia = Bool(section="concomitant")
effusion_haemodynamic_compromise = Bool(section="concomitant")


def _over_upper_limit(most: int) -> Number:
    return Number(
        section="liver", unit="x ULN", aliases=("xULN",), hard=_range(0, most), soft=_range(0, 20), over_upper=True
    )


transaminases_xuln = _over_upper_limit(500)
bilirubin_xuln = _over_upper_limit(100)
LIVER_RISE = transaminases_xuln.at_least(3) | bilirubin_xuln.at_least(3)
liver_rise_persistent = Bool(section="liver", gate=LIVER_RISE)

uncontrolled_psychiatric_disorder = Bool(section="history")
malignancy = Several(section="history", options=("active_neoplasm", "myelodysplasia", "cancer_history"))

THOUSANDS_OF_CELLS = ("G/L", "10*9/L", "10*3/uL", "K/uL")
CELLS = dict.fromkeys(("/mm3", "/uL"), Decimal("0.001"))

neutrophils = Number(
    section="blood_count",
    unit="10^9/L",
    aliases=THOUSANDS_OF_CELLS,
    units=CELLS,
    hard=_range(0, 200),
    soft=_range("0.2", 30),
)
platelets = Number(
    section="blood_count",
    unit="10^9/L",
    aliases=THOUSANDS_OF_CELLS,
    units=CELLS,
    hard=_range(0, 3000),
    soft=_range(10, 1000),
)
haemoglobin = Number(
    section="blood_count",
    unit="g/dL",
    units={"g/L": Decimal("0.1"), "mmol/L": Decimal("1.611")},
    hard=_range(1, 30),
    soft=_range(5, 20),
)
cd4 = Number(
    section="blood_count",
    unit="10^6/L",
    aliases=("10*6/L", "cells/uL", "/uL", "/mm3"),
    units={"G/L": Decimal(1000)},
    hard=_range(0, 10000),
    soft=_range(20, 3000),
    loinc="24467-3",
)

uncontrolled_hypertension = Bool(section="concomitant")
uncontrolled_infection = Bool(section="infection")
positive_serology = Several(section="infection", options=("hiv", "htlv"))
chronic_hepatitis = Several(section="infection", options=("hbv", "hcv"))
toxic_exposure = Several(
    section="exposure",
    options=(
        "bleomycin",
        "toxic_oil",
        "vinyl_chloride",
        "trichloroethylene",
        "silica",
        "eosinophilia_myalgia",
        "eosinophilic_fasciitis",
    ),
)
poor_compliance_risk = Bool(section="exposure")

ITEMS = (*PERSON, *declared(globals()))
