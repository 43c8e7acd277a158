"""
A case opened again from any of its own exports is the same case.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.documents.exchange import fhir_case, odm_case, redcap_records
from bot.documents.exchange.filed import Filed
from bot.rules import file_form
from bot.rules.assessment import assess, read_answers
from bot.rules.v1 import PROTOCOL
from tests.documents.exchange.filing import AT, cases, filed
from tests.rules.cases import POPULATIONS, examples

There = Callable[[Filed], str]
Back = Callable[[str, Filed], dict[str, object]]


def _fhir(case: Filed) -> str:
    return file_form.dumps(fhir_case.response(case, PROTOCOL))


def _fhir_bundle(case: Filed) -> str:
    return file_form.dumps(fhir_case.case_bundle(case, PROTOCOL))


def _from_fhir(text: str, case: Filed) -> dict[str, object]:
    resource: Any = file_form.loads(text)
    return fhir_case.answers_in(resource, case.population)


def _redcap(case: Filed) -> str:
    return redcap_records.records(case.population, [case])


def _from_redcap(text: str, case: Filed) -> dict[str, object]:
    (line,) = redcap_records.lines(text, PROTOCOL, case.as_of)
    assert (line.code, line.kind, line.problems) == (case.code, case.population.kind, ())
    return dict(line.answers)


def _odm(case: Filed) -> str:
    return odm_case.document([case], [PROTOCOL], AT).decode()


def _from_odm(text: str, case: Filed) -> dict[str, object]:
    return odm_case.answers_in(text.encode(), case.population)[case.code]


FORMATS: Mapping[str, tuple[There, Back]] = {
    "fhir": (_fhir, _from_fhir),
    "fhir-bundle": (_fhir_bundle, _from_fhir),
    "odm": (_odm, _from_odm),
    "redcap": (_redcap, _from_redcap),
}
"""How a case is written, and its answers read again."""

EVERY = pytest.mark.parametrize("name", sorted(FORMATS))
KINDS = pytest.mark.parametrize("kind", sorted(POPULATIONS))


def there_and_back(name: str, case: Filed) -> dict[str, object]:
    """
    The answers of a case after a journey through a format.
    """
    there, back = FORMATS[name]
    return back(there(case), case)


@EVERY
@KINDS
@given(data=st.data())
@examples(100)
def test_a_case_comes_back_as_it_was(name: str, kind: Any, data: st.DataObject) -> None:  # noqa: ANN401  an oracle's kind
    """
    Answer by answer as entered, so that it is assessed the same.
    """
    case = data.draw(cases(kind), label="case")
    back = there_and_back(name, case)
    assert {key: file_form.dumps(raw) for key, raw in back.items()} == {
        key: file_form.dumps(raw) for key, raw in case.current.items()
    }
    assert _assessed(case, back) == _assessed(case, case.current)


def _assessed(case: Filed, answers: Mapping[str, object]) -> object:
    facts = read_answers(case.population, answers, case.as_of)
    awaited = {key for key, raw in answers.items() if raw is None}
    return assess(case.population, facts, case.as_of, awaited=awaited)


SITES = ("fingers", "hand", "forearm", "upper_arm", "thigh", "leg", "foot")
ENTERED = {
    "haemoglobin": "118 g/L",
    "platelets": ">=150",
    "pao2": "7.99 kPa",
    "paco2": "<45 mmHg",
    "bp_first": "165/112",
    "malignancy": [],
    "positive_serology": ["?htlv"],
    "chronic_hepatitis": ["hbv", "?hcv"],
    "cd4": None,
    "heart_findings": ["av_block_2_3", "reversible_heart_failure"],
    "cyclophosphamide_high_dose": True,
    "cyclophosphamide_last_dose": "2025-03",
    "spap": "not measurable",
    "transaminases_xuln": "120/40",
    "creatinine_clearance": "40 mL/min/1.73m2",
    "mrss": dict.fromkeys(("face", "chest", "abdomen"), 1)
    | {f"{side}_{site}": 2 for side in ("right", "left") for site in SITES},
    "ssc_acr_eular_2013": {"skin_beyond_mcp": True},
}


@EVERY
def test_what_was_entered_comes_back_as_it_was_entered(name: str) -> None:
    """
    In its unit, in its order, and awaited where it is.
    """
    assert there_and_back(name, filed("recipient", ENTERED)) == ENTERED
