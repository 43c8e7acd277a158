"""
`python -m bot` as a process of its own: what it makes, and what it leaves alone.
"""

import os
from pathlib import Path
from pkgutil import iter_modules

import pytest

from bot import commands
from bot.__main__ import main
from tests.commands import started
from tests.commands.started import Ended

ROOT = Path(__file__).parents[2]


def run(folder: Path, line: str) -> Ended:
    """
    Run a command in a folder, as somebody whose files anybody may read.
    """
    return started.run(folder, *line.split(), environment={"PATH": os.environ["PATH"]})


LOOKING = ("audit verify", "audit anchor heads", "rebuild", "keys rotate", "purge --yes", "backup copy", "sites list")
LOOKING += ("people list", "people deactivate 1", "people enrol 1")


@pytest.mark.parametrize("line", LOOKING)
def test_a_command_that_looks_makes_no_database(tmp_path: Path, line: str) -> None:
    """
    With a mistyped address it says so, instead of finding nothing wrong with nothing.
    """
    done = run(tmp_path, line)
    assert (done.status, done.output.decode()) == (2, "")
    assert (
        done.errors.decode() == "DATABASE_URL: there is nothing there yet; the bot makes its database when it starts\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_what_is_made_is_for_its_own_user_alone(tmp_path: Path) -> None:
    """
    Whatever others may read of what that user makes elsewhere.
    """
    assert run(tmp_path, "sites add Two").status == 0
    made = [path for path in tmp_path.rglob("*") if "__pycache__" not in path.parts]
    assert {path.name for path in made} >= {"screening.db", "audit.key"}
    assert {oct(path.stat().st_mode & 0o077) for path in made} == {"0o0"}


def test_an_anchor_makes_no_folder(tmp_path: Path) -> None:
    """
    A disk that is not mounted is said to be missing, and nothing is put in its place.
    """
    assert run(tmp_path, "sites add Two").status == 0
    done = run(tmp_path, "audit anchor away/heads")
    assert (done.status, done.output.decode()) == (2, "")
    assert done.errors.decode() == "away/heads: the anchor cannot be written: No such file or directory\n"
    assert not (tmp_path / "away").exists()


@pytest.mark.parametrize("name", [module.name for module in iter_modules(commands.__path__)])
def test_every_file_of_the_room_is_a_command(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """
    It is found by its name, says its arguments, and is listed with what it is for.
    """
    for arguments in ([name, "--help"], ["--help"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0
        assert f" {name} " in capsys.readouterr().out
