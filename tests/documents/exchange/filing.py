"""
Random cases as documents are given them.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from bot.documents.exchange.filed import Filed, FiledAnswer
from bot.rules.v1 import PROTOCOL
from db.cases.given import UNSAID, Examined
from tests.rules import oracle
from tests.rules.cases import POPULATIONS

AT = datetime(2026, 5, 3, 9, 30, tzinfo=UTC)


def filed(kind: str, answers: Mapping[str, Any], as_of: date = date(2026, 5, 10), stage: str = "screening") -> Filed:
    """
    A case with these answers in file form, given one after the other.
    """
    entries = tuple(
        FiledAnswer(item, raw, revision, 3, AT + timedelta(minutes=revision), "asked")
        for revision, (item, raw) in enumerate(answers.items(), start=1)
    )
    code = f"01-{kind[0].upper()}-001"
    current = {key: answers[key] for key in POPULATIONS[kind].item if key in answers}
    return Filed(code, POPULATIONS[kind], PROTOCOL.version, 1, stage, "incomplete", as_of, current, entries)


def dated(case: Filed, **examined: Examined) -> Filed:
    """
    The case with these examinations, of the answers that count and of those ever given.
    """
    entries = tuple(replace(one, examined=examined.get(one.item, UNSAID)) for one in case.entries)
    return replace(case, examined=examined, entries=entries)


EXAMINED = {
    "dlco": Examined(date(2026, 4, 10), "lung_function"),
    "cd4": Examined(None, "other", "blood bank"),
    "haemoglobin": Examined(date(2026, 4, 12)),
}
"""Examinations of which more is known and less."""


@st.composite
def cases(draw: st.DrawFn, kind: oracle.Kind) -> Filed:
    """
    A random case, some of its answers "not available yet".
    """
    case = draw(oracle.case_strategy(kind))
    return filed(kind, case["answers"], date.fromisoformat(case["as_of"]))
