"""
Documents are held to the program: what they name exists, and what exists they name.
"""

import re
from pathlib import Path

import pytest

from bot.handlers.routes import COMMANDS
from bot.settings import Settings

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = {page.name: page.read_text() for page in PAGES}
EVERYTHING = "\n".join(TEXT.values())
PATHS = re.compile(r"`((?:bot|db|tests|docs|deploy)/[\w./-]*|[\w-]+\.(?:md|yaml|toml|txt))`")
LINKS = re.compile(r"\]\((?!https?:)([^)#]+)")
OUTSIDE = {"deploying.md"}
"""What is run on a server of one's own: names of files there are no paths here."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_and_links_lead_somewhere(page: Path) -> None:
    """
    Every file or folder that a page names is there.
    """
    paths = {ROOT / path for path in PATHS.findall(TEXT[page.name])}
    links = {page.parent / link for link in LINKS.findall(TEXT[page.name])}
    assert [str(path) for path in paths | links if not path.exists()] == []


def test_make_targets_exist() -> None:
    """
    Every `make TARGET` is one of the Makefile's.
    """
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", EVERYTHING, re.MULTILINE)) <= targets


def test_every_setting_is_told_of_and_no_other() -> None:
    """
    The table of settings, the example file and the program name the same.
    """
    table = set(re.findall(r"`([A-Z][A-Z_]{4,})`", TEXT["operating.md"].split("## Settings")[1].split("\n## ")[0]))
    declared = {name.upper() for name in Settings.model_fields}
    levels = {"DEBUG", "INFO", "WARNING", "ERROR"}
    assert table - levels == declared
    assert set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)) == declared
    assert set(re.findall(r"`([A-Z]+_[A-Z_]+)`", EVERYTHING)) <= declared


def test_every_command_of_the_chat_is_told_of_and_no_other() -> None:
    """
    The table of commands and the program name the same.
    """
    named = set(re.findall(r"^\| [^|]*", TEXT["using.md"], re.MULTILINE))
    assert {word for cell in named for word in re.findall(r"`/([a-z]+)", cell)} == set(COMMANDS)
    told = re.findall(r"`/([a-z]+)[` ]", "\n".join(text for name, text in TEXT.items() if name not in OUTSIDE))
    assert set(told) - set(COMMANDS) <= {"healthz", "metrics", "telegram", "as"}


def test_the_readme_is_short() -> None:
    """
    Whoever is new reads it to the end.
    """
    assert len(TEXT["README.md"].splitlines()) <= 150
