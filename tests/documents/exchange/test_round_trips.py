"""
A case opened again from any of its own exports is the same case.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.documents.exchange import fhir_case, odm_case, redcap_lines, redcap_records
from bot.documents.exchange.filed import Filed
from bot.documents.exchange.lines import Line
from bot.rules import file_form
from bot.rules.assessment import assess, read_answers
from bot.rules.protocol import Protocol
from bot.rules.v1 import PROTOCOL
from db.cases.given import Examined
from tests.documents.exchange.filing import AT, EXAMINED, cases, dated, filed
from tests.rules.cases import POPULATIONS, examples
from tests.thorough import thorough

There = Callable[[Filed], str]
Reader = Callable[[str, Protocol, date], Iterable[Line]]


def _fhir(case: Filed) -> str:
    return file_form.dumps(fhir_case.response(case, PROTOCOL))


def _fhir_bundle(case: Filed) -> str:
    return file_form.dumps(fhir_case.case_bundle(case, PROTOCOL))


def _redcap(case: Filed) -> str:
    return redcap_records.records(case.population, [case])


def _odm(case: Filed) -> str:
    return odm_case.document([case], [PROTOCOL], AT).decode()


FORMATS: Mapping[str, tuple[There, Reader]] = {
    "fhir": (_fhir, fhir_case.lines),
    "fhir-bundle": (_fhir_bundle, fhir_case.lines),
    "odm": (_odm, odm_case.lines),
    "redcap": (_redcap, redcap_lines.lines),
}
"""How a case is written, and read again."""

EVERY = pytest.mark.parametrize("name", sorted(FORMATS))
KINDS = pytest.mark.parametrize("kind", sorted(POPULATIONS))


def there_and_back(name: str, case: Filed) -> dict[str, object]:
    """
    The answers of a case after a journey through a format.
    """
    there, read = FORMATS[name]
    (line,) = read(there(case), PROTOCOL, case.as_of)
    assert (line.code, line.kind, line.problems) == (case.code, case.population.kind, ())
    return dict(line.answers)


@EVERY
@KINDS
@given(data=st.data())
@examples(30)
def test_a_case_comes_back_as_it_was(name: str, kind: Any, data: st.DataObject) -> None:  # noqa: ANN401  an oracle's kind
    """
    Answer by answer as entered, so that it is assessed the same.
    """
    _comes_back(name, data.draw(cases(kind), label="case"))


@thorough("a thousand random cases through each format")
@EVERY
@KINDS
@given(data=st.data())
@examples(500)
def test_a_thousand_cases_come_back_as_they_were(name: str, kind: Any, data: st.DataObject) -> None:  # noqa: ANN401  as above
    """
    The same for five hundred recipients and five hundred donors.
    """
    _comes_back(name, data.draw(cases(kind), label="case"))


def _comes_back(name: str, case: Filed) -> None:
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


@EVERY
def test_an_examination_comes_back_with_its_answer(name: str) -> None:
    """
    As much of it as is known; of what is not available yet there is none.
    """
    answers = {"dlco": 52, "haemoglobin": "118 g/L", "cd4": 400, "bp_first": "165/112", "pao2": None, "fvc": 80}
    said = {**EXAMINED, "bp_first": Examined(date(2026, 5, 1), "clinic"), "pao2": Examined(date(2026, 5, 1))}
    there, read = FORMATS[name]
    case = dated(filed("recipient", answers), **said)
    (line,) = read(there(case), PROTOCOL, case.as_of)
    assert (line.problems, line.answers) == ((), answers)
    assert line.examined == {key: one for key, one in said.items() if key != "pao2"}


@EVERY
@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (Examined(date(2026, 5, 10)), None),
        (Examined(date(2026, 5, 11)), "day"),
        (Examined(by="other", words="blood bank"), None),
        (Examined(by="other"), "words"),
        (Examined(by="clinic", words="blood bank"), "words"),
        (Examined(by="other", words="Mme Durand"), "words"),
        (Examined(by="other", words="a" * 60), None),
        (Examined(by="other", words="a" * 61), "words"),
        (Examined(by="other", words="room 12"), "words"),
        (Examined(by="laboratory"), None),
        (Examined(by="oracle"), "kind"),
    ],
)
def test_an_examination_that_cannot_have_been_refuses_the_case(name: str, said: Examined, problem: str | None) -> None:
    """
    A day after today, a kind that nobody knows, words that the chat would not take.
    """
    there, read = FORMATS[name]
    case = dated(filed("recipient", {"dlco": 52}), dlco=said)
    (line,) = read(there(case), PROTOCOL, case.as_of)
    assert line.problems == (() if problem is None else (f"dlco: examined: {problem}",))
    assert line.examined == ({} if problem else {"dlco": said})
