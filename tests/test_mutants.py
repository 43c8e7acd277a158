"""
tests/mutants.toml explains changes to the rules as they stand now.
"""

import re
import tomllib
from pathlib import Path

import pytest

HOME = Path(__file__).parents[1]
EXPLAINED = [
    change
    for survivors in tomllib.loads((HOME / "tests/mutants.toml").read_text(encoding="utf-8"))["survivors"]
    for change in survivors["changes"]
]


@pytest.mark.parametrize("change", EXPLAINED)
def test_a_change_that_is_explained_can_still_be_made(change: str) -> None:
    """
    Whoever tries the rules with one change at a time is told of no file and of no line that went long ago.
    """
    path, place, lines = change.split(":", 2)
    source = " ".join((HOME / path).read_text(encoding="utf-8").split())
    before, _, after = (re.sub(r"\s+", " ", text) for text in lines.strip().partition(" => "))
    assert place in source
    assert before in source
    assert after not in {"", before}
