"""
`python -m bot chat` with its input from a pipe holds a conversation.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import started

ROOT = Path(__file__).parents[2]


def chat(folder: Path, *lines: str, language: str = "en_GB.UTF-8", end: str = "\n") -> str:
    """
    What the terminal shows when these lines come through a pipe.
    """
    ended = started.run(
        folder,
        "chat",
        environment={"PATH": os.environ["PATH"], "LANG": language, **_in(folder)},
        given=("\n".join(lines) + end).encode("utf-8", "surrogateescape"),
    )
    assert ended.status == 0, ended.errors.decode()
    assert ended.errors == b""
    return ended.output.decode()


def _in(folder: Path) -> dict[str, str]:
    return {"DATABASE_URL": f"sqlite:///{folder / 'chat.db'}", "AUDIT_KEY_FILE": str(folder / "audit.key")}


class Session:
    """
    A terminal that is held open through pipes: lines go in while what is shown comes out.
    """

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.program = subprocess.Popen(  # noqa: S603  this very program
            [sys.executable, "-m", "bot", "chat", *arguments],
            cwd=folder,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                "LANG": "en_GB.UTF-8",
                **_in(folder),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def say(self, *lines: str) -> None:
        """
        Type lines.
        """
        assert self.program.stdin is not None
        for line in lines:
            self.program.stdin.write(f"{line}\n")
        self.program.stdin.flush()

    def until(self, found: str) -> str:
        """
        The line in which this is shown.
        """
        assert self.program.stdout is not None
        for line in self.program.stdout:
            if found in line:
                return line.strip()
        raise AssertionError(f"{found!r} is not shown")

    def end(self) -> str:
        """
        All that is still shown until the input ends.
        """
        rest, _ = self.program.communicate(timeout=120)
        assert self.program.returncode == 0
        return rest


def test_a_whole_team_is_played_in_one_terminal(tmp_path: Path) -> None:
    """
    The administrator invites, Bob opens the link and accepts, and the administrator reads that he joined.
    """
    session = Session(tmp_path)
    session.say("/invite", "Coordinator", "01 Site 01")
    link = session.until("https://t.me/local_bot?start=")
    session.say("/as Bob", link, "Accept", "New donor", "45", "/as", "/as bob", "2")
    shown = session.end()
    bob, you, again = re.split(r"^=== .*\n", shown, flags=re.MULTILINE)[1:]
    assert "--- Bob" in bob
    assert "by You: coordinator of site 01" in bob
    assert "01-D-001" in bob
    assert "Bob joined as coordinator of site 01." in you
    assert "01-D-001" not in you
    assert "✓ Sex: Male" in again
    assert "(card removed)" not in again


def test_a_notice_leaves_the_buttons_of_the_card_their_numbers(tmp_path: Path) -> None:
    """
    A question stands when the notice comes: number and words still press it; the notice has numbers of its own from 101
    on, which press it whatever the card asks.
    """
    session = Session(tmp_path)
    session.say("/invite", "Coordinator", "01 Site 01")
    link = session.until("https://t.me/local_bot?start=")
    session.say("/new donor", "/as Bob", link, "Accept", "/as", "45", "2", "#101")
    you = re.split(r"^=== you\n", session.end(), flags=re.MULTILINE)[1]
    assert "[#101] ↩ Undo" in you
    assert "✓ Age: 45 years" in you
    assert "✓ Sex: Male" in you
    assert "✗ Remove: coordinator of site 01" in last_card(you)


def test_each_person_of_a_terminal_has_a_chat_of_their_own(tmp_path: Path) -> None:
    """
    The same name is the same person, in the next start too; another is a stranger; You is the first.
    """
    session = Session(tmp_path, "--as", "Ada")
    session.say("/invite", "Monitor", "All sites")
    link = session.until("https://t.me/local_bot?start=")
    session.end()
    assert "Before you start" in chat(tmp_path, "/as Bob", link, "/as You", "hello")
    second = chat(tmp_path, "/as  ADA", "/as", "/as bob", "Accept")
    assert "This bot serves the staff" in second.partition("=== ADA")[0]
    assert "Screening for" in second.partition("=== ADA")[2]
    assert "Welcome to the team" in second


def last_card(shown: str) -> str:
    """
    The last message drawn.
    """
    return shown.rpartition("--- ")[2]


def test_a_conversation_comes_through_a_pipe(tmp_path: Path) -> None:
    """
    Buttons by their words and by their number, typed answers, and every change of the card drawn.
    """
    shown = chat(tmp_path, "New donor", "45", "2", "yes", "No")
    assert "01-D-001" in shown
    assert "✓ Age: 45 years" in shown
    assert "✓ Sex: Male" in shown
    assert "✓ Consent signed: Yes" in shown
    assert "D-I4" in last_card(shown)
    assert "Finish" in last_card(shown)


def test_a_second_start_goes_on_where_the_first_ended(tmp_path: Path) -> None:
    """
    The same question, and no second welcome.
    """
    first = chat(tmp_path, "New donor", "45")
    second = chat(tmp_path, "1")
    assert "Is she" not in first
    assert "Welcome" not in second
    assert "✓ Sex: Female" in second
    assert "childbearing" in last_card(second)


def test_a_number_is_an_answer_where_one_is_typed_and_a_button_with_a_hash(tmp_path: Path) -> None:
    """
    On a typed question "1" is the value and "#1" the first button.
    """
    shown = chat(tmp_path, "New recipient", "#1", "Back", "44")
    assert "⏳ Age" in shown
    assert "✓ Age: 44 years" in shown
    assert "[#1]" in shown


def test_a_button_is_named_whatever_its_sign_and_letter_case(tmp_path: Path) -> None:
    """
    "why?" presses Why?, "return" presses Return.
    """
    shown = chat(tmp_path, "new DONOR", "why?", "return", "pause")
    assert "Why Age" in shown
    assert "01-D-001" in last_card(shown)
    assert "Cases" in last_card(shown)


def test_it_speaks_the_language_of_the_terminal(tmp_path: Path) -> None:
    """
    French where LANG is French; buttons by their French words.
    """
    shown = chat(tmp_path, "Nouveau receveur", "45", "Oui", language="fr_FR.UTF-8")
    assert "2013 : Oui" in shown.replace("\xa0", " ").replace("\u202f", " ")


@pytest.mark.parametrize("end", ["", "\n", "\n\n\n"])
def test_it_ends_with_its_input(tmp_path: Path, end: str) -> None:
    """
    With or without a last line end; empty lines say nothing.
    """
    shown = chat(tmp_path, "New donor", "45", end=end)
    assert "✓ Age: 45 years" in shown


def test_no_input_at_all_shows_the_welcome(tmp_path: Path) -> None:
    """
    And leaves.
    """
    assert "New recipient" in chat(tmp_path, end="")


def test_words_that_are_no_button_are_typed(tmp_path: Path) -> None:
    """
    A refused entry shows what is expected; bytes that are no text do no harm.
    """
    shown = chat(tmp_path, "New donor", "forty-five", "45", "\udcff")
    assert shown.count("0 to 120") > 1
    assert "✓ Age: 45 years" in shown
    assert "sex" in last_card(shown)


def test_make_chat_begins_as_oneself() -> None:
    """
    Make has variables of its own, and none of them is taken for somebody's name.
    """
    make = shutil.which("make")
    assert make is not None
    folder = Path(__file__).parents[2]

    def line(*arguments: str) -> str:
        command = [make, "--dry-run", "chat", *arguments]
        return subprocess.run(command, cwd=folder, capture_output=True, check=True, text=True).stdout  # noqa: S603

    assert "--as" not in line()
    assert '--as "Marie C"' in line("WHO=Marie C")
