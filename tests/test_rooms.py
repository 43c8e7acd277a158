"""
The plan of the house: every file has a room, and every room its floor in the import contracts.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.coded import Screen
from bot.render.renderers import RENDERERS
from bot.screens.base import CaseScreen, MenuScreen
from bot.screens.menus import HomeScreen
from bot.screens.summary import SummaryScreen
from bot.turn import View

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


def _named(module: ast.Module) -> Iterator[str]:
    """
    The classes and type aliases that a module defines.
    """
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "TypeAlias":
            yield ast.unparse(node.target)
    for node in module.body:
        if isinstance(node, ast.Assign) and re.fullmatch(r"[A-Z][a-z]\w*", name := ast.unparse(node.targets[0])):
            yield name


def test_no_name_of_a_class_means_two_things() -> None:
    """
    Whoever reads a name in one room and then in another reads of the same thing.
    """
    found: dict[str, list[str]] = {}
    for path in sorted(path for package in ("bot", "db") for path in (ROOT / package).rglob("*.py")):
        for name in _named(ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault(name, []).append(str(path.relative_to(ROOT)))
    assert {"Tap", "Measure", "Case"} <= found.keys()
    assert {name: places for name, places in found.items() if len(places) > 1} == {}


def _all(family: type) -> set[type]:
    return {kind for one in family.__subclasses__() for kind in (one, *_all(one))}


def test_a_topic_has_one_name_in_every_tree() -> None:
    """
    Every view has its renderer, in the file of the same name.
    """
    views = {view for view in _all(View) if view.__module__.startswith("bot.screens.") and not view.__subclasses__()}
    assert views <= RENDERERS.keys()
    for view, renderer in RENDERERS.items():
        assert renderer.__module__ == view.__module__.replace(".screens.", ".render."), view


def test_what_stands_in_the_place_of_a_screen_is_one_of_its_family_and_leads_to_an_end() -> None:
    """
    Where nobody is kept out.
    """
    for family, last in ((MenuScreen, HomeScreen), (CaseScreen, SummaryScreen)):
        for screen in Screen.known.values():
            seen = set()
            while issubclass(screen, family) and screen is not last:
                assert screen not in seen
                seen.add(screen)
                screen = Screen.known[screen.otherwise]  # noqa: PLW2901  the one in its place
                assert issubclass(screen, family)
