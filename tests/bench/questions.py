"""
How many questions a case takes until it is settled, in the order of the protocol and in that of its tables.
"""

import statistics
from collections.abc import Sequence
from datetime import date
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bot.rules.assessment import Verdict, assess, read_answers
from bot.rules.protocol import Population
from bot.rules.v1.recipient import POPULATION
from tests.bench.figures import Figure, Table
from tests.rules import oracle

_CASES = 500
_REACH = 11


def questions(table: Table) -> None:
    """
    Random recipients, as the tests of the rules draw them and then answered in full, asked one question after another.
    """
    cases = drawn(_CASES)
    counts: dict[str, dict[Verdict, list[int]]] = {
        name: {verdict: [] for verdict in Verdict} for name in ("the protocol's order", "the order of its tables")
    }
    more = 0
    for facts, as_of in cases:
        now, verdict = asked(POPULATION, facts, as_of, POPULATION.order)
        before, _ = asked(POPULATION, facts, as_of, tuple(POPULATION.item))
        more += verdict is Verdict.ELIGIBLE and now > before
        for name, count in zip(counts, (now, before), strict=True):
            counts[name][verdict].append(count)
    for name, found in counts.items():
        settled = found[Verdict.NOT_ELIGIBLE]
        mean = statistics.mean(settled)
        is_new = name == "the protocol's order"
        about = f"questions until not eligible, {name}"
        reach = {"reach": f"<= {_REACH}", "is_met": mean <= _REACH} if is_new else {}
        table.add(Figure(f"{about}: mean of {len(settled)}", mean, "", **reach))
        table.add(Figure(f"{about}: median", statistics.median(settled), ""))
        table.add(Figure(f"questions until eligible, {name}: mean", statistics.mean(found[Verdict.ELIGIBLE]), ""))
    table.add(Figure("eligible recipients asked more than before", more, "", reach="0", is_met=more == 0))


def asked(population: Population, everything: dict[str, Any], as_of: date, order: Sequence[str]) -> tuple[int, Verdict]:
    """
    How many questions are put until the case is settled or nothing is missing, and the verdict.
    """
    told: dict[str, Any] = {}
    while True:
        found = assess(population, told, as_of)
        wanted = next((key for key in order if key in found.missing), None)
        if wanted is None or found.verdict is Verdict.NOT_ELIGIBLE:
            return len(told), found.verdict
        told[wanted] = everything[wanted]


def drawn(number: int) -> list[tuple[dict[str, Any], date]]:
    """
    So many recipients, always the same, with an answer to everything.
    """
    found: list[tuple[dict[str, Any], date]] = []

    @settings(max_examples=number, database=None, derandomize=True, deadline=None, phases=[Phase.generate])
    @given(st.data())
    def draw(data: st.DataObject) -> None:
        case = data.draw(oracle.case_strategy("recipient"))
        as_of = date.fromisoformat(case["as_of"])
        well = oracle.well("recipient") | {key: data.draw(oracle.past_strategy(as_of)) for key in oracle.DATES}
        given_already = {key: value for key, value in case["answers"].items() if value is not None}
        found.append((read_answers(POPULATION, well | given_already, as_of), as_of))

    draw()
    return found
