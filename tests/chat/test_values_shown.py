"""
A stored value is shown as it was entered, in both languages.
"""

from decimal import Decimal

import pytest

from bot.texts import words
from tests.rules.cases import RECIPIENT

SHOWN = [
    ("dlco", "<30", "&lt; 30 % predicted", "&lt; 30 % de la théorique"),
    ("creatinine_clearance", ">=90 mL/min/1.73m2", "≥ 90 mL/min/1.73 m²", "≥ 90 mL/min/1,73 m²"),
    ("platelets", "150-400", "150 to 400 \u00d7 10⁹/L", "150 à 400 \u00d7 10⁹/L"),
    ("neutrophils", "1500 /mm3", "1,500 /mm³ = 1.5 \u00d7 10⁹/L", None),
    ("transaminases_xuln", "120/40", "120 over an upper limit of 40", "120 pour une limite supérieure de 40"),
    ("spap", "not measurable", "not measurable", "non mesurable"),
    ("positive_serology", ["hiv", "?htlv"], "HIV-1/2, HTLV-1/2 (awaited)", "VIH-1/2, HTLV-1/2 (en attente)"),
    ("cyclophosphamide_last_dose", "2024-03", "March 2024, day not known", "mars 2024, jour non connu"),
    ("ssc_acr_eular_2013", {"other_disorder": True}, "No (worked out)", "Non (calculé)"),
    (
        "ssc_acr_eular_2013",
        {"raynaud": True},
        "Not settled by the rows given",
        "Non tranché par les lignes renseignées",
    ),
    ("mrss", dict.fromkeys(RECIPIENT.item["mrss"].parts, Decimal(1)), "17 points (worked out)", None),  # type: ignore[attr-defined]  # a number
]


@pytest.mark.parametrize(("key", "raw", "english", "french"), SHOWN)
def test_a_value_is_shown_as_it_was_entered(key: str, raw: object, english: str, french: str | None) -> None:
    """
    Imprecise, awaited in part, worked out or without a day.
    """
    item = RECIPIENT.item[key]
    shown = {language: str(words(language).value(item, raw)).replace("<", "&lt;") for language in ("en", "fr")}
    assert shown["en"].replace("\u00a0", " ") == english
    assert shown["fr"]
    if french is not None:
        assert shown["fr"].replace("\u00a0", " ").replace("\u202f", " ") == french
