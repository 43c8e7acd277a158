"""
Answers that contradict each other: when each query is raised, and when it is not.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.rules.cases import DONOR, RECIPIENT, WELL, WELL_DONOR, assessed, without

LINKED = "linked_recipient_age"
HIGH = {"bp_first": "161/90", "bp_second": "150/111"}
CATHETER = {"right_heart_catheterisation": True, "mpap": "25", "pah_confirmed": False}

RAISED: dict[str, list[dict[str, Any]]] = {
    "Q1": [
        HIGH | {"uncontrolled_hypertension": False},
    ],
    "Q2": [
        {"heart_findings": ["reversible_heart_failure"], "refractory_heart_failure": True},
        {"heart_findings": ["reversible_heart_failure", "av_block_2_3"], "refractory_heart_failure": True},
    ],
    "Q3": [
        {"heart_findings": [], "effusion_haemodynamic_compromise": True},
        {"heart_findings": ["av_block_2_3"], "effusion_haemodynamic_compromise": True},
    ],
    "Q4": [
        CATHETER | {"spap": "40.1"},
        CATHETER | {"spap": "60", "mpap": "12"},
    ],
    "Q5": [
        {"fibrosing_lung_life_threatening": True, "ild_on_imaging": False},
    ],
    "Q6": [
        {"cyclophosphamide_cystopathy": True, "cyclophosphamide_high_dose": False},
    ],
    "Q7": [
        {"pah_confirmed": True, "mpap": "25"},
        {"pah_confirmed": True, "mpap": "24.9"},
    ],
    "Q8": [
        {"positive_serology": ["hiv"], "positive_pcr": []},
        {"positive_serology": [], "positive_pcr": ["hiv"]},
        {"positive_serology": ["hcv"], "positive_pcr": []},
        {"positive_serology": ["hiv"], "positive_pcr": ["hiv", "hcv"]},
        {"positive_serology": ["hbsag"], "positive_pcr": []},
        {"positive_serology": ["syphilis"], "positive_pcr": ["hbv"]},
    ],
    "Q9": [
        {"relationship": "parent", "age": "51", LINKED: "40"},
        {"relationship": "parent", "age": "20", LINKED: "40"},
    ],
    "Q10": [
        {"liver_rise_persistent": True, "transaminases_xuln": "1", "bilirubin_xuln": "1"},
        {"liver_rise_persistent": True, "transaminases_xuln": "0.4", "bilirubin_xuln": "0.9"},
    ],
    "Q11": [
        {"pregnant": True, "childbearing_potential": False},
        {"pregnant": True, "sex": "male"},
    ],
    "Q12": [
        {"pah_confirmed": True, "right_heart_catheterisation": False},
        {"mpap": "25.1", "right_heart_catheterisation": False},
        {"mpap": ">30", "right_heart_catheterisation": False},
    ],
    "Q13": [
        {"creatinine_clearance": "20 mL/min/1.73m2"},
        {"creatinine_clearance": "34.59 mL/min/1.73m2"},
        {"creatinine_clearance": "20-34 mL/min/1.73m2"},
    ],
    "Q14": [
        {"spap": "not measurable", "right_heart_catheterisation": False},
    ],
    "Q15": [
        {"cyclophosphamide_last_dose": "2020-01-01", "cyclophosphamide_high_dose": False},
        {"cyclophosphamide_last_dose": "2020-01", "cyclophosphamide_high_dose": False},
    ],
}
"""For each query, sets of answers that raise it, and every one of which it takes."""

NOT_RAISED: dict[str, list[dict[str, Any]]] = {
    "Q1": [
        HIGH | {"uncontrolled_hypertension": True},
        {"bp_first": "160/110", "bp_second": "161/90", "uncontrolled_hypertension": False},
        {"bp_first": "161/90", "bp_second": "160/110", "uncontrolled_hypertension": False},
    ],
    "Q2": [
        {"heart_findings": ["reversible_heart_failure"], "refractory_heart_failure": False},
        {"heart_findings": ["recurrent_arrhythmia"], "refractory_heart_failure": True},
        {"heart_findings": [], "refractory_heart_failure": True},
    ],
    "Q3": [
        {"heart_findings": ["large_pericardial_effusion"], "effusion_haemodynamic_compromise": True},
        {"heart_findings": [], "effusion_haemodynamic_compromise": False},
    ],
    "Q4": [
        CATHETER | {"spap": "40"},
        CATHETER | {"spap": "39.9"},
        CATHETER | {"spap": "60", "mpap": "25.1"},
        CATHETER | {"spap": "60", "pah_confirmed": True},
        CATHETER | {"spap": "60", "right_heart_catheterisation": False},
    ],
    "Q5": [
        {"fibrosing_lung_life_threatening": True, "ild_on_imaging": True},
        {"fibrosing_lung_life_threatening": False, "ild_on_imaging": False},
    ],
    "Q6": [
        {"cyclophosphamide_cystopathy": True, "cyclophosphamide_high_dose": True},
        {"cyclophosphamide_cystopathy": False, "cyclophosphamide_high_dose": False},
    ],
    "Q7": [
        {"pah_confirmed": True, "mpap": "25.1"},
        {"pah_confirmed": False, "mpap": "25"},
    ],
    "Q8": [
        {"positive_serology": [], "positive_pcr": []},
        {"positive_serology": ["hiv", "hcv", "hbsag"], "positive_pcr": ["hbv", "hcv", "hiv"]},
        {"positive_serology": ["htlv", "syphilis"], "positive_pcr": []},
    ],
    "Q9": [
        {"relationship": "parent", "age": "52", LINKED: "40"},
        {"relationship": "parent", "age": "53", LINKED: "40"},
        {"relationship": "sibling", "age": "20", LINKED: "40"},
    ],
    "Q10": [
        {"liver_rise_persistent": False, "transaminases_xuln": "1", "bilirubin_xuln": "1"},
        {"liver_rise_persistent": True, "transaminases_xuln": "1.1", "bilirubin_xuln": "1"},
        {"liver_rise_persistent": True, "transaminases_xuln": "1", "bilirubin_xuln": "1.1"},
    ],
    "Q11": [
        {"pregnant": True, "childbearing_potential": True, "sex": "female"},
        {"pregnant": False, "childbearing_potential": False, "sex": "male"},
    ],
    "Q12": [
        {"pah_confirmed": True, "right_heart_catheterisation": True},
        {"pah_confirmed": False, "mpap": "25", "right_heart_catheterisation": False},
    ],
    "Q13": [
        {"creatinine_clearance": "19.99 mL/min/1.73m2"},
        {"creatinine_clearance": "34.6 mL/min/1.73m2"},
        {"creatinine_clearance": "20"},
        {"creatinine_clearance": "19.99"},
        {"creatinine_clearance": "25"},
    ],
    "Q14": [
        {"spap": "not measurable", "right_heart_catheterisation": True},
        {"spap": "40", "right_heart_catheterisation": False},
    ],
    "Q15": [
        {"cyclophosphamide_last_dose": "2020-01-01", "cyclophosphamide_high_dose": True},
    ],
}
"""For each query, answers that agree well enough."""


def flat(table: Mapping[str, list[dict[str, Any]]]) -> list[Any]:
    """
    The table as parameters: a query and answers.
    """
    return [
        pytest.param(query, answers, id=f"{query}-{number}")
        for query, found in table.items()
        for number, answers in enumerate(found)
    ]


def queries(query: str, answers: Mapping[str, Any]) -> tuple[str, ...]:
    """
    What is raised on these answers alone; the linked recipient's age comes from the other case.
    """
    population = DONOR if query in ("Q8", "Q9") else RECIPIENT
    linked = {LINKED: int(answers[LINKED])} if LINKED in answers else None
    return assessed(population, without(answers, LINKED), linked=linked).queries


@pytest.mark.parametrize(("query", "answers"), flat(RAISED))
def test_a_contradiction_is_raised(query: str, answers: dict[str, Any]) -> None:
    """
    Answers that contradict each other raise their query, and no other contradiction is made up.
    """
    assert queries(query, answers) == (query,)


@pytest.mark.parametrize(("query", "answers"), flat(NOT_RAISED))
def test_answers_that_agree_raise_nothing(query: str, answers: dict[str, Any]) -> None:
    """
    At the limits and beside them, answers that agree raise nothing.
    """
    assert query not in queries(query, answers)


@pytest.mark.parametrize(("query", "answers"), flat(RAISED))
def test_an_unanswered_item_contradicts_nothing(query: str, answers: dict[str, Any]) -> None:
    """
    As long as any one of the answers is missing, nothing is raised.
    """
    for key in answers:
        assert queries(query, without(answers, key)) == (), key


@pytest.mark.parametrize(("query", "answers"), flat(RAISED))
def test_a_query_changes_no_status(query: str, answers: dict[str, Any]) -> None:
    """
    A contradiction is only raised: verdict and statuses are those of a protocol without queries.
    """
    population, well = (DONOR, WELL_DONOR) if query in ("Q8", "Q9") else (RECIPIENT, WELL)
    linked = {LINKED: int(answers[LINKED])} if LINKED in answers else None
    # A catheterisation that was not done would set aside what it showed.
    done = {"right_heart_catheterisation": True} if query == "Q7" else {}
    given = well | done | without(answers, LINKED)
    found = assessed(population, given, linked=linked)
    unquestioned = assessed(replace(population, queries=()), given)
    assert query in found.queries
    assert (found.verdict, found.statuses) == (unquestioned.verdict, unquestioned.statuses)


def test_a_linked_recipient_answers_nothing_else() -> None:
    """
    The linked recipient's age is only compared: it is no answer of the donor and never asked.
    """
    found = assessed(DONOR, {}, linked={LINKED: 40})
    assert found.statuses == assessed(DONOR, {}).statuses
    assert LINKED not in found.missing
    assert set(found.missing) == set(assessed(DONOR, {}).missing)
