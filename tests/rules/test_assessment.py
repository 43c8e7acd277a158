"""
What is asked and what is not, what is awaited, the verdict, and the day on which to look again.
"""

from datetime import date
from typing import Any

import pytest

from bot.rules.assessment import assess, leaves_window, read_answers
from bot.rules.criteria import Status
from bot.rules.items import BadValueError
from bot.rules.protocol import Population
from tests.rules.cases import DONOR, RECIPIENT, TODAY, UNKNOWN, WELL, assessed, missing_of, without
from tests.rules.test_recipient_inclusion import FAIR_LUNG, HEART, HIGH, NO_KIDNEY_FINDING, POOR_LUNG

HEART_ITEMS = {"heart_findings", "heart_other_causes_excluded"}
KIDNEY_ITEMS = {"bp_first", "bp_second", "bp_hours_apart", "renal_findings", "renal_other_causes_excluded"}
BASELINE = {"tlc", "baseline_pft_date", "baseline_dlco", "baseline_fvc", "baseline_tlc"}
PREGNANCY = {"childbearing_potential", "pregnant", "effective_contraception"}
CATHETER = {"pah_confirmed", "mpap"}
NO_HEART_NO_KIDNEY = {"heart_findings": [], "renal_other_causes_excluded": False}
UNDECIDED_LUNG = without(WELL, "dlco", "fvc") | NO_HEART_NO_KIDNEY


@pytest.mark.parametrize("population", [RECIPIENT, DONOR])
def test_a_man_is_never_asked_about_pregnancy(population: Population) -> None:
    """
    Only a woman is asked for childbearing potential, and only where there is one for pregnancy and contraception.
    """
    assert PREGNANCY.isdisjoint(missing_of({"sex": "male"}, population))
    assert PREGNANCY.isdisjoint(missing_of({}, population))
    female = {"sex": "female"}
    assert PREGNANCY & missing_of(female, population) == {"childbearing_potential"}
    assert PREGNANCY.isdisjoint(missing_of(female | {"childbearing_potential": False}, population))
    fertile = female | {"childbearing_potential": True}
    assert PREGNANCY & missing_of(fertile, population) == {"pregnant", "effective_contraception"}


@pytest.mark.parametrize("population", [RECIPIENT, DONOR])
def test_pregnancy_is_not_asked_once_contraception_decides(population: Population) -> None:
    """
    Without contraception the exclusion holds whether she is pregnant or not; with it, pregnancy still counts. And a
    pregnant woman is still asked for contraception, which is an inclusion of its own.
    """
    fertile = {"sex": "female", "childbearing_potential": True}
    assert "pregnant" not in missing_of(fertile | {"effective_contraception": False}, population)
    assert "pregnant" in missing_of(fertile | {"effective_contraception": True}, population)
    assert "effective_contraception" in missing_of(fertile | {"pregnant": True}, population)


def test_heart_and_kidney_are_not_asked_once_the_lung_suffices() -> None:
    """
    One organ is enough for inclusion: what only the others need is dropped, what an exclusion needs stays.
    """
    assert missing_of({}) >= HEART_ITEMS | KIDNEY_ITEMS
    after_lung = missing_of(POOR_LUNG)
    assert (HEART_ITEMS | KIDNEY_ITEMS).isdisjoint(after_lung)
    assert {"lvef", "refractory_heart_failure", "creatinine_clearance"} <= after_lung
    after_heart = missing_of(HEART)
    assert KIDNEY_ITEMS.isdisjoint(after_heart)
    assert {"fvc", "ild_on_imaging", "lung_other_causes_excluded"}.isdisjoint(after_heart)
    assert "dlco" in after_heart
    after_kidney = missing_of(NO_KIDNEY_FINDING | HIGH)
    assert HEART_ITEMS.isdisjoint(after_kidney)


def test_no_organ_is_asked_once_inclusion_3_has_failed() -> None:
    """
    A skin score of 15 ends inclusion 3: its other items are dropped, DLCO and washout included where no exclusion
    needs them.
    """
    after = missing_of({"mrss": "15"})
    only_there = {"severe_visceral_involvement", "immunosuppression_status", "cyclophosphamide_high_dose"}
    assert (HEART_ITEMS | KIDNEY_ITEMS | only_there | {"fvc", "skin_rapidly_progressive"}).isdisjoint(after)
    assert "dlco" in after


def test_a_baseline_is_asked_only_where_the_values_of_today_do_not_settle_it() -> None:
    """
    Neither before DLCO and FVC are answered nor once one of them suffices.
    """
    for answers in (
        {},
        {"dlco": "60"},
        {"fvc": "70.1"},
        {"dlco": "59.9"},
        {"fvc": "70"},
        {"dlco": "59.9", "fvc": "80"},
        {"dlco": "60", "fvc": "70"},
    ):
        assert BASELINE.isdisjoint(missing_of(UNDECIDED_LUNG | answers)), answers
    assert missing_of(UNDECIDED_LUNG | {"dlco": "60", "fvc": "70.1"}) == BASELINE


def test_a_baseline_outside_its_window_ends_the_questions_about_it() -> None:
    """
    Where the date is too old or too young, nobody is asked for the values; in the window, the date alone is not
    enough; and a fall that suffices ends the questions.
    """
    fair = UNDECIDED_LUNG | FAIR_LUNG
    assert missing_of(fair | {"baseline_pft_date": "2026-05-01"}) == set()
    assert missing_of(fair | {"baseline_pft_date": "2024-11-09"}) == set()
    in_window = fair | {"baseline_pft_date": "2024-11-10"}
    assert missing_of(in_window) == BASELINE - {"baseline_pft_date"}
    assert missing_of(in_window | {"baseline_fvc": "100"}) == set()
    assert missing_of(in_window | {"baseline_fvc": "80"}) == {"tlc", "baseline_tlc", "baseline_dlco"}
    assert missing_of(fair | {"baseline_fvc": "100"}) == {"baseline_pft_date"}


def test_a_persistent_liver_rise_is_asked_only_from_three_times_normal_on() -> None:
    """
    Below 3 there is no rise that could persist.
    """
    for answers in ({}, {"transaminases_xuln": "2.99"}, {"transaminases_xuln": "2.99", "bilirubin_xuln": "2.99"}):
        assert "liver_rise_persistent" not in missing_of(answers)
    for answers in ({"transaminases_xuln": "3"}, {"bilirubin_xuln": "3"}, {"transaminases_xuln": "3.01"}):
        assert "liver_rise_persistent" in missing_of(answers)


@pytest.mark.parametrize(
    ("gate", "gated"),
    [
        ("fibrosing_lung_life_threatening", {"lung_transplant_possible"}),
        ("cyclophosphamide_high_dose", {"cyclophosphamide_last_dose"}),
        ("right_heart_catheterisation", CATHETER),
    ],
)
def test_a_gated_question_waits_for_its_gate(gate: str, gated: set[str]) -> None:
    """
    The question behind a gate comes once the gate is answered yes, and never when it is answered no.
    """
    assert gate in missing_of({})
    assert gated.isdisjoint(missing_of({}))
    assert gated.isdisjoint(missing_of({gate: False}))
    assert gated <= missing_of({gate: True})


def test_an_answer_behind_a_closed_gate_counts_for_nothing() -> None:
    """
    A pressure from a catheterisation that was not done, a date of a treatment that was not given.
    """
    assert assessed(RECIPIENT, WELL | {"mpap": "60", "pah_confirmed": True}).verdict == "eligible"
    assert assessed(RECIPIENT, WELL | {"cyclophosphamide_last_dose": "2026-05-10"}).verdict == "eligible"


def test_an_answer_behind_a_closed_gate_lies_on_no_limit_and_contradicts_nothing() -> None:
    """
    A mean pressure of 25 is on the limit, and speaks against confirmed hypertension, where it was measured; from a
    catheterisation that was not done, only that it is there at all is a contradiction.
    """
    answers = {"pah_confirmed": True, "mpap": "25"}
    done = assessed(RECIPIENT, answers | {"right_heart_catheterisation": True})
    assert (done.set_aside, done.on_limit, done.queries) == ((), ("mpap",), ("Q7",))
    not_done = assessed(RECIPIENT, answers | {"right_heart_catheterisation": False})
    assert (not_done.set_aside, not_done.on_limit, not_done.queries) == (("pah_confirmed", "mpap"), (), ("Q12",))


@pytest.mark.parametrize(
    ("changes", "verdict", "missing"),
    [
        ({}, "eligible", ()),
        ({"cd4": None}, "incomplete", ("cd4",)),
        ({"age": "18"}, "not_eligible", ()),
        ({"age": "18", "cd4": None}, "not_eligible", ("cd4",)),
        ({"social_security": False}, "not_eligible", ()),
    ],
)
def test_a_verdict(changes: dict[str, Any], verdict: str, missing: tuple[str, ...]) -> None:
    """
    Not eligible once anything fails; else incomplete while anything is open; else eligible.
    """
    found = assessed(RECIPIENT, WELL | changes)
    assert (found.verdict, found.missing) == (verdict, missing)


def test_nobody_is_asked_for_a_lettered_part_of_a_settled_criterion() -> None:
    """
    A part of a settled criterion may stay open, and nothing is missing for its sake.
    """
    found = assessed(RECIPIENT, WELL)
    assert found.statuses["R-I3b"] is UNKNOWN
    assert found.statuses["R-I3c"] is UNKNOWN
    assert found.missing == ()


def test_missing_items_name_the_criteria_that_want_them() -> None:
    """
    Each missing item comes with the open criteria and lettered parts in which it can still matter.
    """
    asks = {key: sorted(ids) for key, ids in assessed(RECIPIENT, {}).asks.items()}
    assert asks["age"] == ["R-I1"]
    assert asks["dlco"] == ["R-E2", "R-E2a", "R-I3", "R-I3a"]
    assert asks["social_security"] == ["R-E11", "R-I5"]
    assert asks["sex"] == ["R-E1", "R-I6"]
    assert assessed(RECIPIENT, {"mrss": "15"}).asks["dlco"] == ("R-E2", "R-I3a", "R-E2a")


def test_criteria_are_listed_by_status() -> None:
    """
    The numbered criteria that pass, fail and stay open; lettered parts are not among them.
    """
    found = assessed(RECIPIENT, {"age": "18", "social_security": True})
    assert found.ids(RECIPIENT, Status.FAIL) == ("R-I1",)
    assert found.ids(RECIPIENT, Status.PASS) == ("R-E11",)
    assert len(found.ids(RECIPIENT, UNKNOWN)) == 15
    assert "R-I3a" not in found.ids(RECIPIENT, UNKNOWN)


def test_what_is_not_available_yet_is_awaited_and_no_longer_asked() -> None:
    """
    An item answered "not available yet" stays missing while it matters, in a list of its own; one that no longer
    matters is not awaited.
    """
    found = assessed(RECIPIENT, without(WELL, "cd4", "lvef"), awaited=frozenset({"cd4", "heart_findings"}))
    assert found.missing == ("lvef", "cd4")
    assert found.awaited == ("cd4",)
    assert found.to_ask == ("lvef",)
    assert found.verdict == "incomplete"


@pytest.mark.parametrize("population", [RECIPIENT, DONOR])
@pytest.mark.parametrize(
    ("gates", "set_aside"),
    [
        ({"sex": "female", "childbearing_potential": True}, ()),
        ({"sex": "female", "childbearing_potential": False}, ("pregnant", "effective_contraception")),
        (
            {"sex": "male", "childbearing_potential": True},
            ("childbearing_potential", "pregnant", "effective_contraception"),
        ),
        ({"sex": "male"}, ("pregnant", "effective_contraception")),
        ({"childbearing_potential": True}, ()),
        ({"sex": "female"}, ()),
        ({}, ()),
    ],
)
def test_what_hangs_on_an_answer_that_is_set_aside_is_set_aside_too(
    population: Population, gates: dict[str, Any], set_aside: tuple[str, ...]
) -> None:
    """
    A gate closes all that lies behind it, however far; one that nobody answered closes nothing.
    """
    behind = {"pregnant": True, "effective_contraception": False}
    assert assessed(population, gates | behind).set_aside == set_aside


def test_an_answer_in_part_is_awaited_while_the_rest_can_matter() -> None:
    """
    A result that is still out keeps its item missing and awaited, and not asked again; once another result decides, or
    the criterion is settled without, nothing is awaited.
    """
    found = assessed(RECIPIENT, WELL | {"positive_serology": ["?htlv"]})
    assert (found.missing, found.awaited, found.to_ask) == (("positive_serology",), ("positive_serology",), ())
    assert found.verdict == "incomplete"
    for settled in ({"positive_serology": ["hiv", "?htlv"]}, {"positive_serology": []}):
        assert assessed(RECIPIENT, WELL | settled).awaited == ()
    assert assessed(RECIPIENT, WELL | {"positive_serology": ["?htlv"], "uncontrolled_infection": True}).awaited == ()


def looked_again(as_of: str, **changes: Any) -> str | None:  # noqa: ANN401
    """
    The day on which to look again at an otherwise eligible recipient.
    """
    found = assessed(RECIPIENT, WELL | changes, date.fromisoformat(as_of)).recheck_on
    return found.isoformat() if found else None


@pytest.mark.parametrize(
    ("last_dose", "as_of", "recheck_on"),
    [
        ("2026-03-31", "2026-05-10", "2026-09-30"),
        ("2025-11-11", "2026-05-10", "2026-05-11"),
        ("2025-11-10", "2026-05-10", None),
        ("2026-05-10", "2026-05-10", "2026-11-10"),
        ("2025-08-31", "2026-02-27", "2026-02-28"),
        ("2025-08-31", "2026-02-28", None),
        ("2023-08-31", "2024-02-28", "2024-02-29"),
        ("2023-08-30", "2024-02-01", "2024-02-29"),
        ("2024-02-29", "2024-03-01", "2024-08-29"),
        ("2025-12-31", "2026-01-01", "2026-06-30"),
    ],
)
def test_the_wait_after_cyclophosphamide_ends_on_a_day(last_dose: str, as_of: str, recheck_on: str | None) -> None:
    """
    Six calendar months after the last dose the criterion passes, though nobody answers anything.
    """
    changes = {"cyclophosphamide_high_dose": True, "cyclophosphamide_last_dose": last_dose}
    assert looked_again(as_of, **changes) == recheck_on
    if recheck_on:
        assert assessed(RECIPIENT, WELL | changes, date.fromisoformat(as_of)).statuses["R-I3"] is Status.FAIL
        assert assessed(RECIPIENT, WELL | changes, date.fromisoformat(recheck_on)).statuses["R-I3"] is Status.PASS


DECLINED = NO_HEART_NO_KIDNEY | {"dlco": "66", "fvc": "80", "baseline_fvc": "100"}


@pytest.mark.parametrize(
    ("baseline", "as_of", "status", "recheck_on"),
    [
        # Too young: the window is entered after six months, clamped where the month is shorter.
        ("2026-03-01", "2026-05-10", "fail", "2026-09-01"),
        ("2025-02-28", "2025-08-27", "fail", "2025-08-28"),
        ("2025-08-31", "2026-02-28", "fail", "2026-03-01"),
        ("2025-08-29", "2026-02-28", "fail", "2026-03-01"),
        ("2023-08-31", "2024-02-29", "fail", "2024-03-01"),
        ("2023-08-29", "2024-02-28", "fail", "2024-02-29"),
        # In the window: it is left after eighteen months, the last day in.
        ("2025-11-10", "2026-05-10", "pass", "2027-05-11"),
        ("2024-11-10", "2026-05-10", "pass", "2026-05-11"),
        ("2024-02-29", "2025-08-31", "pass", "2025-09-01"),
        ("2024-02-28", "2025-08-28", "pass", "2025-08-29"),
        ("2024-08-31", "2026-02-28", "pass", "2026-03-01"),
        # Too old: never again.
        ("2024-11-09", "2026-05-10", "fail", None),
        ("1900-01-01", "2026-05-10", "fail", None),
    ],
)
def test_a_baseline_enters_and_leaves_its_window_on_a_day(
    baseline: str, as_of: str, status: str, recheck_on: str | None
) -> None:
    """
    A baseline counts from 6 months on and until 18 months are over; clamped at month ends.
    """
    changes = DECLINED | {"baseline_pft_date": baseline}
    assert assessed(RECIPIENT, WELL | changes, date.fromisoformat(as_of)).statuses["R-I3"] == status
    assert looked_again(as_of, **changes) == recheck_on


def test_no_day_where_time_changes_nothing() -> None:
    """
    No date answered, another part that decides, or a criterion that fails for good: nothing to look at again.
    """
    waiting = {"cyclophosphamide_high_dose": True, "cyclophosphamide_last_dose": "2026-03-31"}
    assert looked_again("2026-05-10") is None
    assert looked_again("2026-05-10", **waiting) == "2026-09-30"
    assert looked_again("2026-05-10", **waiting | {"mrss": "15"}) is None
    assert looked_again("2026-05-10", **waiting | {"cyclophosphamide_high_dose": False}) is None
    assert looked_again("2026-05-10", baseline_pft_date="2026-03-01", baseline_fvc="100") is None
    assert assessed(DONOR, {}).recheck_on is None


def test_a_part_that_changes_alone_is_no_change() -> None:
    """
    The baseline leaves its window, but the heart carries the criterion: nobody has to look again.
    """
    declined = DECLINED | {"baseline_pft_date": "2025-11-10"}
    assert looked_again("2026-05-10", **declined) == "2027-05-11"
    assert looked_again("2026-05-10", **declined | HEART) is None


def test_a_wait_that_ends_in_an_open_question_is_a_change() -> None:
    """
    From failing to open counts: from that day on the rest of the questions matters.
    """
    waiting = {"cyclophosphamide_high_dose": True, "cyclophosphamide_last_dose": "2026-03-31"}
    assert looked_again("2026-05-10", **waiting | {"mrss": None}) == "2026-09-30"


def test_the_first_of_two_changes_is_the_day() -> None:
    """
    The wait ends, and later the baseline leaves its window: first the one, then, seen from there, the other.
    """
    both = DECLINED | {
        "baseline_pft_date": "2025-11-10",
        "cyclophosphamide_high_dose": True,
        "cyclophosphamide_last_dose": "2026-03-31",
    }
    assert looked_again("2026-05-10", **both) == "2026-09-30"
    assert looked_again("2026-09-30", **both) == "2027-05-11"
    assert looked_again("2027-05-11", **both) is None


@pytest.mark.parametrize(
    ("measured", "leaves"),
    [
        ("2026-05-10", "2027-11-11"),
        ("2025-11-11", "2027-05-12"),
        ("2025-11-10", "2027-05-11"),
        ("2024-11-11", "2026-05-12"),
        ("2024-11-10", "2026-05-11"),
        ("2024-11-09", None),
        ("2024-11-08", None),
    ],
)
def test_the_day_on_which_a_baseline_is_too_old(measured: str, leaves: str | None) -> None:
    """
    The first on which it lies more than eighteen months back, whether it is old enough already or not; it is today
    or past where there is none.
    """
    facts = read_answers(RECIPIENT, {"baseline_pft_date": measured, "cyclophosphamide_last_dose": "2026-04-10"}, TODAY)
    found = leaves_window(RECIPIENT, facts, TODAY)
    assert (found and found.isoformat()) == leaves


def test_what_is_not_dated_leaves_no_window() -> None:
    """
    Without the day of the baseline there is nothing to wait for.
    """
    assert leaves_window(RECIPIENT, {}, TODAY) is None
    assert leaves_window(DONOR, {}, TODAY) is None


def test_a_day_to_come_is_refused() -> None:
    """
    Nothing can have been done tomorrow.
    """
    answers = {"cyclophosphamide_last_dose": "2026-05-11"}
    with pytest.raises(BadValueError) as caught:
        read_answers(RECIPIENT, answers, TODAY)
    assert (caught.value.item.key, caught.value.problem) == ("cyclophosphamide_last_dose", "future")
    assert read_answers(RECIPIENT, answers, date(2026, 5, 11)) == {"cyclophosphamide_last_dose": date(2026, 5, 11)}


def test_an_item_that_there_is_not_is_refused() -> None:
    """
    Even without a value: a misspelt key is a mistake.
    """
    for value in (True, None):
        with pytest.raises(KeyError, match="shoe_size"):
            read_answers(RECIPIENT, {"shoe_size": value}, TODAY)
    assert read_answers(RECIPIENT, {"age": None}, TODAY) == {}


def test_assessing_changes_no_answer() -> None:
    """
    The answers stay as they were given.
    """
    facts = read_answers(RECIPIENT, {"sex": "female"}, TODAY)
    assess(RECIPIENT, facts, TODAY, linked={"other": 1})
    assert facts == {"sex": "female"}
