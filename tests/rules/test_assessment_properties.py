"""
What is true of every case, whatever was answered.
"""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.commands.assess import lines
from bot.rules import file_form
from bot.rules.assessment import Verdict, assess, read_answers
from bot.rules.criteria import Status
from bot.rules.evaluate import Facts
from bot.rules.expressions import items_of, leaves
from bot.rules.items import Item, Ticked
from bot.rules.protocol import Population
from bot.rules.v1 import PROTOCOL
from tests.rules import oracle
from tests.rules.cases import POPULATIONS, RECIPIENT, UNKNOWN, examples

KINDS = pytest.mark.parametrize("kind", sorted(POPULATIONS))


def drawn_case(data: st.DataObject, kind: oracle.Kind) -> tuple[Population, dict[str, Any], date]:
    """
    A random case: its population, its values as read and its day.
    """
    case = data.draw(oracle.case_strategy(kind), label="case")
    population, as_of = POPULATIONS[kind], date.fromisoformat(case["as_of"])
    return population, read_answers(population, case["answers"], as_of), as_of


def drawn_values(
    data: st.DataObject, population: Population, as_of: date, keys: list[str], label: str
) -> dict[str, Any]:
    """
    A random value, as read, for each of these items.
    """
    strategies = oracle.VALUES[population.kind] | oracle.date_strategies(as_of)
    answers = data.draw(st.fixed_dictionaries({key: strategies[key] for key in keys}), label=label)
    return read_answers(population, answers, as_of)


def is_partial(value: object) -> bool:
    """
    Whether an answer leaves something awaited: an option, or what rows do not settle.
    """
    return value is None or (isinstance(value, Ticked) and bool(value.awaited))


def settled(value: object) -> object:
    """
    The answer once what it awaits has come in, and was nothing.
    """
    if isinstance(value, Ticked):
        return Ticked(value.present)
    return False if value is None else value


def refined(data: st.DataObject, facts: Facts) -> dict[str, Any]:
    """
    The answers once some of what they await has come in, present or absent.
    """
    found = dict(facts)
    for key, value in facts.items():
        if isinstance(value, Ticked) and value.awaited:
            came = data.draw(st.sets(st.sampled_from(sorted(value.awaited))), label=f"{key} came")
            present = data.draw(st.sets(st.sampled_from(sorted(came))) if came else st.just(set()), label="present")
            found[key] = Ticked(value.present | present, value.awaited - came)
        elif value is None:
            found[key] = data.draw(st.sampled_from([None, True, False]), label=f"{key} settled")
    return found


def some_of(data: st.DataObject, keys: list[str], label: str) -> list[str]:
    """
    Any of these keys.
    """
    return data.draw(st.lists(st.sampled_from(keys), unique=True), label=label) if keys else []


def numbered(population: Population, facts: Facts, as_of: date) -> dict[str, Status]:
    """
    The statuses of the numbered criteria.
    """
    return {judged.id: judged.judge(facts, as_of)[0] for judged in population.judged if judged.is_numbered}


def unanswered(population: Population, facts: Facts) -> list[str]:
    """
    The items without an answer.
    """
    return [key for key in population.item if key not in facts]


def waits(population: Population, item: Item, facts: Facts, as_of: date, missing: tuple[str, ...]) -> bool:
    """
    Whether an item waits for its gate: the gate is unknown, and what it looks at is missing, or waits in turn.
    """
    if item.gate is None or population.gates[item.key](facts, as_of) is not None:
        return False
    looked_at = [gate for leaf in leaves(item.gate) for gate in items_of(leaf) if gate.key not in facts]
    return any(gate.key in missing or waits(population, gate, facts, as_of, missing) for gate in looked_at)


@KINDS
@given(data=st.data())
@examples(300)
def test_a_case_is_assessed_as_the_protocol_reads(kind: oracle.Kind, data: st.DataObject) -> None:
    """
    A second, independent reading of the protocol comes to the same verdict, statuses, missing items, queries, values
    on a limit and day to look again.
    """
    case = data.draw(oracle.case_strategy(kind))
    [(text, is_good)] = lines([file_form.dumps(case).encode()], PROTOCOL, lambda: date(2000, 1, 1))
    assert is_good, text
    assert json.loads(text) == oracle.assess(case)


@KINDS
@given(data=st.data())
@examples(100)
def test_a_further_answer_never_reverses_what_is_settled(kind: oracle.Kind, data: st.DataObject) -> None:
    """
    What passes goes on passing, what fails goes on failing, and so does the verdict, as of the same day; results that
    were awaited come in too.
    """
    population, facts, as_of = drawn_case(data, kind)
    before = assess(population, facts, as_of)
    further = some_of(data, unanswered(population, facts), "further")
    more = drawn_values(data, population, as_of, further, "values")
    after = assess(population, {**refined(data, facts), **more}, as_of)
    settled = {id_: status for id_, status in before.statuses.items() if status is not UNKNOWN}
    assert {id_: after.statuses[id_] for id_ in settled} == settled
    if before.verdict is Verdict.NOT_ELIGIBLE or not before.missing:
        assert after.verdict is before.verdict


@KINDS
@given(data=st.data())
@examples(150)
def test_what_is_not_asked_waits_for_its_gate_or_could_change_nothing(kind: oracle.Kind, data: st.DataObject) -> None:
    """
    An unanswered item that is not missing waits for a gate that is missing, or no value of it could change an open
    criterion: not alone, not with others like it, and not together with any answers to what is missing.
    """
    population, facts, as_of = drawn_case(data, kind)
    before = assess(population, facts, as_of)
    idle = [
        key
        for key in unanswered(population, facts)
        if key not in before.missing and not waits(population, population.item[key], facts, as_of, before.missing)
    ]
    assume(idle)
    all_idle = drawn_values(data, population, as_of, idle, "idle")
    for added in [all_idle, *({key: value} for key, value in all_idle.items())]:
        after = assess(population, facts | added, as_of)
        assert numbered(population, facts | added, as_of) == numbered(population, facts, as_of)
        assert (after.verdict, after.missing) == (before.verdict, before.missing)
    others = [key for key in unanswered(population, facts) if key not in idle]
    given_too = facts | drawn_values(data, population, as_of, some_of(data, others, "others"), "with")
    assert numbered(population, given_too | all_idle, as_of) == numbered(population, given_too, as_of)


@KINDS
@given(data=st.data())
@examples(80)
def test_nothing_is_open_when_nothing_is_missing(kind: oracle.Kind, data: st.DataObject) -> None:
    """
    A criterion is open exactly while something is missing, and what is missing is unanswered, has an open gate and
    names the open criteria that want it.
    """
    population, facts, as_of = drawn_case(data, kind)
    found = assess(population, facts, as_of)
    is_open = UNKNOWN in numbered(population, facts, as_of).values()
    assert bool(found.missing) is is_open
    assert all(is_partial(facts[key]) for key in found.missing if key in facts)
    assert list(found.missing) == [key for key in population.item if key in found.missing]
    assert set(found.asks) == set(found.missing)
    for key in found.missing:
        assert key not in population.gates or population.gates[key](facts, as_of) is True
        assert found.asks[key]
        assert {found.statuses[id_] for id_ in found.asks[key]} == {UNKNOWN}
        assert set(found.asks[key]) <= set(population.uses[key])


@KINDS
@given(data=st.data())
@examples(40)
def test_answering_the_first_missing_item_again_and_again_ends_in_a_verdict(
    kind: oracle.Kind, data: st.DataObject
) -> None:
    """
    A person who answers what is asked, one question after another, comes to a verdict, and it is the same as if every
    question had been answered.
    """
    population, facts, as_of = drawn_case(data, kind)
    rest = drawn_values(data, population, as_of, unanswered(population, facts), "the rest")
    everything = {key: settled(value) for key, value in (facts | rest).items()}
    told = dict(facts)
    found = assess(population, told, as_of)
    while found.missing:
        assert found.missing[0] not in told or is_partial(told[found.missing[0]])
        told[found.missing[0]] = everything[found.missing[0]]
        found = assess(population, told, as_of)
    assert found.verdict is not Verdict.INCOMPLETE
    assert found.verdict is assess(population, everything, as_of).verdict
    assert numbered(population, told, as_of) == numbered(population, everything, as_of)


@KINDS
@given(data=st.data())
@examples(40)
def test_the_order_of_answers_does_not_matter(kind: oracle.Kind, data: st.DataObject) -> None:
    """
    The same answers in another order give the same assessment.
    """
    population, facts, as_of = drawn_case(data, kind)
    shuffled = dict(data.draw(st.permutations(list(facts.items()))))
    assert assess(population, shuffled, as_of) == assess(population, facts, as_of)


@KINDS
@given(data=st.data())
@examples(40)
def test_not_available_yet_counts_as_unanswered(kind: oracle.Kind, data: st.DataObject) -> None:
    """
    Items answered "not available yet" change neither statuses nor what is missing; those that matter are awaited.
    """
    population, facts, as_of = drawn_case(data, kind)
    awaited = frozenset(some_of(data, unanswered(population, facts), "awaited"))
    without = assess(population, facts, as_of)
    found = assess(population, facts, as_of, awaited=awaited)
    assert (found.statuses, found.missing, found.verdict) == (without.statuses, without.missing, without.verdict)
    in_part = {key for key, value in facts.items() if is_partial(value)}
    assert set(found.awaited) == set(found.missing) & (awaited | in_part)
    assert set(found.to_ask) == set(found.missing) - set(found.awaited)


@st.composite
def waiting_cases(draw: st.DrawFn) -> tuple[dict[str, Any], date]:
    """
    Recipients in whom time decides: the wait after cyclophosphamide, the baseline's window, or both.
    """
    as_of = draw(oracle.AS_OF)
    answers = oracle.well("recipient") | {
        "baseline_fvc": 100,
        "fvc": draw(st.sampled_from([89, 90])),
        "dlco": draw(st.sampled_from([60, 66])),
    }
    answers |= {key: draw(oracle.past_strategy(as_of)) for key in oracle.DATES}
    answers |= draw(
        st.sampled_from([{}, {"cyclophosphamide_high_dose": False}, {"heart_findings": ["av_block_2_3"]}])
        | st.just({"heart_findings": ["av_block_2_3"], "heart_other_causes_excluded": True})
    )
    for key in draw(st.lists(st.sampled_from(["mrss", "renal_findings", "ild_on_imaging", *oracle.DATES]), max_size=1)):
        del answers[key]
    return read_answers(RECIPIENT, {key: answers[key] for key in answers if key in RECIPIENT.item}, as_of), as_of


@given(waiting_cases())
@examples(150)
def test_the_day_to_look_again_is_the_first_on_which_a_criterion_changes(drawn: tuple[dict[str, Any], date]) -> None:
    """
    On that day a numbered criterion has another status, and on no day before; without such a day, none comes.
    """
    facts, as_of = drawn
    recheck_on = assess(RECIPIENT, facts, as_of).recheck_on
    on_time = {id_ for key in oracle.DATES for id_ in RECIPIENT.uses[key]}
    timed = [judged for judged in RECIPIENT.judged if judged.is_numbered and judged.id in on_time]
    now = [judged.judge(facts, as_of)[0] for judged in timed]
    last = max([as_of, *(facts[key] for key in oracle.DATES if key in facts)]) + timedelta(days=600)
    days = (as_of + timedelta(days=number) for number in range(1, (last - as_of).days))
    first = next((day for day in days if [judged.judge(facts, day)[0] for judged in timed] != now), None)
    assert timed
    assert recheck_on == first
