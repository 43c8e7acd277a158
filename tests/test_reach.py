"""
How far a change reaches: the recipes of CONTRIBUTING.md, followed in a copy of the product, file by file.
"""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.rules.protocol import Kind
from bot.rules.versions import PROTOCOLS
from bot.terminal.well import WELL
from bot.typed.lines import NAMED_OPTIONS
from bot.typed.measures import SLIPS
from bot.typed.tables import table
from db.upkeep.purge import CONSENT
from tests.test_recipes import example

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "db")
IMPORTS = {
    "screens": """
from collections.abc import Sequence
from bot.screens.base import MenuScreen
from bot.turn import Turn, View
from db.base.tables import Site
from db.cases import overview
""",
    "handlers": """
from bot.handlers.routes import shows
from bot.screens.sites import SitesScreen
from bot.turn import READERS
""",
    "render": """
from bot.render.buttons import menu
from bot.render.card import Card, fit
from bot.render.renderers import renders
from bot.screens.menus import HomeScreen
from bot.screens.sites import Sites
from bot.texts import Words
""",
}
"""What each file of a command imports, for its part of the example."""


class Copy:
    """
    A copy of the product in which files are changed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.changed: set[str] = set()
        for package in PACKAGES:
            shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))

    def write(self, path: str, text: str) -> None:
        """
        A new file.
        """
        self.changed.add(path)
        assert not (self._folder / path).exists()
        (self._folder / path).write_text(text, encoding="utf-8")

    def put(self, path: str, text: str, *, after: str = "", before: str = "") -> None:
        """
        Add a text after or before a place that is there once.
        """
        self.changed.add(path)
        old = (self._folder / path).read_text(encoding="utf-8")
        assert old.count(after + before) == 1
        new = old.replace(after + before, f"{after}{text}{before}")
        (self._folder / path).write_text(new, encoding="utf-8")

    def say(self, domain: str, **texts: tuple[str, str]) -> None:
        """
        Words, in English and French, with "__" for the full stops of their keys.
        """
        for at, language in enumerate(("en", "fr")):
            path = f"bot/locale/{language}/LC_MESSAGES/{domain}.po"
            self.changed.add(path)
            with (self._folder / path).open("a", encoding="utf-8") as file:
                for key, said in texts.items():
                    file.write(f'\nmsgid "{key.replace("__", ".")}"\nmsgstr "{said[at]}"\n')

    def run(self, *arguments: str) -> tuple[int, str]:
        """
        The status and output of a program run with it.
        """
        done = subprocess.run(  # noqa: S603  this very interpreter
            [sys.executable, *arguments],
            cwd=self._folder,
            capture_output=True,
            check=False,
            text=True,
            encoding="utf-8",
        )
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """
    A copy of the product.
    """
    return Copy(tmp_path)


def test_an_item_is_three_files(copy: Copy, tmp_path: Path) -> None:
    """
    Its declaration and its words in both languages: then it is one of the case's items, is taken and refused by its
    range, has a question, and is understood where it is typed.
    """
    copy.put("bot/rules/v1/recipient_items.py", example("An item"), before="ITEMS = ")
    copy.say(
        "protocol",
        item__ferritin=("Ferritin", "Ferritine"),
        item__ferritin__question=("How much iron is stored?", "Quelles sont les réserves en fer ?"),
    )
    seen = """
from bot.rules.versions import LATEST
from bot.texts import words
from bot.typed.names import item_named
item = LATEST.recipient.item["ferritin"]
assert LATEST.recipient.order[-1] == "ferritin"
assert item_named("ferritine", [LATEST.recipient]) is item
print(*(words(language).question(item, "recipient") for language in ("en", "fr")))
"""
    assert copy.run("-c", seen) == (0, "How much iron is stored? Quelles sont les réserves en fer ?\n")
    for ferritin, status in ((1, 0), (0, 1)):
        case = tmp_path / "case.jsonl"
        case.write_text(json.dumps({"case": "A", "kind": "recipient", "answers": {"ferritin": ferritin}}))
        assert copy.run("-m", "bot", "assess", str(case))[0] == status
    assert len(copy.changed) == 3


def test_a_command_is_five_files(copy: Copy) -> None:
    """
    Screen, handler, how it is told, and its words in both languages: then it is on the menu, and its card is made.
    """
    code = example("A command")
    parts: dict[str, list[str]] = {"screens": [], "handlers": [], "render": []}
    for node in ast.parse(code).body:
        room = {ast.ClassDef: "screens", ast.Expr: "handlers", ast.FunctionDef: "render"}[type(node)]
        parts[room].append(ast.unparse(node))
    for room, found in parts.items():
        copy.write(f"bot/{room}/sites.py", IMPORTS[room] + "\n\n".join(found) + "\n")
    copy.say("chat", menu__sites=("The sites", "Les centres"))
    seen = """
from bot.handlers.routes import menu
from bot.render import render
from bot.screens.sites import Sites, SitesScreen
from bot.texts import words
from bot.coded import Screen
import bot.handlers
from db.base.tables import Site
assert Screen.read("sites") == SitesScreen()
print("sites" in menu(), words("fr")("menu.sites"), render(Sites([Site(number=1, name="One")]), words("en")).html)
"""
    assert copy.run("-c", seen) == (0, "True Les centres One\n")
    assert len(copy.changed) == 5


def test_a_reminder_kind_is_three_files(copy: Copy) -> None:
    """
    What it is and when it occurs, and its words in both languages: then it is told, and can be switched off.
    """
    due = "db/follow_up/due.py"
    copy.put(due, '    FERRITIN = "ferritin"\n', before="\n\nDETAILS = ")
    copy.put(due, '    ReminderKind.FERRITIN: "item",\n', before="    ReminderKind.PAIR_UNSIGNED: ")
    copy.say(
        "chat",
        reminder__ferritin=("{code}: measure {item}.", "{code} : mesurer {item}."),
        reminder__brief__ferritin=("measure {items}", "mesurer {items}"),
        reminder__kind__ferritin=("A measurement is due", "Une mesure est à faire"),
    )
    occurrence = example("A reminder kind").replace("AWAITED", "FERRITIN")
    seen = f"""
from datetime import date
from bot.render import render
from bot.screens.reminders import MutedKinds, Reminders
from bot.texts import words
from db.base.tables import Case
from db.follow_up.due import Occurrence, ReminderKind
case = Case(id=1, code="01-R-001", kind="recipient", site_id=1, number=1, protocol="", opened_by=1)
item, revision, day = "dlco", 3, date(2026, 5, 10)
found = {occurrence.strip()}
assert "mesurer DLCO" in render(Reminders([], [(found, case)], day, 0), words("fr")).html
print(render(MutedKinds(frozenset()), words("en")).rows)
"""
    status, said = copy.run("-c", seen)
    assert (status, "A measurement is due" in said) == (0, True), said
    assert len(copy.changed) == 3


def test_a_question_is_two_files(copy: Copy) -> None:
    """
    Its text in either language, and nothing else, is what is asked.
    """
    for language in ("en", "fr"):
        path, key = f"bot/locale/{language}/LC_MESSAGES/protocol.po", 'msgid "item.dlco.question"\nmsgstr "'
        copy.put(path, "DLCO ? ", after=key)
    seen = """
from bot.rules.versions import LATEST
from bot.texts import words
for language in ("en", "fr"):
    assert words(language).question(LATEST.recipient.item["dlco"], "recipient").startswith("DLCO ? ")
"""
    assert copy.run("-c", seen) == (0, "")
    assert len(copy.changed) == 2


def test_an_item_that_is_named_elsewhere_is_there() -> None:
    """
    Where a table speaks of an item by its key, one is declared under it.
    """
    known = {key for one in PROTOCOLS.values() for kind in Kind for key in one.population(kind).item}
    answers = table("answers")["options"]
    for named in (SLIPS, NAMED_OPTIONS, (CONSENT,), table("names"), answers, *WELL.values()):
        assert set(named) <= known
