"""
A slow, flat second reading of the protocol, written from its criteria page alone and sharing nothing with the bot.

`assess` works a case out; `case_strategy` draws random cases, mostly near the limits.
"""

import re
from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from hypothesis import strategies as st

F = Fraction
Tri = bool | None
Number = tuple[F, F, bool, bool]
"""Least and most, and whether each is in."""
FAR = F(10**9)
Kind = Literal["recipient", "donor"]
Answers = dict[str, Any]


def table(text: str) -> dict[str, list[str]]:
    """Rows of words, parted by semicolons and line ends: the first word is the key."""
    rows = [row.split() for row in text.strip().replace("\n", ";").split(";")]
    return {row[0]: row[1:] for row in rows}


# The items in the order of the protocol's tables.
COMMON = "age sex childbearing_potential pregnant effective_contraception consent_signed social_security"
RECIPIENT = """
    family_donor_consents ssc_acr_eular_2013 severe_visceral_involvement immunosuppression_status
    fibrosing_lung_life_threatening lung_transplant_possible cyclophosphamide_high_dose cyclophosphamide_last_dose
    skin_rapidly_progressive mrss dlco fvc tlc baseline_pft_date baseline_dlco baseline_fvc baseline_tlc ild_on_imaging
    lung_other_causes_excluded heart_findings heart_other_causes_excluded bp_first bp_second bp_hours_apart
    renal_findings renal_other_causes_excluded right_heart_catheterisation pah_confirmed mpap spap pao2 paco2
    creatinine_clearance cyclophosphamide_cystopathy refractory_heart_failure lvef uncontrolled_ventricular_arrhythmia
    effusion_haemodynamic_compromise transaminases_xuln bilirubin_xuln liver_rise_persistent
    uncontrolled_psychiatric_disorder malignancy neutrophils platelets haemoglobin cd4 uncontrolled_hypertension
    uncontrolled_infection positive_serology chronic_hepatitis toxic_exposure poor_compliance_risk
"""
DONOR = "relationship lidocaine_allergy donation_contraindication positive_serology positive_pcr"
ITEMS = {"recipient": f"{COMMON} {RECIPIENT}".split(), "donor": f"{COMMON} {DONOR}".split()}


# Three-valued logic and readings of single values -------------------------------------------------------------------


def and3(*parts: Tri) -> Tri:
    """False if any is false, else unknown if any is unknown, else true."""
    return False if False in parts else None if None in parts else True


def or3(*parts: Tri) -> Tri:
    """True if any is true, else unknown if any is unknown, else false."""
    return True if True in parts else None if None in parts else False


def not3(part: Tri) -> Tri:
    """The opposite; unknown stays unknown."""
    return None if part is None else not part


def quantity(a: Answers, key: str) -> tuple[Number, str] | None:
    """A number, as the interval in which it lies, and the unit it was entered in ("" for the default)."""
    value = a.get(key)
    if value is None:
        return None
    if value == "not measurable":
        return (F(-1), F(-1), True, True), ""  # under any limit
    if isinstance(value, dict):
        return exactly(F(sum(int(part) for part in value.values()))), ""
    if not isinstance(value, str):
        return exactly(F(value)), ""
    digits = r"(\d+(?:\.\d+)?)"
    if found := re.fullmatch(rf"{digits}/{digits}", value):
        return exactly(F(found[1]) / F(found[2])), ""
    if found := re.fullmatch(rf"{digits}-{digits}\s*(.*)", value):
        return (F(found[1]), F(found[2]), True, True), found[3]
    if found := re.fullmatch(rf"([<>])(=?){digits}\s*(.*)", value):
        end, is_in = F(found[3]), found[2] == "="
        return ((-FAR, end, True, is_in) if found[1] == "<" else (end, FAR, is_in, True)), found[4]
    found = re.fullmatch(rf"{digits}\s*(.*)", value)
    assert found, value
    return exactly(F(found[1])), found[2]


def exactly(x: F) -> Number:
    """The interval of one number."""
    return x, x, True, True


def times(x: Number, factor: F) -> Number:
    """The same in another unit."""
    return x[0] * factor, x[1] * factor, x[2], x[3]


def gas(a: Answers, key: str, mmhg: str, kpa: str) -> tuple[Number, str] | None:
    """A blood gas and the limit of the very unit it was entered in."""
    q = quantity(a, key)
    return None if q is None else (q[0], kpa if q[1] == "kPa" else mmhg)


FACTORS = {
    "haemoglobin": {"g/L": F(1, 10), "mmol/L": F("1.611")},
    "creatinine_clearance": {"mL/min/1.73m2": F(100, 173)},
    "neutrophils": {"/mm3": F(1, 1000), "/uL": F(1, 1000)},
    "platelets": {"/mm3": F(1, 1000), "/uL": F(1, 1000)},
}


def num(a: Answers, key: str) -> Number | None:
    """A number in its default unit."""
    q = quantity(a, key)
    if q is None:
        return None
    if key in ("age", "mrss"):  # whole numbers: under 16 is 15 at most
        least, most, has_least, has_most = q[0]
        return least + (not has_least), most - (not has_most), True, True
    return times(q[0], FACTORS.get(key, {}).get(q[1], F(1)))


def under(x: Number | None, limit: str) -> Tri:
    """Is x < limit?"""
    if x is None:
        return None
    _, most, _, is_in = x
    return True if most < F(limit) or (most == F(limit) and not is_in) else None if x[0] < F(limit) else False


def over(x: Number | None, limit: str) -> Tri:
    """Is x > limit?"""
    if x is None:
        return None
    least, _, is_in, _ = x
    return True if least > F(limit) or (least == F(limit) and not is_in) else None if x[1] > F(limit) else False


def holds(x: Number | None, limit: str) -> bool:
    """May x be just the limit?"""
    return x is not None and under(x, limit) is not True and over(x, limit) is not True


def has(a: Answers, key: str, option: str) -> Tri:
    """A list answer names this: there, awaited or absent."""
    if a.get(key) is None:
        return None
    return True if option in a[key] else None if f"?{option}" in a[key] else False


def some(a: Answers, key: str) -> Tri:
    """A list answer names at least one thing."""
    if a.get(key) is None:
        return None
    return True if any(not word.startswith("?") for word in a[key]) else None if a[key] else False


def pressure(a: Answers, key: str) -> tuple[int, int] | None:
    """Systolic and diastolic."""
    if a.get(key) is None:
        return None
    systolic, diastolic = a[key].split("/")
    return int(systolic), int(diastolic)


def high(a: Answers, key: str) -> Tri:
    """A blood pressure reading counts as high."""
    bp = pressure(a, key)
    return None if bp is None else bp[0] > 160 or bp[1] > 110


def fell(a: Answers, key: str, percent: int) -> Tri:
    """The value fell from its baseline by more than so many per cent of the baseline."""
    now, baseline = num(a, key), num(a, "baseline_" + key)
    if now is None or baseline is None or now[0] != now[1]:
        return None
    return (baseline[0] - now[0]) * 100 > baseline[0] * percent


def clearance_by_one_reading(a: Answers) -> bool:
    """Under 20 once divided by 1.73, and not so as it was reported."""
    q = quantity(a, "creatinine_clearance")
    return q is not None and q[1] == "mL/min/1.73m2" and under(q[0], "20") is False and under(q[0], "34.6") is True


def add_months(day: date, months: int) -> date:
    """Calendar months, the day clamped to the month's length."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def answered_date(a: Answers, key: str) -> date | None:
    """A date answer."""
    if a.get(key) is None:
        return None
    if re.fullmatch(r"\d{4}-\d{2}", a[key]):  # the last day of a month
        return add_months(date.fromisoformat(a[key] + "-01"), 1) - timedelta(days=1)
    return date.fromisoformat(a[key])


def time_facts(a: Answers, day: date) -> tuple[Tri, Tri]:
    """All that depends on the day: six months have passed since the last dose; the baseline is in its window."""
    dose, baseline = answered_date(a, "cyclophosphamide_last_dose"), answered_date(a, "baseline_pft_date")
    waited = None if dose is None else add_months(dose, 6) <= day
    in_window = None if baseline is None else add_months(day, -18) <= baseline <= add_months(day, -6)
    return waited, in_window


# The criteria: an inclusion is true when it passes, an exclusion is true when it FAILS -------------------------------


def of_childbearing_potential(a: Answers) -> Tri:
    """Female and of childbearing potential."""
    return and3(None if a.get("sex") is None else a["sex"] == "female", a.get("childbearing_potential"))


def recipient_parts(a: Answers, waited: Tri, in_window: Tri) -> dict[str, Tri]:
    """Every criterion of a recipient, and the inner parts that `recipient_missing` asks about."""
    t: dict[str, Tri] = {}
    age, immuno = num(a, "age"), a.get("immunosuppression_status")
    fibrosing, transplant = a.get("fibrosing_lung_life_threatening"), a.get("lung_transplant_possible")
    t["R-I1"] = and3(over(age, "18"), under(age, "70"))
    t["R-I2"] = classified(a.get("ssc_acr_eular_2013"))
    refractory = None if immuno is None else immuno in ("resistant", "contraindicated")
    t["visceral"] = and3(a.get("severe_visceral_involvement"), refractory)
    t["fibrosing"] = and3(fibrosing, not3(transplant))
    t["prognosis"] = or3(t["visceral"], t["fibrosing"])
    t["washout"] = or3(not3(a.get("cyclophosphamide_high_dose")), waited)
    t["skin"] = and3(a.get("skin_rapidly_progressive"), over(num(a, "mrss"), "15"))
    t["falls"] = or3(fell(a, "fvc", 10), fell(a, "tlc", 10), fell(a, "dlco", 15))
    t["decline"] = and3(in_window, t["falls"])
    t["function"] = or3(under(num(a, "dlco"), "60"), not3(over(num(a, "fvc"), "70")), t["decline"])
    t["transplantable"] = and3(fibrosing, transplant)
    causes = a.get("lung_other_causes_excluded")
    t["R-I3a"] = and3(t["function"], a.get("ild_on_imaging"), causes, not3(t["transplantable"]))
    t["R-I3b"] = and3(some(a, "heart_findings"), a.get("heart_other_causes_excluded"))
    t["hypertension"] = and3(high(a, "bp_first"), high(a, "bp_second"), not3(under(num(a, "bp_hours_apart"), "12")))
    t["kidney"] = or3(t["hypertension"], some(a, "renal_findings"))
    t["R-I3c"] = and3(t["kidney"], a.get("renal_other_causes_excluded"))
    t["organ"] = or3(t["R-I3a"], t["R-I3b"], t["R-I3c"])
    t["R-I3"] = and3(t["prognosis"], t["washout"], t["skin"], t["organ"])
    t["R-I4"] = a.get("consent_signed")
    t["R-I5"] = and3(a.get("family_donor_consents"), a.get("social_security"))
    t["R-I6"] = or3(not3(of_childbearing_potential(a)), a.get("effective_contraception"))

    t["unsafe"] = or3(a.get("pregnant"), not3(a.get("effective_contraception")))
    t["R-E1"] = and3(of_childbearing_potential(a), t["unsafe"])
    t["catheter"] = and3(a.get("right_heart_catheterisation"), or3(a.get("pah_confirmed"), over(num(a, "mpap"), "25")))
    pao2, paco2 = gas(a, "pao2", "60", "8"), gas(a, "paco2", "50", "6.7")
    hypoxic = None if pao2 is None else under(*pao2)
    hypercapnic = None if paco2 is None else over(*paco2)
    t["R-E2a"] = or3(t["catheter"], over(num(a, "spap"), "40"), under(num(a, "dlco"), "30"), hypoxic, hypercapnic)
    t["R-E2b"] = or3(under(num(a, "creatinine_clearance"), "20"), a.get("cyclophosphamide_cystopathy"))
    t["R-E2c"] = or3(
        a.get("refractory_heart_failure"),
        under(num(a, "lvef"), "35"),
        a.get("uncontrolled_ventricular_arrhythmia"),
        a.get("effusion_haemodynamic_compromise"),
    )
    t["rise"] = or3(not3(under(num(a, "transaminases_xuln"), "3")), not3(under(num(a, "bilirubin_xuln"), "3")))
    t["R-E2d"] = and3(t["rise"], a.get("liver_rise_persistent"))
    t["R-E2"] = or3(t["R-E2a"], t["R-E2b"], t["R-E2c"], t["R-E2d"])
    t["R-E3"] = a.get("uncontrolled_psychiatric_disorder")
    t["R-E4"] = some(a, "malignancy")
    low_counts = or3(under(num(a, "neutrophils"), "0.5"), under(num(a, "platelets"), "50"))
    t["R-E5"] = or3(low_counts, under(num(a, "haemoglobin"), "8"), under(num(a, "cd4"), "200"))
    t["R-E6"] = a.get("uncontrolled_hypertension")
    t["R-E7"] = or3(a.get("uncontrolled_infection"), some(a, "positive_serology"))
    t["R-E8"] = some(a, "chronic_hepatitis")
    t["R-E9"] = some(a, "toxic_exposure")
    t["R-E10"] = a.get("poor_compliance_risk")
    t["R-E11"] = not3(a.get("social_security"))
    return t


def donor_parts(a: Answers) -> dict[str, Tri]:
    """Every criterion of a donor."""
    t: dict[str, Tri] = {}
    age, potential, relationship = num(a, "age"), of_childbearing_potential(a), a.get("relationship")
    t["D-I1"] = and3(not3(under(age, "18")), not3(over(age, "65")))
    t["D-I2"] = None if relationship is None else relationship != "unrelated"
    t["D-I3"] = a.get("consent_signed")
    t["D-I4"] = a.get("social_security")
    t["D-I5"] = or3(not3(potential), a.get("effective_contraception"))
    t["D-E1"] = a.get("lidocaine_allergy")
    t["D-E2"] = or3(a.get("donation_contraindication"), some(a, "positive_serology"), some(a, "positive_pcr"))
    t["unsafe"] = or3(a.get("pregnant"), not3(a.get("effective_contraception")))
    t["D-E3"] = and3(potential, t["unsafe"])
    t["D-E4"] = not3(a.get("social_security"))
    return t


# What is still to be asked: each unknown criterion, by hand, down to its unknown parts -------------------------------


def childbearing_asked(a: Answers, inclusion: Tri, exclusion: Tri, unsafe: Tri) -> list[str]:
    """Items of the two criteria on pregnancy and contraception."""
    asked = []
    if inclusion is None or exclusion is None:
        if of_childbearing_potential(a) is None:
            asked += ["sex"]
            if a.get("sex") == "female":
                asked += ["childbearing_potential"]
        if a.get("childbearing_potential") is True:
            if inclusion is None:
                asked += ["effective_contraception"]
            if exclusion is None and unsafe is None:
                asked += ["pregnant", "effective_contraception"]
    return asked


def recipient_i3_asked(a: Answers, t: dict[str, Tri]) -> list[str]:  # noqa: C901, PLR0912
    """Items of R-I3 while it is unknown."""
    asked = []
    fibrosing = a.get("fibrosing_lung_life_threatening")
    if t["prognosis"] is None:
        if t["visceral"] is None:
            asked += ["severe_visceral_involvement", "immunosuppression_status"]
        if t["fibrosing"] is None:
            asked += ["fibrosing_lung_life_threatening"] + ["lung_transplant_possible"] * (fibrosing is True)
    if t["washout"] is None:
        asked += ["cyclophosphamide_high_dose"]
        if a.get("cyclophosphamide_high_dose") is True:
            asked += ["cyclophosphamide_last_dose"]
    if t["skin"] is None:
        asked += ["skin_rapidly_progressive", "mrss"]
    if t["organ"] is None and t["R-I3a"] is None:
        asked += ["ild_on_imaging", "lung_other_causes_excluded"]
        if t["transplantable"] is None:
            asked += ["fibrosing_lung_life_threatening"] + ["lung_transplant_possible"] * (fibrosing is True)
        if t["function"] is None:
            asked += ["dlco", "fvc"]
            dlco, fvc = num(a, "dlco"), num(a, "fvc")
            if under(dlco, "60") is False and over(fvc, "70") is True and t["decline"] is None:
                asked += ["baseline_pft_date"]
                if t["falls"] is None:
                    asked += ["tlc", "baseline_dlco", "baseline_fvc", "baseline_tlc"]
    if t["organ"] is None and t["R-I3b"] is None:
        asked += ["heart_findings"] * (some(a, "heart_findings") is None) + ["heart_other_causes_excluded"]
    if t["organ"] is None and t["R-I3c"] is None:
        asked += ["renal_other_causes_excluded"]
        if t["kidney"] is None:
            asked += ["renal_findings"]
            if t["hypertension"] is None:
                asked += ["bp_first", "bp_second", "bp_hours_apart"]
    return asked


def recipient_e2_asked(a: Answers, t: dict[str, Tri]) -> list[str]:
    """Items of R-E2 while it is unknown."""
    asked = []
    if t["R-E2a"] is None:
        asked += ["spap", "dlco", "pao2", "paco2"]
        if t["catheter"] is None:
            asked += ["right_heart_catheterisation"]
            if a.get("right_heart_catheterisation") is True:
                asked += ["pah_confirmed", "mpap"]
    if t["R-E2b"] is None:
        asked += ["creatinine_clearance", "cyclophosphamide_cystopathy"]
    if t["R-E2c"] is None:
        asked += ["refractory_heart_failure", "lvef", "uncontrolled_ventricular_arrhythmia"]
        asked += ["effusion_haemodynamic_compromise"]
    if t["R-E2d"] is None:
        if t["rise"] is None:
            asked += ["transaminases_xuln", "bilirubin_xuln"]
        if t["rise"] is True:
            asked += ["liver_rise_persistent"]
    return asked


# The criteria in which every item stands in a plain "and" or a plain "or".
PLAIN = table("""
R-I1 age; R-I2 ssc_acr_eular_2013; R-I4 consent_signed; R-I5 family_donor_consents social_security
R-E3 uncontrolled_psychiatric_disorder; R-E4 malignancy; R-E5 neutrophils platelets haemoglobin cd4
R-E6 uncontrolled_hypertension; R-E7 uncontrolled_infection positive_serology; R-E8 chronic_hepatitis
R-E9 toxic_exposure; R-E10 poor_compliance_risk; R-E11 social_security
D-I1 age; D-I2 relationship; D-I3 consent_signed; D-I4 social_security
D-E1 lidocaine_allergy; D-E2 donation_contraindication positive_serology positive_pcr; D-E4 social_security
""")


def missing_items(kind: str, a: Answers, t: dict[str, Tri]) -> list[str]:
    """The unanswered items that can still matter, in table order."""
    asked = [key for name, keys in PLAIN.items() if name in t and t[name] is None for key in keys]
    if kind == "donor":
        asked += childbearing_asked(a, t["D-I5"], t["D-E3"], t["unsafe"])
    else:
        asked += childbearing_asked(a, t["R-I6"], t["R-E1"], t["unsafe"])
        asked += recipient_i3_asked(a, t) if t["R-I3"] is None else []
        asked += recipient_e2_asked(a, t) if t["R-E2"] is None else []
    # An answer given in part is as good as none to a criterion that it leaves open.
    return [key for key in ITEMS[kind] if key in asked and (a.get(key) is None or is_partial(a[key]))]


def is_partial(value: Any) -> bool:  # noqa: ANN401  any answer
    """Rows that settle nothing, or options awaited."""
    if isinstance(value, dict):
        return "face" not in value and classified(value) is None
    return isinstance(value, list) and any(word.startswith("?") for word in value)


# Queries, values on a limit, the next date ---------------------------------------------------------------------------


def left_behind(a: Answers) -> list[str]:
    """The keys whose gate was answered and is closed."""
    closed = []
    if a.get("sex") == "male":
        closed += ["childbearing_potential", "pregnant", "effective_contraception"]
    if a.get("childbearing_potential") is False:
        closed += ["pregnant", "effective_contraception"]
    if a.get("fibrosing_lung_life_threatening") is False:
        closed += ["lung_transplant_possible"]
    if a.get("cyclophosphamide_high_dose") is False:
        closed += ["cyclophosphamide_last_dose"]
    if a.get("right_heart_catheterisation") is False:
        closed += ["pah_confirmed", "mpap"]
    if under(num(a, "dlco"), "60") is True or over(num(a, "fvc"), "70") is False:
        closed += ["tlc", "baseline_pft_date", "baseline_dlco", "baseline_fvc", "baseline_tlc"]
    if under(num(a, "transaminases_xuln"), "3") is True and under(num(a, "bilirubin_xuln"), "3") is True:
        closed += ["liver_rise_persistent"]
    return closed


def raised_queries(kind: str, given: Answers, a: Answers) -> list[str]:
    """
    Answers that contradict each other: in all that were `given`, or in `a`, those not left behind. Q9 needs a linked
    recipient and is never raised here.
    """
    impossible = given.get("childbearing_potential") is False or given.get("sex") == "male"
    pregnant = given.get("pregnant") is True and impossible
    raised = donor_queries(a) if kind == "donor" else recipient_queries(given, a)
    return sorted([*raised, *["Q11"] * pregnant], key=lambda query: int(query[1:]))


def donor_queries(a: Answers) -> list[str]:
    """A virus by the one test and not by the other."""
    viruses = (("hiv", "hiv"), ("hcv", "hcv"), ("hbsag", "hbv"))
    both = [{has(a, "positive_serology", s), has(a, "positive_pcr", p)} for s, p in viruses]
    return ["Q8"] if {True, False} in both else []


def recipient_queries(given: Answers, a: Answers) -> list[str]:
    """Those of a recipient, but for Q11."""
    not_done = given.get("right_heart_catheterisation") is False
    done, pah = a.get("right_heart_catheterisation") is True, a.get("pah_confirmed")
    normal_mpap = over(num(a, "mpap"), "25") is False
    asat, bili = over(num(given, "transaminases_xuln"), "1"), over(num(given, "bilirubin_xuln"), "1")
    both_high = high(a, "bp_first") is True and high(a, "bp_second") is True
    no_large_effusion = has(a, "heart_findings", "large_pericardial_effusion") is False
    reversible = has(a, "heart_findings", "reversible_heart_failure") is True
    shown = given.get("pah_confirmed") is True or over(num(given, "mpap"), "25") is True
    high_spap = over(num(a, "spap"), "40") is True
    low_by_one_reading = clearance_by_one_reading(a)
    raised = {
        "Q1": both_high and a.get("uncontrolled_hypertension") is False,
        "Q2": reversible and a.get("refractory_heart_failure") is True,
        "Q3": no_large_effusion and a.get("effusion_haemodynamic_compromise") is True,
        "Q4": high_spap and done and normal_mpap and pah is False,
        "Q5": a.get("fibrosing_lung_life_threatening") is True and a.get("ild_on_imaging") is False,
        "Q6": a.get("cyclophosphamide_cystopathy") is True and a.get("cyclophosphamide_high_dose") is False,
        "Q7": pah is True and normal_mpap,
        "Q10": given.get("liver_rise_persistent") is True and asat is False and bili is False,
        "Q12": not_done and shown,
        "Q13": low_by_one_reading,
        "Q14": a.get("spap") == "not measurable" and not_done,
        "Q15": given.get("cyclophosphamide_last_dose") is not None and a.get("cyclophosphamide_high_dose") is False,
    }
    return [name for name, is_raised in raised.items() if is_raised]


LIMITS = table("""
mrss 15; dlco 60 30; fvc 70; bp_hours_apart 12; mpap 25; spap 40; creatinine_clearance 20; lvef 35
transaminases_xuln 3; bilirubin_xuln 3; neutrophils 0.5; platelets 50; cd4 200; haemoglobin 8
""")


def limits_met(kind: str, a: Answers) -> list[str]:
    """The items whose own value is exactly a limit, or may be."""
    limits = LIMITS | ({"age": ["18", "65"]} if kind == "donor" else {"age": ["18", "70"]})
    met = [key for key, found in limits.items() if any(holds(num(a, key), limit) for limit in found)]
    for key in ("bp_first", "bp_second"):
        bp = pressure(a, key)
        met += [key] if bp is not None and (bp[0] == 160 or bp[1] == 110) else []
    gases = {"pao2": gas(a, "pao2", "60", "8"), "paco2": gas(a, "paco2", "50", "6.7")}
    met += [key for key, found in gases.items() if found is not None and holds(*found)]
    return [key for key in ITEMS[kind] if key in met]


def numbered(t: dict[str, Tri]) -> dict[str, Tri]:
    """The numbered criteria alone."""
    return {name: value for name, value in t.items() if re.fullmatch(r"[RD]-[IE]\d+", name)}


def next_change(a: Answers, as_of: date) -> str | None:
    """The first later day on which a numbered criterion differs though no answer does."""
    dates = [answered_date(a, key) for key in ("cyclophosphamide_last_dose", "baseline_pft_date")]
    known = [day for day in dates if day is not None]
    facts = time_facts(a, as_of)
    now = numbered(recipient_parts(a, *facts))
    day = as_of
    while known and day < max(known) + timedelta(days=600):  # 18 months and some days: nothing changes later
        day += timedelta(days=1)
        if time_facts(a, day) != facts and numbered(recipient_parts(a, *time_facts(a, day))) != now:
            return day.isoformat()
    return None


def assess(case: dict[str, Any]) -> dict[str, Any]:
    """The whole assessment of a case."""
    kind, given, as_of = case["kind"], case["answers"], date.fromisoformat(case["as_of"])
    a = {key: value for key, value in given.items() if key not in left_behind(given)}
    t = donor_parts(a) if kind == "donor" else recipient_parts(a, *time_facts(a, as_of))
    criteria = {}
    for name, value in t.items():
        if re.fullmatch(r"[RD]-[IE]\d+[a-d]?", name):
            good = value if name[2] == "I" else not3(value)
            criteria[name] = "unknown" if good is None else "pass" if good else "fail"
    statuses = [criteria[name] for name in numbered(t)]
    verdict = "not_eligible" if "fail" in statuses else "incomplete" if "unknown" in statuses else "eligible"
    return {
        "case": case["case"],
        "kind": kind,
        "as_of": case["as_of"],
        "verdict": verdict,
        "criteria": criteria,
        "missing": missing_items(kind, a, t),
        "queries": raised_queries(kind, given, a),
        "recheck_on": next_change(a, as_of) if kind == "recipient" else None,
        "on_limit": limits_met(kind, a),
    }


# Random cases --------------------------------------------------------------------------------------------------------

# Of each number: the hard range, the places after the point, and the values to draw around.
NUMBERS = table("""
age 0 120 0 18 65 70; mrss 0 51 0 15; dlco 1 200 2 30 60; fvc 1 200 2 70; tlc 1 200 2 80; baseline_dlco 1 200 2 80
baseline_fvc 1 200 2 80; baseline_tlc 1 200 2 90; bp_hours_apart 0 8760 2 12; mpap 5 150 2 25; spap 5 200 2 40
creatinine_clearance 0 250 2 20; lvef 5 95 2 35; transaminases_xuln 0 500 2 3 1; bilirubin_xuln 0 100 2 3 1
neutrophils 0 200 2 0.5; platelets 0 3000 2 50; cd4 0 10000 2 200
pao2 10 200 2 60 8; paco2 5 150 2 50 6.7; haemoglobin 1 30 2 8
""")
# key/unit: as above, written as text with the unit.
UNITS = table("""
pao2/mmHg 10 200 2 60 10; pao2/kPa 1.34 26.66 2 8; paco2/mmHg 5 150 2 50 6.7; paco2/kPa 0.67 19.99 2 6.7
haemoglobin/g/dL 1 30 2 8; haemoglobin/g/L 10 300 2 80; haemoglobin/mmol/L 0.63 18.6 4 4.9658 4.9659
neutrophils//mm3 0 200000 0 500; neutrophils/10*9/L 0 200 2 0.5; platelets//uL 0 3000000 0 50000
creatinine_clearance/mL/min/1.73m2 0 432.5 2 34.6 20
""")
CHOICES = table("""
sex female male; immunosuppression_status resistant contraindicated neither
relationship sibling parent other_family spouse unrelated
""")
LISTS = table("""
heart_findings reversible_heart_failure recurrent_arrhythmia av_block_2_3 large_pericardial_effusion
renal_findings abnormal_sediment microangiopathic_haemolysis recent_renal_failure; chronic_hepatitis hbv hcv
malignancy active_neoplasm myelodysplasia cancer_history; positive_pcr hiv hbv hcv
positive_serology hiv htlv; donor_serology htlv hbsag hcv hiv syphilis
toxic_exposure bleomycin toxic_oil vinyl_chloride trichloroethylene silica eosinophilia_myalgia eosinophilic_fasciitis
""")
GATES = table("""
childbearing_potential sex female; pregnant childbearing_potential; effective_contraception childbearing_potential
lung_transplant_possible fibrosing_lung_life_threatening; cyclophosphamide_last_dose cyclophosphamide_high_dose
pah_confirmed right_heart_catheterisation; mpap right_heart_catheterisation
""")
# A value and its baseline, at and on either side of a fall of 10 % (the first six) and of 15 %.
PAIRS = list(table("90/100;89.99/100;90.01/100;72/80;71.9/80;99/110;85/100;84.99/100;85.01/100;68/80;67.9/80;93.5/110"))
DATES = ("cyclophosphamide_last_dose", "baseline_pft_date")
# A recipient or donor with whom all is well: these true, every other bool false, every list empty, and these values.
WELL_TRUE = """
consent_signed social_security family_donor_consents ssc_acr_eular_2013 severe_visceral_involvement
skin_rapidly_progressive ild_on_imaging lung_other_causes_excluded cyclophosphamide_high_dose
childbearing_potential effective_contraception
"""
WELL: Answers = {
    key: words[0]
    for key, words in table("""
sex female; immunosuppression_status resistant; relationship sibling; bp_first 130/80; bp_second 128/79
""").items()
}
WELL |= {
    key: Decimal(words[0])
    for key, words in table("""
age 44; mrss 22; dlco 66; fvc 80; tlc 88; baseline_dlco 77; baseline_fvc 85; baseline_tlc 90; bp_hours_apart 24
mpap 20; spap 30; pao2 80; paco2 40; creatinine_clearance 90; lvef 60; transaminases_xuln 1; bilirubin_xuln 1
neutrophils 4; platelets 250; haemoglobin 12; cd4 600
""").items()
}


def well(kind: str) -> Answers:
    """Every answer of such a one, but for dates."""
    return {
        key: WELL.get(key, [] if key in LISTS else key in WELL_TRUE.split()) for key in ITEMS[kind] if key not in DATES
    }


# Turns that such a recipient's story can take.
TURNS: list[Answers] = [
    {"dlco": Decimal(50)},
    {"heart_findings": ["av_block_2_3"], "heart_other_causes_excluded": True},
    {"bp_first": "161/90", "bp_second": "150/111", "renal_other_causes_excluded": True},
    {"severe_visceral_involvement": False, "fibrosing_lung_life_threatening": True},
    {
        "fibrosing_lung_life_threatening": True,
        "lung_transplant_possible": True,
        "renal_findings": ["abnormal_sediment"],
    },
    {"cyclophosphamide_high_dose": False},
    {"right_heart_catheterisation": True},
    {"bilirubin_xuln": Decimal(3)},
]
# Items deep in the criteria, left out more often than others.
DEEP = """
pregnant effective_contraception lung_transplant_possible cyclophosphamide_last_dose tlc baseline_pft_date
baseline_dlco baseline_fvc baseline_tlc bp_first bp_second bp_hours_apart pah_confirmed mpap liver_rise_persistent
"""


# Imprecise numbers and other forms, all of which are taken: on a limit where that end is open, and between limits.
FORMS = table("""
age <18 >70 >=70 19-69; mrss <15 <=15 <16 >15 16-20; dlco <30 30-59 40-50 <29.5; fvc <70 <=70 60-70 <65.5
bp_hours_apart <12 >=12 >24; mpap <25 <=25 >25 20-25; spap <40 <=40 >40 41-60; pao2 <60 >=60 60-70 <=59.9
paco2 <=50 >50 45-50; creatinine_clearance <20 >=20 >90 20-34; lvef <35 >=35 55-60; neutrophils <0.5 >=0.5 0.5-4
transaminases_xuln <1 <=1 <3 0.5-2 >=3 >3 1.1-2.9 120/40 119.9/40 1/3 40/40; bilirubin_xuln <=1 >=3 9/3 8.9/3 17/17 2/7
platelets <50 >=50 150-400; haemoglobin <8 >=8 8-12; cd4 <200 >=200 200-500
""")
# The same with a unit, which follows the slash.
FORMS_WITH_UNITS = table("""
pao2/kPa <8 >=8 8-9; paco2/kPa <=6.7 >6.7 6-6.7; haemoglobin/g/L <80 >=80 80-120; neutrophils//mm3 <500 >=500
platelets//uL <50000 >=50000; creatinine_clearance/mL/min/1.73m2 <20 20-34.5 >=34.6 20-34 15-19.9 <30 15-34 >90
""")
RODNAN = ["face", "chest", "abdomen"] + [
    f"{side}_{site}"
    for side in ("right", "left")
    for site in ("fingers", "hand", "forearm", "upper_arm", "thigh", "leg", "foot")
]
POINTS: dict[str, dict[Any, int]] = {
    "skin_beyond_mcp": {True: 9, False: 0},
    "fingers": {"none": 0, "puffy": 2, "sclerodactyly": 4},
    "fingertips": {"none": 0, "ulcers": 2, "pitting_scars": 3},
    "telangiectasia": {True: 2, False: 0},
    "nailfold_capillaries": {True: 2, False: 0},
    "pah_or_ild": {True: 2, False: 0},
    "raynaud": {True: 3, False: 0},
    "autoantibodies": {True: 3, False: 0},
}
BARS = ("fingers_spared", "other_disorder")
ROWS = {row: list(points) for row, points in POINTS.items()} | {bar: [True, False] for bar in BARS}


def classified(value: Any) -> Tri:  # noqa: ANN401  a truth or rows
    """Systemic sclerosis by ACR/EULAR 2013: whatever the rows left out would say, tried out."""
    if not isinstance(value, dict):
        return value
    least = sum(points[value[row]] for row, points in POINTS.items() if row in value)
    open_points = sum(max(points.values()) for row, points in POINTS.items() if row not in value)
    bars = [value.get(bar) for bar in BARS]
    enough = True if least >= 9 else None if least + open_points >= 9 else False
    return and3(enough, *map(not3, bars))


def number_strategy(row: list[str], unit: str = "") -> st.SearchStrategy[Any]:
    """A number around the row's values, at an end of its range, or anywhere in it; text if it has a unit."""
    low, high_end, *around = (Decimal(word) for word in [*row[:2], *row[3:]])
    places = int(row[2])
    steps = [Decimal(n).scaleb(-p) for p in range(places + 1) for n in (-1, 0, 1)]
    near = [x + step for x in around for step in steps if low <= x + step <= high_end]
    ends = int(low.scaleb(places)), int(high_end.scaleb(places))
    anywhere = st.integers(*ends).map(lambda n: Decimal(n).scaleb(-places))
    value = st.one_of(st.sampled_from(near), st.sampled_from(near), st.sampled_from([low, high_end]), anywhere)
    if unit:
        return value.map(lambda x: f"{x:f} {unit}")
    return st.tuples(value, st.booleans()).map(lambda pair: int(pair[0]) if pair[1] and pair[0] % 1 == 0 else pair[0])


def value_strategy(kind: str, key: str) -> st.SearchStrategy[Any]:
    """Any valid answer to an item but a date."""
    if key in NUMBERS:
        units = [number_strategy(row, name.partition("/")[2]) for name, row in UNITS.items() if name.startswith(key)]
        return st.one_of(number_strategy(NUMBERS[key]), *units, *form_strategies(kind, key))
    if key in ("bp_first", "bp_second"):
        systolic = st.sampled_from([159, 160, 161, 40, 300]) | st.integers(40, 300)
        diastolic = st.sampled_from([109, 110, 111, 20, 200]) | st.integers(20, 200)
        return st.tuples(systolic, diastolic).filter(lambda bp: bp[0] > bp[1]).map(lambda bp: f"{bp[0]}/{bp[1]}")
    if key in CHOICES:
        return st.sampled_from(CHOICES[key])
    if key in LISTS:
        words = LISTS["donor_serology" if kind == "donor" and key == "positive_serology" else key]
        marked = st.lists(st.sampled_from(words), unique=True).flatmap(
            lambda found: st.tuples(*(st.sampled_from([word, f"?{word}"]) for word in found)).map(list)
        )
        return st.one_of(st.just([]), st.lists(st.sampled_from(words), unique=True), marked)
    if key == "ssc_acr_eular_2013":
        rows = st.fixed_dictionaries({}, optional={row: st.sampled_from(values) for row, values in ROWS.items()})
        return st.one_of(st.booleans(), rows)
    return st.booleans()


def form_strategies(kind: str, key: str) -> list[st.SearchStrategy[Any]]:
    """The other forms that a number takes."""
    forms: list[Any] = ["<18", "18-65", ">65", ">=66"] if (kind, key) == ("donor", "age") else [*FORMS.get(key, [])]
    for name, found in FORMS_WITH_UNITS.items():
        item, _, unit = name.partition("/")
        forms += [f"{form} {unit}" for form in found] if item == key else []
    forms += ["not measurable"] if key == "spap" else []
    found = [st.sampled_from(forms)] if forms else []
    if key == "mrss":
        found.append(st.fixed_dictionaries({site: st.sampled_from([0, 1, 1, 1, 3]) for site in RODNAN}))
    return found


VALUES = {kind: {key: value_strategy(kind, key) for key in keys if key not in DATES} for kind, keys in ITEMS.items()}
AS_OF = st.one_of(
    st.dates(date(2014, 3, 1), date(2034, 12, 31)),
    st.tuples(st.integers(2014, 2034), st.integers(1, 12), st.integers(-3, 1)).map(
        lambda x: add_months(date(x[0], x[1], 1), 1) + timedelta(days=x[2] - 1)  # about the end of a month
    ),
    st.sampled_from([date(2024, 2, 29), date(2024, 8, 29), date(2024, 8, 31), date(2025, 8, 31), date(2025, 8, 29)]),
)


def past_strategy(as_of: date) -> st.SearchStrategy[str]:
    """A date not after as_of: about 6 or 18 months before it, about a month's end near there, or any."""
    marks = st.tuples(st.sampled_from([-6, -18]), st.integers(-4, 4)).map(
        lambda x: add_months(as_of, x[0]) + timedelta(days=x[1])
    )
    ends = st.tuples(st.sampled_from([-19, -18, -17, -7, -6, -5, 0]), st.integers(-3, 0)).map(
        lambda x: add_months(as_of.replace(day=1), x[0] + 1) + timedelta(days=x[1])
    )
    anywhere = st.integers(0, 900).map(lambda days: as_of - timedelta(days=days))
    return st.one_of(marks, marks, ends, anywhere).map(lambda day: min(day, as_of).isoformat())


def dose_strategy(as_of: date) -> st.SearchStrategy[str]:
    """A day of a last dose, or a month that ended six months ago or longer."""
    first = as_of.replace(day=1)
    months = st.integers(6, 30).map(lambda back: add_months(first, -back))
    over = months.filter(lambda day: add_months(add_months(day, 1) - timedelta(days=1), 6) <= as_of)
    return past_strategy(as_of) | over.map(lambda day: day.isoformat()[:7])


def date_strategies(as_of: date) -> dict[str, st.SearchStrategy[str]]:
    """Of each date item."""
    return {"cyclophosphamide_last_dose": dose_strategy(as_of), "baseline_pft_date": past_strategy(as_of)}


@st.composite
def case_strategy(draw: st.DrawFn, kind: Kind) -> dict[str, Any]:  # noqa: C901
    """A random valid case: answered at some density, or nearly complete and well but for a few changes."""
    as_of = draw(AS_OF)
    values = VALUES[kind] | (date_strategies(as_of) if kind == "recipient" else {})
    answers: Answers = {}
    deep = [key for key in ITEMS[kind] if key in DEEP.split()]
    if draw(st.integers(0, 2)) == 0:
        density = draw(st.sampled_from([0, 3, 6, 8, 9, 10]))
        answers = {key: draw(values[key]) for key in ITEMS[kind] if draw(st.integers(0, 9)) < density}
    else:
        answers = well(kind) | {key: draw(values[key]) for key in DATES if key in ITEMS[kind]}
        for turn in draw(st.lists(st.sampled_from(TURNS), max_size=3)) if kind == "recipient" else []:
            answers |= turn
        for key in draw(st.lists(st.sampled_from(ITEMS[kind]), max_size=8)):
            answers[key] = draw(values[key])
        for key in draw(st.lists(st.sampled_from(ITEMS[kind]) | st.sampled_from(deep), max_size=8)):
            answers.pop(key, None)
    for key in ("fvc", "tlc", "dlco"):
        if "baseline_" + key in answers and key in answers and draw(st.booleans()):
            answers[key], answers["baseline_" + key] = map(Decimal, draw(st.sampled_from(PAIRS)).split("/"))
    if draw(st.booleans()):  # as a dialogue would: no answer behind a gate that is not open
        for key, (gate, *wanted) in GATES.items():
            if answers.get(gate) != (wanted[0] if wanted else True):
                answers.pop(key, None)
    if draw(st.integers(0, 9)) == 0:
        answers |= dict.fromkeys([key for key in ITEMS[kind] if key not in answers])
    return {"case": f"{kind[0].upper()}-001", "kind": kind, "as_of": as_of.isoformat(), "answers": answers}
