"""
Lists of values, and sheets of laboratories, as they are typed and pasted.
"""

from datetime import date
from decimal import Decimal

import pytest

from bot.rules.versions import LATEST
from bot.typed.found import Sheet
from bot.typed.sheets import LONGEST, read_list
from bot.typed.values import Slip
from tests.thorough import thorough
from tests.typed.fuzzing import check, lines

TODAY = date(2026, 5, 10)
PFT = "lung_function"

REPORT = """\
LABORATOIRE DE BIOLOGIE MEDICALE
Nom: DUPONT Marie   Né(e) le 12/03/1970
Prélèvement du 08/05/2026
HEMATOLOGIE
Leucocytes                     6,5    G/L      4,0 - 10,0
Hémoglobine .................. 11,2 * g/dL     12,0 - 16,0
Plaquettes                     150    G/L      150 - 400
Polynucléaires neutrophiles    65 %   3,10     G/L      (2,0-7,5)
Lymphocytes CD4 :              350    /mm3     (500-1500)   L
ASAT (TGO)                     120    UI/L     (N < 40)     H
Bilirubine totale              12     µmol/L   (3-17)
Créatinine                     65     µmol/L   50-90
DFG (CKD-EPI)                  > 90   mL/min/1,73m²
Commentaire : néant
"""


def sheet(text: str, kind: str = "recipient") -> Sheet:
    """
    What is read for a recipient, or a donor.
    """
    return read_list(text, getattr(LATEST, kind), today=TODAY)


def values(text: str, kind: str = "recipient") -> dict[str, object]:
    """
    What is read, in file form, where all of it is understood.
    """
    read = sheet(text, kind)
    assert (read.unsure, read.refused, read.unread) == ([], [], [])
    return {found.item.key: found.entry.raw for found in read.found}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dlco 58 fvc 66", {"dlco": 58, "fvc": 66}),
        ("fvc 66, DLCO: 58 %", {"dlco": 58, "fvc": 66}),
        ("Hb: 11,2 g/dL; PNN 3,1 G/L", {"haemoglobin": Decimal("11.2"), "neutrophils": Decimal("3.1")}),
        ("TLCO=58\nCVF = 66 %\ncpt à 80", {"dlco": 58, "fvc": 66, "tlc": 80}),
        ("- dlco 58\n- cvf 66", {"dlco": 58, "fvc": 66}),
        ("1) dlco 58\n2) cvf 66", {"dlco": 58, "fvc": 66}),
        ("FEVG 60 % PAPs non mesurable PAPm 22 mmHg", {"lvef": 60, "spap": "not measurable", "mpap": 22}),
        ("PaO2 9,5 kPa AA, CO2 40 mmHg", {"pao2": "9.5 kPa", "paco2": 40}),
        ("plaq 150 000/mm3 Hb 112 g/L", {"platelets": "150000 /mm3", "haemoglobin": "112 g/L"}),
        ("CVF 2,10 L 66 %", {"fvc": 66}),
        ("CVF 66 % (2,10 L)", {"fvc": 66}),
        ("CD4 35 % 350/mm3", {"cd4": 350}),
        ("DLCO/VA 80 % dlco 58 VEMS/CVF 75 %", {"dlco": 58}),
        ("GB 6,5 PNN 3,1", {"neutrophils": Decimal("3.1")}),
        ("Hb (g/dL) : NA plq ?", None),
        ("dlco en attente fvc pending tlc ?", {"dlco": None, "fvc": None, "tlc": None}),
        ("Hb NA plq 200", {"haemoglobin": None, "platelets": 200}),
        ("sexe F âge 45 ans enceinte non", {"sex": "female", "age": 45, "pregnant": False}),
        ("cœur: aucun rein RAS", {"heart_findings": [], "renal_findings": []}),
        ("VIH neg HTLV en attente", {"positive_serology": ["?htlv"]}),
        ("sérologies: VIH nég, HTLV nég", {"positive_serology": []}),
        ("bp1 165/112 ta2 170-115", {"bp_first": "165/112", "bp_second": "170/115"}),
        ("RHC oui PAPm 22", {"right_heart_catheterisation": True, "mpap": 22}),
        ("rodnan 16/51", {"mrss": 16}),
        ("consentement signé, âge 45", {"consent_signed": True, "age": 45}),
        ("consent signed", {"consent_signed": True}),
        ("consentement refusé", {"consent_signed": False}),
        ("PNN<0,1 FEVG>50% spap <= 35", {"neutrophils": "<0.1", "lvef": ">50", "spap": "<=35"}),
        ("transaminases_xuln 2 bilirubin_xuln: 1", {"transaminases_xuln": 2, "bilirubin_xuln": 1}),
        ("ALAT 120 UI/L (10-40)", {"transaminases_xuln": "120/40"}),
        ("bilirubine 12 µmol/L (17)", {"bilirubin_xuln": "12/17"}),
        ("ASAT/ALAT 3 N", {"transaminases_xuln": 3}),
        ("baseline dlco 70 dlco 58", {"baseline_dlco": 70, "dlco": 58}),
        ("dlco 58 % (60-120) L", {"dlco": 58}),
        ("Hb\t11,2\tg/dL\t12-16\tL", {"haemoglobin": Decimal("11.2")}),
        ("Hb | 11,2 | g/dL | 12-16", {"haemoglobin": Decimal("11.2")}),
    ],
)
def test_items_and_values_are_read_as_people_write_them(text: str, expected: dict[str, object] | None) -> None:
    """
    In any order, with the separators people use, in one line or many.
    """
    if expected is None:
        assert sheet(text).refused
        return
    assert values(text) == expected


def test_a_donor_is_read_likewise() -> None:
    """
    Serology and PCR speak of the same viruses.
    """
    text = "lien sœur sexe F âge 45 PCR: VIH nég VHB nég VHC nég xylocaïne non"
    assert values(text, "donor") == {
        "relationship": "sibling",
        "sex": "female",
        "age": 45,
        "positive_pcr": [],
        "lidocaine_allergy": False,
    }


def test_a_pasted_report_is_read_but_for_what_does_not_matter() -> None:
    """
    Reference ranges, flags, other results; the patient's name is neither read nor repeated.
    """
    read = sheet(REPORT)
    assert {found.item.key: found.entry.raw for found in read.found} == {
        "haemoglobin": Decimal("11.2"),
        "platelets": 150,
        "neutrophils": Decimal("3.10"),
        "cd4": 350,
        "transaminases_xuln": "120/40",
        "bilirubin_xuln": "12/17",
        "creatinine_clearance": ">90 mL/min/1.73m2",
    }
    assert {(found.day, found.source) for found in read.found} == {(date(2026, 5, 8), "laboratory")}
    assert (read.unsure, read.refused) == ([], [])
    assert [unread.personal for unread in read.unread if unread.line == 2] == ["name"]
    assert "DUPONT" not in str(read)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PFT 12/10: dlco 58 fvc 66", {"dlco": ("2025-10-12", PFT), "fvc": ("2025-10-12", PFT)}),
        ("12/10 EFR dlco 58", {"dlco": ("2025-10-12", PFT)}),
        ("EFR 12/10\ndlco 58\nLabo\nHb 11", {"dlco": ("2025-10-12", PFT), "haemoglobin": (None, "laboratory")}),
        ("EFR du 12/10/2025 :\ndlco 58\n\nfvc 66", {"dlco": ("2025-10-12", PFT), "fvc": ("2025-10-12", PFT)}),
        ("hier: Hb 11\nplaq 200", {"haemoglobin": ("2026-05-09", None), "platelets": (None, None)}),
        ("dlco 58 % 12/10 fvc 66", {"dlco": ("2025-10-12", None), "fvc": (None, None)}),
        ("KT 12/10/2025: PAPm 22", {"mpap": ("2025-10-12", "catheterisation")}),
        ("KT droit fait PAPm 22", {"right_heart_catheterisation": (None, None), "mpap": (None, None)}),
        ("12/03/1970\nHb 11", {"haemoglobin": (None, None)}),
        ("12/10/2027: Hb 11", {}),
        ("12/10 dlco 58 15/10 fvc 66", {}),
        ("Prélèvement du 08/05/2026 à 08:30\nHb 11", {"haemoglobin": ("2026-05-08", "laboratory")}),
        ("last Monday: Hb 11", {"haemoglobin": (None, None)}),
    ],
)  # fmt: skip
def test_a_day_and_an_examination_head_what_follows(
    text: str, expected: dict[str, tuple[str | None, str | None]]
) -> None:
    """
    In front of a line, of a block until the next heading, or behind one value. A birthday is no day of a result.
    """
    read = sheet(text)
    assert {
        found.item.key: (found.day.isoformat() if found.day else None, found.source) for found in read.found
    } == expected


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("dlco 58 60", [("dlco", "type")]),
        ("dlco 58, 60", [("dlco", "type")]),
        ("dlco -58", [("dlco", "type")]),
        ("dlco .5", [("dlco", "type")]),
        ("dlco \u221258", [("dlco", "type")]),
        ("fvc 2,1 L", [("fvc", "unit")]),
        ("fvc 66 2,1", [("fvc", "type")]),
        ("PaO2 75 sous 3 L O2", [("pao2", "type")]),
        ("Hb 11,2 g/dL 112 g/L", [("haemoglobin", "type")]),
        ("Hb 11,2 g/dL 12-16 10,8", [("haemoglobin", "type")]),
        ("platelets 1,250", [("platelets", "ambiguous_number")]),
        ("CD4 2 500-3000", [("cd4", "ambiguous_number")]),
        ("neutrophils 0,4-0,6", [("neutrophils", "limit")]),
        ("ASAT 120 UI/L", [("transaminases_xuln", "upper_limit")]),
        ("clairance 60 mL/min", [("creatinine_clearance", "body_surface")]),
        ("ASAT 18", [("transaminases_xuln", "no_unit")]),
        ("bilirubine totale: 12", [("bilirubin_xuln", "no_unit")]),
        ("DFG 25", [("creatinine_clearance", "no_unit")]),
        ("TA1 165/112 170/115", [("bp_first", "type")]),
        ("PNN 65 %", [("neutrophils", "unit")]),
        ("VIH neg", [("positive_serology", "part")]),
        ("dlco 300", [("dlco", "range")]),
        ("AST 0.8", [("transaminases_xuln", "no_unit")]),
        ("clairance 95", [("creatinine_clearance", "no_unit")]),
        ("alt 50 U/L", [("transaminases_xuln", "upper_limit")]),
        (
            "ast 100 U/L (N<40) alt 50 U/L",
            [("transaminases_xuln", "upper_limit"), ("transaminases_xuln", "other_result")],
        ),
        ("Hb 11 le 30/11/2026", [("haemoglobin", "future")]),
        ("Hb 11 g/dL 11/5/2026", [("haemoglobin", "future")]),
        ("dlco", [("dlco", "type")]),
        ("dlco 58 Dupont", [("dlco", "personal")]),
        ("dlco 58\nfvc 66 quelque chose", [("fvc", "unit")]),
    ],
)
def test_nothing_is_guessed(text: str, refused: list[tuple[str, str]]) -> None:
    """
    What has two readings, lacks something or leaves something over is refused, and says which line.
    """
    read = sheet(text)
    assert [(one.item.key, one.problem) for one in read.refused] == refused
    assert read.refused[0].line == len(text.splitlines())
    assert "Dupont" not in str(read)


@pytest.mark.parametrize(
    "text",
    [
        *("58 dlco 66 fvc", "58 dlco 66 fvc 70", "hello"),
        "\uff15\uff18",
        "dlco \uff15\uff18",
        "dlco \u0665\u0668",
        "dlco58",
    ],
)
def test_what_names_no_item_is_quoted(text: str) -> None:
    """
    Also values before their names, and digits that could be misread.
    """
    read = sheet(text)
    assert (read.found, read.unsure, read.refused) == ([], [], [])
    assert [unread.text for unread in read.unread] == [text]


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("TA 165/112", [("bp_first", "165/112"), ("bp_second", "165/112")]),
        ("BP 16/9", [("bp_first", "160/90"), ("bp_second", "160/90")]),
        ("dlco 58 dlco 61", [("dlco", 58), ("dlco", 61)]),
    ],
)
def test_which_is_meant_is_asked(text: str, choices: list[tuple[str, object]]) -> None:
    """
    Of two items with one name, and of two values of one item.
    """
    read = sheet(text)
    assert [(choice.item.key, choice.entry.raw) for unsure in read.unsure for choice in unsure.choices] == choices
    assert read.found == []


def test_the_same_value_twice_is_one() -> None:
    """
    As on a report that repeats itself.
    """
    assert values("dlco 58 dlco 58 %") == {"dlco": 58}


def test_what_is_to_be_confirmed_says_so() -> None:
    """
    About right, centimetres of mercury, no unit; unusual.
    """
    read = sheet("FEVG env. 60 % bp1 16/9 Hb 112 fvc 15")
    why = {found.item.key: found.entry.why for found in read.found if isinstance(found.entry, Slip)}
    assert why == {"lvef": "approximate", "bp_first": "cmhg", "haemoglobin": "unit"}
    assert [found.item.key for found in read.found if getattr(found.entry, "is_unusual", False)] == ["fvc"]


def test_each_value_says_where_it_stood() -> None:
    """
    As it was typed.
    """
    assert [found.text for found in sheet("Hb: 11,2 g/dL; PNN 3,1 G/L").found] == ["Hb: 11,2 g/dL", "PNN 3,1 G/L"]


def test_a_long_text_is_cut() -> None:
    """
    A chat's message is no longer than that.
    """
    assert [found.item.key for found in sheet("dlco 58".ljust(LONGEST) + "fvc 66").found] == ["dlco"]


def test_lines_of_any_kind_are_read_or_refused() -> None:
    """
    Nothing that the text does not hold is ever read.
    """
    assert sum(check(line) for line in lines(seed=1, count=1_500)) > 100


@thorough("takes minutes")
def test_a_hundred_thousand_lines_are_read_or_refused() -> None:
    """
    The same at length.
    """
    assert sum(check(line) for line in lines(seed=2, count=100_000)) > 10_000


@pytest.mark.parametrize(
    ("text", "raw", "why"),
    [
        ("ASAT 2 N", 2, "highest"),
        ("SGPT: 80 UI/L (N < 40)", "80/40", "highest"),
        ("ASAT 80 (N<40)", "80/40", "highest"),
        ("ALAT (TGP) 2N", 2, "highest"),
        ("ASAT 2N; TGO 2N", 2, "highest"),
        ("transaminases 2 N", 2, ""),
        ("ASAT/ALAT 2 N", 2, ""),
        ("ASAT 2N ALAT 2N", 2, ""),
    ],
)
def test_one_enzyme_alone_is_to_be_confirmed_as_the_higher(text: str, raw: object, why: str) -> None:
    """
    The item is the higher of AST and ALT; an upper limit beside a bare number makes it the laboratory's own.
    """
    [found] = sheet(text).found
    assert found.entry.raw == raw
    assert (found.entry.why if isinstance(found.entry, Slip) else "") == why


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        ("ASAT 2N ALAT 3N", 3),
        ("ALT 3N\nAST 2N", 3),
        ("ASAT: 45 UI/L (N < 35)\nALAT: 50 UI/L (N < 45)", "45/35"),
        ("ASAT 120/40 ALAT 90/40", "120/40"),
        ("ASAT 1,2N ALAT 40/35", Decimal("1.2")),
    ],
)
def test_of_two_enzymes_the_higher_counts(text: str, raw: object) -> None:
    """
    By their multiples of the limit, and it is said.
    """
    [found] = sheet(text).found
    assert (found.entry.raw, found.is_highest) == (raw, True)


@pytest.mark.parametrize(
    "text", ["ASAT 2N ALAT env. 3N", "ASAT <2N ALAT <3N", "1/5: ASAT 2N; 2/5: ALAT 3N", "ASAT 2N ASAT 3N ALAT 1N"]
)
def test_two_enzymes_that_cannot_be_compared_are_chosen_from(text: str) -> None:
    """
    One is approximate, both are imprecise, they are of two days, or one was given twice.
    """
    read = sheet(text)
    assert read.found == []
    assert len(read.unsure) == 1


@pytest.mark.parametrize("text", ["Hb 11 le 10/5/2026", "Hb 11 g/dL du 10/05/2026", "Hb 11 g/dL (on 10/5/26)"])
def test_a_day_behind_a_value_may_be_led_by_a_word(text: str) -> None:
    """
    Today is the last that a result can have.
    """
    assert [(one.entry.raw, one.day) for one in sheet(text).found] == [(11, TODAY)]


@pytest.mark.parametrize(
    "text",
    ["rodnan 2 2 2 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "mrss: 22211111111111111", "SRM 2-2-2-1-1-1-1-1-1-1-1-1-1-1-1-1-1"],
)
def test_the_digits_of_a_score_are_its_parts_and_no_telephone(text: str) -> None:
    """
    One for each of the 17 sites; 16 or 18 are refused.
    """
    (found,) = sheet(text).found
    assert sum(found.entry.raw.values()) == 20  # type: ignore[attr-defined]  # parts by site
    assert not sheet(text.removesuffix("1").rstrip(" -")).found
    assert not sheet(f"{text}1").found


@pytest.mark.parametrize(
    ("text", "beside"),
    [
        ("GB 4,5 ; créatinine 90 µmol/L", ["GB", "créatinine"]),
        ("CRP 12 mg/L; créat: 88 µmol/L", ["CRP", "créat"]),
        ("Hb 11 g/dL GB 4,5", ["GB"]),
    ],
)
def test_what_no_item_asks_for_is_told_by_name(text: str, beside: list[str]) -> None:
    """
    Whether or not something else was understood.
    """
    assert [one.text for one in sheet(text).beside] == beside


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sex female, childbearing no, menopausal", {"sex": "female", "childbearing_potential": False}),
        ("Age 70 ans, homme,", {"age": 70, "sex": "male"}),
        ("non ménopausée", {"childbearing_potential": True}),
        (
            "acr/eular yes, severe involvement yes, resistant",
            {"ssc_acr_eular_2013": True, "severe_visceral_involvement": True, "immunosuppression_status": "resistant"},
        ),
        (
            "immunosuppression resistant severe visceral yes",
            {"immunosuppression_status": "resistant", "severe_visceral_involvement": True},
        ),
        ("TA2 17,5/11 intervalle 12h30", {"bp_second": "175/110", "bp_hours_apart": Decimal("12.5")}),
        ("écart 12 h, hypertension non contrôlée non", {"bp_hours_apart": 12, "uncontrolled_hypertension": False}),
        ("délai 12 h ; skin progressive yes", {"bp_hours_apart": 12, "skin_rapidly_progressive": True}),
        ("high dose cyc no", {"cyclophosphamide_high_dose": False}),
        ("silice oui", {"toxic_exposure": ["silica"]}),
    ],
)
def test_names_and_answers_of_the_ward_end_the_value_before_them(text: str, expected: dict[str, object]) -> None:
    """
    A word that answers an item by itself begins a clause.
    """
    assert values(text) == expected


@pytest.mark.parametrize("text", ["frère, sexe F", "lien : frère ; sexe F", "sister, sex F", "demi-sœur, sexe F"])
def test_a_donor_is_named_by_the_relationship(text: str) -> None:
    """
    With its name or without.
    """
    assert values(text, "donor") == {"relationship": "sibling", "sex": "female"}


@pytest.mark.parametrize(
    "text",
    ["pas ménopausée", "procréer oui, pas ménopausée", "resistant hypertension", "femme de ménage", "silice non"],
)
def test_an_answer_is_no_answer_within_other_words(text: str) -> None:
    """
    Before it or behind: nothing is taken.
    """
    assert not sheet(text).found
    assert not sheet(text).unsure


@pytest.mark.parametrize("text", ["endoxan non", "cyclophosphamide no", "cyc no"])
def test_a_drug_that_two_items_speak_of_is_asked_about(text: str) -> None:
    """
    At a high dose, or as what harmed the bladder.
    """
    (unsure,) = sheet(text).unsure
    assert {one.item.key for one in unsure.choices} == {"cyclophosphamide_high_dose", "cyclophosphamide_cystopathy"}
