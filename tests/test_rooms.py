"""
The plan of the house: every file has a room, and every room its floor in the import contracts.
"""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
CONTRACTS: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "importlinter"
]["contracts"]
NO_CODE = {"bot": {"locale"}, "db": set()}
"""Folders without any module."""


def _loose(package: str) -> set[str]:
    return {path.stem for path in (ROOT / package).glob("*.py")}


def _rooms(package: str) -> set[str]:
    return {path.name for path in (ROOT / package).iterdir() if path.is_dir() and any(path.rglob("*.py"))}


@pytest.mark.parametrize("package", ["bot", "db"])
def test_every_module_and_every_folder_has_its_floor(package: str) -> None:
    """
    The contract is exhaustive, so that `make lint` fails for one that it does not know; and it names none that is gone.
    """
    (contract,) = (one for one in CONTRACTS if one.get("containers") == [package])
    floors = {name for layer in contract["layers"] for name in re.split(r"\s*[|:]\s*", layer)}
    assert contract["exhaustive"]
    assert set(contract.get("exhaustive_ignores", [])) <= NO_CODE[package]
    assert floors == _rooms(package) | _loose(package) - {"__init__"}


def test_what_lies_loose_is_what_every_newcomer_must_know() -> None:
    """
    At most twelve files in bot/, and none in db/.
    """
    assert len(_loose("bot")) <= 12
    assert _loose("db") == {"__init__"}
